"""Windows: how a labeller that was trained elsewhere is asked, and where it came from. Knows no network and no card.

Such a labeller takes windows of one length, each scaled by itself, and gives a probability for every sample; what it
says where windows overlap is put together by a rule. All of that belongs to the model: another rule, another pick.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from foreshock.bundle.words import Name, Text
from foreshock.config import Settings

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Corner = Annotated[float, Field(gt=0, le=1e5)]


class Filter(Settings):
    """A Butterworth filter that runs over every unbroken record before anything else.

    Attributes:
        kind: ``highpass``, ``lowpass``, ``bandpass`` or ``bandstop``.
        corners_hz: one corner of the first two kinds, two rising ones of the others.
        order: of the Butterworth filter. zerophase: it runs a second time, backwards.
        channels: pattern of the channels it is meant for (``?`` one character, ``*`` any).
    """

    kind: Literal["highpass", "lowpass", "bandpass", "bandstop"]
    corners_hz: tuple[Corner, ...] = Field(min_length=1, max_length=2)
    order: int = Field(default=4, ge=1, le=20)
    zerophase: bool = False
    channels: Name = "*"

    @model_validator(mode="after")
    def _has_its_corners(self) -> Self:
        due = 2 if self.kind.startswith("band") else 1
        if len(self.corners_hz) != due or list(self.corners_hz) != sorted(set(self.corners_hz)):
            raise ValueError(f"a {self.kind} has {due} rising corners, not {self.corners_hz}")
        return self


class Windows(Settings):
    """How windows are cut, scaled, put together and read.

    Attributes:
        overlap_samples: that neighbouring windows share; the last window ends with the record.
        stacking: what is said several times becomes its mean (``avg``) or its highest value (``max``).
        blinded_samples: at the front and at the end of each window, whose answers are not used.
        detrend: a line is taken out of each component of a window (its mean always is).
        scale: each window is divided by its standard deviation (``std``) or its largest value (``peak``).
        over: these are of each ``component``, or of the ``window`` as a whole.
        taper_samples: at either end of a window, faded by a cosine after scaling.
        filters: run over the record before it is brought to the rate of the network.
        zerophase: so is the filter against aliasing where the rate falls by a whole factor.
        onsets: the height of a peak that is a pick, by class; a pick ends at half of it.
        detection: the class that tells of earthquakes as a whole, if there is one. detection_threshold: its height.
    """

    overlap_samples: int = Field(ge=0)
    stacking: Literal["avg", "max"]
    blinded_samples: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 0)
    detrend: bool = False
    scale: Literal["std", "peak"]
    over: Literal["component", "window"] = "component"
    taper_samples: int = Field(default=0, ge=0, le=10_000)
    filters: tuple[Filter, ...] = Field(default=(), max_length=16)
    zerophase: bool = True
    onsets: dict[Name, Annotated[float, Field(gt=0, lt=1)]] = Field(min_length=1)
    detection: Name | None = None
    detection_threshold: float = Field(default=0.3, gt=0, lt=1)

    def contradiction(self, window_samples: int, *, classes: tuple[str, ...]) -> str:
        """What in here does not fit a network, in words; nothing where all fits."""
        named = {*self.onsets, *([self.detection] if self.detection else [])}
        if self.overlap_samples >= window_samples:
            return f"windows of {window_samples} samples overlap by {self.overlap_samples}"
        if sum(self.blinded_samples) >= window_samples or 2 * self.taper_samples > window_samples:
            return f"nothing is left of windows of {window_samples} samples"
        if named - set(classes):
            return f"onsets {sorted(named)} are not all among the classes {classes!r}"
        return ""


class Origin(Settings):
    """Where a network that was not trained here came from.

    Attributes:
        family: whose format and architecture it was, e.g. ``seisbench``. architecture: its name there.
        version: of the software that read it.
        description, citation: what its files and its architecture say about themselves.
        files: SHA-256 of the files it was made from, by name.
        arguments: what the architecture was built with.
    """

    family: Name
    architecture: Name
    version: Name
    description: Text = ""
    citation: Text = ""
    files: dict[Name, Sha256] = Field(default_factory=dict, max_length=100)
    arguments: dict[Name, JsonValue] = Field(default_factory=dict, max_length=100)
