"""Truth: what truly happened: events, arrivals, shaking at sites, adversaries. Knows no run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from foreshock.errors import InputError
from foreshock.geo import check_place

EVENT_COLUMNS = ("event_id", "time_ns", "latitude", "longitude", "depth_km", "magnitude", "kind")
ARRIVAL_COLUMNS = ("event_id", "station_id", "p_ns", "s_ns")
SITE_COLUMNS = ("event_id", "site_id", "intensity", "threshold", "crossed_ns", "s_ns")
QUAKES = frozenset({"", "earthquake", "quake", "local", "finite_fault", "twin", "mainshock", "foreshock", "aftershock"})
"""Kinds of events that are to be warned of; a blast or a teleseism is not."""


@dataclass(frozen=True, slots=True)
class Adversary:
    """Something that is no earthquake nearby and may look like one: its kind, and from when to when it was there."""

    kind: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, eq=False)
class WarningTruth:
    """What truly happened.

    Attributes:
        name: which truth this is; runs under one truth share its events.
        events: a row an event, `EVENT_COLUMNS`, unknown numbers NaN.
        arrivals: P and S at stations, `ARRIVAL_COLUMNS`; may be empty.
        sites: shaking at sites, `SITE_COLUMNS`; may be empty. adversaries: what was presented beside.
        synthetic: whether somebody made it up.

    Raises:
        InputError: a column is missing, an id stands twice, or a place is none.
    """

    name: str
    events: pd.DataFrame
    arrivals: pd.DataFrame
    sites: pd.DataFrame
    adversaries: tuple[Adversary, ...] = ()
    synthetic: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = {"events": EVENT_COLUMNS, "arrivals": ARRIVAL_COLUMNS, "sites": SITE_COLUMNS}
        for table, columns in wanted.items():
            missing = [name for name in columns if name not in getattr(self, table)]
            if missing:
                raise InputError(f"{table} of truth {self.name}", f"columns {missing} are missing", "give them all")
        twice = self.events["event_id"][self.events["event_id"].duplicated()]
        if len(twice):
            raise InputError(f"event {twice.iloc[0]!r} of truth {self.name}", "it stands twice", "give each its own id")
        if len(self.events):
            check_place(
                self.events["latitude"].to_numpy(float), self.events["longitude"].to_numpy(float), whose="truth"
            )

    @property
    def quakes(self) -> pd.DataFrame:
        """The events that are to be warned of."""
        kinds = self.events["kind"].astype(str).str.lower()
        return self.events[kinds.isin(QUAKES)].reset_index(drop=True)
