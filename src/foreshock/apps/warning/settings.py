"""Settings of the warning engine, each part beside what it turns. Knows no files."""

from __future__ import annotations

from pydantic import Field

from foreshock.config import Settings


class StreamSettings(Settings):
    """How packets become streams.

    Attributes:
        tick_s: packets that arrive within one tick are used together; ticks are counted from the epoch.
        wait_s: how long, in arrival time, a hole is left open for a late packet.
        warm_s: seconds of data after a beginning before anything is believed.
        bridge_s: a hole in data up to this long is bridged; after a longer one a stream begins anew.
        ahead_s: data from further in the future than this is refused.
        behind_s: data that are older than this when they arrive are refused.
        stale_s: a station of which nothing has come for longer is stale.
        ring_s: seconds of each quantity that are kept.
    """

    tick_s: float = Field(default=0.02, ge=0.001, le=1.0)
    wait_s: float = Field(default=3.0, ge=0, le=60)
    warm_s: float = Field(default=15.0, ge=0, le=600)
    bridge_s: float = Field(default=1.0, ge=0, le=10)
    ahead_s: float = Field(default=2.0, ge=0)
    behind_s: float = Field(default=600.0, gt=0)
    stale_s: float = Field(default=10.0, gt=0)
    ring_s: float = Field(default=60.0, ge=20, le=600)


class TriggerSettings(Settings):
    """When a station has heard something.

    Attributes:
        sta_s, lta_s: memories of the two averages of energy.
        on, off: the ratio of the two averages that begins a trigger; the ratio below which it ends.
        judge_s: seconds after a trigger that are heard before it is believed.
        least_snr: peak after the onset over the noise's rms before it, in the trigger's band.
        onset_s: how far before a trigger its onset is looked for.
        quiet_s: after an onset nothing new is heard of the vertical for so long.
    """

    sta_s: float = Field(default=0.3, gt=0)
    lta_s: float = Field(default=20.0, gt=0)
    on: float = Field(default=9.0, gt=1)
    off: float = Field(default=2.0, gt=0)
    judge_s: float = Field(default=0.2, ge=0.05, le=2)
    least_snr: float = Field(default=5.0, gt=1)
    onset_s: float = Field(default=1.5, ge=0.3, le=10)
    quiet_s: float = Field(default=1.0, ge=0)


class EventSettings(Settings):
    """How triggers become earthquakes.

    Attributes:
        most_km: how far from its first station an earthquake may lie.
        onset_sigma_s, model_sigma: error of an onset; error of a travel time, as a share of it.
        noise_per_hour: triggers of noise an hour at one station, before it is known better.
        events_per_day: earthquakes a day within reach of one station, of magnitude `least_magnitude` and more.
        least_magnitude, most_magnitude, b_value: of the prior (Gutenberg-Richter).
        forget_s: an open trigger or a quiet event is let go after so long in data time.
    """

    most_km: float = Field(default=150.0, gt=10, le=1000)
    onset_sigma_s: float = Field(default=0.15, gt=0)
    model_sigma: float = Field(default=0.03, ge=0)
    noise_per_hour: float = Field(default=4.0, gt=0)
    events_per_day: float = Field(default=2.0, gt=0)
    least_magnitude: float = Field(default=1.5)
    most_magnitude: float = Field(default=8.6)
    b_value: float = Field(default=1.0, gt=0)
    forget_s: float = Field(default=90.0, gt=0)


class PolicySettings(Settings):
    """When people are told, and when again.

    Attributes:
        provisional_stations, confirmed_stations: stations with P that each kind needs.
        provisional_probability, confirmed_probability: of being a local earthquake.
        alert_magnitude: an event is told when it is likelier than `magnitude_probability` to be at least so large.
        magnitude_probability: see `alert_magnitude`.
        update_magnitude, update_km: a change that is told again.
        update_s: a change is not told more often than this.
        pause_s: a provisional alert is followed by nothing but a confirmation for so long.
        provisional_km: the area that a provisional alert warns at most.
        hold_probability: an alert is withdrawn when the probability falls below this.
        alert_intensity: the area to be warned reaches to where this intensity is expected.
        life_s: time to live of a message.
    """

    provisional_stations: int = Field(default=2, ge=1)
    confirmed_stations: int = Field(default=4, ge=2)
    provisional_probability: float = Field(default=0.98, gt=0, lt=1)
    confirmed_probability: float = Field(default=0.99, gt=0, lt=1)
    alert_magnitude: float = 3.5
    magnitude_probability: float = Field(default=0.3, gt=0, lt=1)
    update_magnitude: float = Field(default=0.3, gt=0)
    update_km: float = Field(default=10.0, gt=0)
    update_s: float = Field(default=1.0, ge=0)
    pause_s: float = Field(default=0.0, ge=0)
    provisional_km: float = Field(default=100.0, gt=0)
    hold_probability: float = Field(default=0.2, ge=0, lt=1)
    alert_intensity: float = 3.5
    life_s: float = Field(default=60.0, gt=0)


class WarningSettings(Settings):
    """Everything the engine can be told; the tables of a settings file have the names of these parts."""

    stream: StreamSettings = StreamSettings()
    trigger: TriggerSettings = TriggerSettings()
    event: EventSettings = EventSettings()
    policy: PolicySettings = PolicySettings()
    relation: str = "wu_zhao_2006"
    """Which scaling relation sizes an earthquake (see `relations`)."""
