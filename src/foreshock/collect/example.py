"""An example that needs no file: the local earthquake whose recording ships with ObsPy. Knows no other recording."""

from __future__ import annotations

from foreshock.collect.obspy_door import from_obspy
from foreshock.types.waveform import Waveform


def example_waveform() -> Waveform:
    """Give 30 s of a local earthquake at BW.RJOB (2009-08-24, 100 Hz, three components, counts).

    >>> example_waveform().components
    'ZNE'
    """
    from obspy import read

    return from_obspy(read())[0]
