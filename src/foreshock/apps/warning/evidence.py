"""Evidence: what stations say about one possible earthquake, as arrays, by data time alone. Knows no hypotheses.

A station that has not triggered is silent only up to its watermark: what is late is not silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.types.arrays import Float64


@dataclass(frozen=True, eq=False)
class Evidence:
    """Onsets and silences; times in seconds after one reference, arrays (pick,) and (silent,).

    Attributes:
        latitude, longitude: of the stations with an onset. time_s, sigma_s: of the onsets.
        level: log10 of how far each stands above its noise.
        noise_rate: onsets of noise a second that the station has had lately.
        disturbances_per_s: how often the network is disturbed by what many stations feel at once.
        silent_latitude, silent_longitude: of stations that heard nothing. until_s: up to when they would have said so.
    """

    latitude: Float64
    longitude: Float64
    time_s: Float64
    sigma_s: Float64
    level: Float64
    noise_rate: Float64
    disturbances_per_s: float
    silent_latitude: Float64
    silent_longitude: Float64
    until_s: Float64

    def __len__(self) -> int:
        return len(self.time_s)
