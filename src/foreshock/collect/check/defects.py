"""The defects that can be found in recordings and labels, and the tally that counts them. Knows no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

SEVERITIES = ("error", "warning", "note")
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Defect:
    """A kind of defect: its code, how grave it is, one sentence, what to do."""

    code: str
    severity: str
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect that was found: how often, among how many, where first, and with which figures.

    Attributes:
        code, severity, sentence, remedy: of the defect.
        count: items that show it; `total` items were looked at.
        examples: the first few items.
        detail: figures, or empty.
    """

    code: str
    severity: str
    count: int
    total: int
    examples: tuple[str, ...]
    sentence: str
    remedy: str
    detail: str = ""


_TABLE = (
    # samples
    ("UNREADABLE", "error", "the samples cannot be read", "fetch the file again or drop these items"),
    ("NAN_SAMPLES", "error", "samples are NaN or infinite", "mask or drop them: one NaN spoils a training run"),
    ("FLAT_CHANNEL", "warning", "a channel that should be there never moves", "mask the channel or drop the record"),
    ("FLAT_SPAN", "warning", "a moving channel stands still for a second or more", "mask the span: it is a filled gap"),
    ("DC_OFFSET", "note", "the mean is more than five times the motion about it", "detrend before filtering"),
    (
        "CLIPPED",
        "warning",
        "the tops are cut off at one level",
        "drop or mask: amplitudes are too small",
    ),
    ("SPIKE", "warning", "single samples stand far outside their neighbours", "mask them before filtering"),
    ("DUPLICATE_CHANNEL", "warning", "two channels hold the same motion", "find the real second channel or mask one"),
    ("SHORT_RECORD", "warning", "fewer than 100 samples", "drop them: no window fits"),
    ("BELOW_NLNM", "warning", "noise lies below Peterson's low-noise model", "a dead sensor or a wrong sensitivity"),
    ("ABOVE_NHNM", "note", "noise lies above Peterson's high-noise model", "a poor site or a wrong sensitivity"),
    # continuity and names
    ("GAP", "warning", "samples are missing between two pieces", "mask the gap; do not join over it"),
    ("OVERLAP", "warning", "two pieces of one channel cover the same time", "keep one of them"),
    ("MIXED_RATES", "error", "one channel comes with different sampling rates", "resample or separate them"),
    ("MISSING_COMPONENT", "note", "fewer than three components", "models get a zero channel and its mask"),
    ("DUPLICATE_TRACE", "warning", "the same samples appear under two names", "drop one: it counts twice"),
    ("DUPLICATE_NAME", "error", "one name is used for two rows", "make names unique"),
    ("UNNAMED_STATION", "warning", "there is no station code", "name the station, else groups cannot be told apart"),
    # instruments
    ("RESPONSE_MISSING", "warning", "the station file does not know the channel", "add its StationXML"),
    ("RESPONSE_EPOCH", "error", "no response epoch covers the samples", "fetch StationXML for that time"),
    ("ZERO_SENSITIVITY", "error", "the total sensitivity is zero or not told", "correct the StationXML"),
    ("RESPONSE_UNIT", "warning", "the sensitivity's unit is not what the channel's code promises", "correct the unit"),
    ("POLARITY", "warning", "P moves against the direction of the source: vertical reversed", "flip Z or check it"),
    ("SWAPPED_COMPONENTS", "warning", "P points elsewhere: horizontals swapped or reversed", "check N and E"),
    (
        "COMPONENT_ORDER",
        "error",
        "P is stronger on a row that is not called Z",
        "name component_order in a mapping file",
    ),
    # metadata
    ("BAD_METADATA", "error", "a value in the metadata cannot be used", "correct that cell"),
    ("RATE_MISMATCH", "error", "sampling rates in the metadata contradict each other", "correct the metadata"),
    ("LENGTH_MISMATCH", "error", "trace_npts is not the number of samples stored", "correct the metadata"),
    ("COORDINATES_RANGE", "error", "coordinates lie outside the Earth's", "check latitude and longitude"),
    ("DISTANCE_MISMATCH", "warning", "the distance is not that of the coordinates", "recompute it"),
    ("AZIMUTH_MISMATCH", "warning", "the back azimuth is not that of the coordinates", "recompute it"),
    ("MAGNITUDE_RANGE", "error", "magnitude outside -3 … 10", "find the code that means unknown"),
    ("DEPTH_RANGE", "warning", "depth outside -10 … 750 km", "find the code that means unknown, or metres"),
    # labels
    ("P_OUTSIDE", "error", "the P arrival lies outside the trace", "drop the label or the record"),
    ("S_OUTSIDE", "warning", "the S arrival lies outside the trace", "drop the label"),
    ("S_BEFORE_P", "error", "S arrives before P", "swap or drop the labels"),
    ("P_BEFORE_ORIGIN", "error", "P arrives before the earthquake began", "correct the times"),
    ("TRAVEL_TIME", "warning", "P would travel slower than 1.4 or faster than 14 km/s", "correct times or places"),
    ("PICK_RESIDUAL", "warning", "labels differ from the onset in the samples", "re-pick, or allow for it"),
    ("LOW_SNR", "note", "signal after P is less than twice the noise before it", "label noise: weigh or drop"),
    ("CLASS_IMBALANCE", "warning", "one class outnumbers another by more than ten to one", "weigh the classes"),
    ("CONSTANT_LABEL", "warning", "every record has the same label", "nothing can be learnt from it"),
    # splits
    ("SPLIT_MISSING", "note", "records belong to no split", "they are split by event here, or left out"),
    ("SPLIT_UNKNOWN", "error", "the split has an unknown name", "use train, dev and test"),
    ("SPLIT_EVENT_LEAK", "error", "an event stands on two sides of the split", "split by event"),
    ("SPLIT_WAVEFORM_LEAK", "error", "the same samples stand on two sides of the split", "drop one of them"),
)
DEFECTS: Mapping[str, Defect] = MappingProxyType({row[0]: Defect(*row) for row in _TABLE})
"""Every defect by its code."""


class Tally:
    """Counts items by defect and keeps the first few of each."""

    def __init__(self) -> None:
        self._count: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}
        self._detail: dict[str, str] = {}
        self._severity: dict[str, str] = {}
        self._total: dict[str, int] = {}

    def add(
        self,
        code: str,
        items: Iterable[str],
        *,
        detail: str = "",
        severity: str | None = None,
        total: int | None = None,
    ) -> None:
        """Note that these items show a defect.

        Args:
            code: of the defect.
            items: their names.
            detail: figures.
            severity: instead of the usual one.
            total: how many were looked at, where that is not the number of records or traces (stations, events).
        """
        named = list(items)
        if not named:
            return
        self._count[code] = self._count.get(code, 0) + len(named)
        shown = self._examples.setdefault(code, [])
        shown += named[: MOST_EXAMPLES - len(shown)]
        if detail:
            self._detail.setdefault(code, detail)
        if total is not None:
            self._total[code] = total
        if severity is not None:
            self._severity[code] = severity

    def findings(self, total: int) -> tuple[Finding, ...]:
        """What was found, the gravest first."""
        found = [self._finding(code, total) for code in DEFECTS if code in self._count]
        return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))

    def _finding(self, code: str, total: int) -> Finding:
        defect = DEFECTS[code]
        return Finding(
            code,
            self._severity.get(code, defect.severity),
            self._count[code],
            max(self._total.get(code, total), self._count[code]),
            tuple(self._examples[code]),
            defect.sentence,
            defect.remedy,
            self._detail.get(code, ""),
        )
