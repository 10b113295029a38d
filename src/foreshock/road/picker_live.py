"""Picker live: the picker for streams, made by the same road as the one for recordings. Knows no layers."""

from __future__ import annotations

from functools import partial

from foreshock.predict.pick.live import LivePickerSettings
from foreshock.predict.pick.live_records import LivePickerOnRecords
from foreshock.road.picker import Making


def hop_by_hop() -> Making:
    """The picker that takes a stream hop by hop: pass it to `train_picker`.

    Its thresholds and probabilities are set on whole development records, which it hears as streams.

    Raises:
        MissingExtraError: torch is not installed.
    """
    from foreshock.models.picker_live import CORNERS, PickerLive
    from foreshock.train.picker.live import live_bundle

    at_first = partial(LivePickerOnRecords, settings=LivePickerSettings(revises=False))
    return Making("picker-live", PickerLive, live_bundle, at_first, CORNERS, settled=LivePickerOnRecords)
