"""Card: what a model is, what it was made from and what its numbers mean. Knows no files, no ONNX and no torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, ValidationError, model_validator

from foreshock.bundle.windows import Origin, Windows
from foreshock.bundle.words import Name, Text
from foreshock.config import Settings
from foreshock.errors import BundleError, nearest
from foreshock.types.waveform import COMPONENTS

FORMAT_VERSION = 1
"""The version of the bundle format this code writes, and the newest it reads."""

MAX_WINDOW_SAMPLES = 10_000_000
MAX_NAMES = 10_000
MAX_JSON_DEPTH = 32
_KNOWN_TASKS = {
    "detect": ("classify",),
    "classify": ("classify",),
    "magnitude": ("regress",),
    "pick": ("label",),
    "source": ("source",),
}


class DataUsed(Settings):
    """A data set the model has learnt from, with its owner's terms."""

    name: Name
    n_records: int | None = Field(default=None, ge=0)
    licence: Text = ""
    terms: Text = ""
    source: Text = ""
    sha256: Text = ""


class Training(Settings):
    """How the model was made: data, sizes of the splits, settings, seed, and one row of numbers an epoch."""

    data: tuple[DataUsed, ...] = ()
    split_sizes: dict[Name, int] = Field(default_factory=dict)
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    seed: int | None = None
    history: tuple[dict[Name, float | int | None], ...] = ()


class Measured(Settings):
    """A score with its interval; `value` is None where the score is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    n_events: int | None = None
    split: str = "dev"


class Residuals(Settings):
    """Quantiles of truth minus prediction on records the model has not learnt from, in the unit of the target."""

    q05: float
    q50: float = 0.0
    q95: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.q05 <= self.q50 <= self.q95:
            raise ValueError(f"residual quantiles {self.q05}, {self.q50}, {self.q95} fall")
        return self


class ReliabilityBin(Settings):
    """Of `n` picks whose probability lay in a range, what was said on average and how many were right."""

    n: int = Field(ge=1)
    said: float = Field(ge=0, le=1)
    right: float = Field(ge=0, le=1)


class Onset(Settings):
    """How a phase is read off its curve.

    Attributes:
        threshold: a peak this high is a pick.
        alone_threshold: of an S without a P in the minute before it; None: the same.
        offset, slope: its probability is 1 / (1 + exp(-(offset + slope · log(h / (1 - h))))), h being its height.
        sigma_factor: spread of the time over the spread of a normal curve as wide as the peak.
        false_per_hour, quiet_hours: picks an hour at this threshold where there was nothing, and on how much of it.
        reliability: probabilities against what became of them, on the records that set them.
    """

    threshold: float = Field(gt=0, lt=1)
    alone_threshold: float | None = Field(default=None, gt=0, lt=1)
    offset: float = Field(default=0.0, ge=-100, le=100)
    slope: float = Field(default=1.0, gt=0, le=100)
    sigma_factor: float = Field(default=1.0, gt=0, le=100)
    false_per_hour: float | None = Field(default=None, ge=0)
    quiet_hours: float | None = Field(default=None, ge=0)
    reliability: tuple[ReliabilityBin, ...] = Field(default=(), max_length=100)


class Domain(Settings):
    """Where a labeller's training picks lie among their descriptions (see `predict.pick.domain`).

    Attributes:
        mean, root: the distance of a description f is |root · (f - mean)|.
        limit: the distance that counts as 1.
        n: picks this rests on.
    """

    mean: tuple[float, ...] = Field(min_length=1, max_length=100)
    root: tuple[tuple[float, ...], ...] = Field(min_length=1, max_length=100)
    limit: float = Field(gt=0)
    n: int = Field(ge=2)

    @model_validator(mode="after")
    def _is_square(self) -> Self:
        if any(len(row) != len(self.mean) for row in self.root) or len(self.root) != len(self.mean):
            raise ValueError(f"root is not square, or not of the {len(self.mean)} values of the mean")
        return self


MOST_KEPT = 1 << 20
"""Numbers that may be kept of one stream."""


class Delay(Settings):
    """Numbers that a network says at one window and hears again at later ones.

    Attributes:
        width: how many.
        windows: after how many windows they come back; longer ago first, as they stand in the network's `state`.
    """

    width: int = Field(ge=1, le=1 << 16)
    windows: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(min_length=1, max_length=64)

    @property
    def n_heard(self) -> int:
        """How many numbers of it a window hears."""
        return self.width * len(self.windows)

    @property
    def n_kept(self) -> int:
        """How many numbers of it must be kept."""
        return self.width * max(self.windows)


class Reach(Settings):
    """What a labeller needs to know about its windows, which may have any length that is a multiple of the stride.

    Attributes:
        stride_samples: windows begin and end at multiples of it, counted from the epoch.
        every_samples: samples between two answers; answer k speaks of sample k · every_samples of a window.
        margin_samples: nothing further away changes an answer; with a state, nothing further ahead.
        corners: of the high-passes through which the network sees each component, in parts of the sampling rate; 0
            leaves it as it is. The input has as many channels as components times corners.
        state_size: numbers that a network hears again of each stream that it takes window by window, its input `state`;
            0: its windows stand alone.
        delays: when it has said these (its output `state_next`), part by part; none: all at the window before.
        later_samples: a network that answers twice gives its second answer when so many samples ahead are known; 0: it
            answers once.
        onsets, later_onsets: of each class that is picked, on the first and on the second answer.
        domain: what the picks learnt from are like; None where nobody looked.
    """

    stride_samples: int = Field(ge=1, le=1 << 16)
    margin_samples: int = Field(ge=0, le=1 << 22)
    every_samples: int = Field(default=1, ge=1, le=1 << 16)
    corners: tuple[Annotated[float, Field(ge=0, lt=0.5)], ...] = Field(default=(0.0,), min_length=1, max_length=16)
    state_size: int = Field(default=0, ge=0, le=1 << 20)
    delays: tuple[Delay, ...] = Field(default=(), max_length=256)
    later_samples: int = Field(default=0, ge=0, le=1 << 16)
    onsets: dict[Name, Onset] = Field(default_factory=dict)
    later_onsets: dict[Name, Onset] = Field(default_factory=dict)
    domain: Domain | None = None

    @model_validator(mode="after")
    def _hears_what_it_says(self) -> Self:
        heard, kept = (sum(getattr(one, name) for one in self.delays) for name in ("n_heard", "n_kept"))
        if self.delays and (heard != self.state_size or kept > MOST_KEPT):
            raise ValueError(
                f"delays hold {kept} numbers and give {heard} a window: "
                f"{self.state_size} are due, and at most {MOST_KEPT} are kept"
            )
        return self

    @property
    def n_said(self) -> int:
        """How many numbers it says at a window to hear them again."""
        return sum(one.width for one in self.delays) or self.state_size


Finite = Annotated[float, Field(ge=-1e9, le=1e9)]
Width = Annotated[float, Field(ge=-1e3, le=1e3)]
Positive = Annotated[float, Field(gt=0, le=1e9)]


class Margins(Settings):
    """What is added to either end of the network's intervals so that they hold what they promise, by elapsed time.

    Attributes:
        magnitude_90, magnitude_50: of q05 to q95 and of q25 to q75, in magnitudes.
        distance_90, distance_50: likewise in decades of distance.
        azimuth_90, azimuth_50: half widths in units of 1 / √(1 + concentration) radians.
    """

    magnitude_90: tuple[Width, ...]
    magnitude_50: tuple[Width, ...]
    distance_90: tuple[Width, ...]
    distance_50: tuple[Width, ...]
    azimuth_90: tuple[Width, ...]
    azimuth_50: tuple[Width, ...]


class SourceDomain(Settings):
    """Where the training records lie: their mean summary, its main axes with their spreads, the rest, and limits.

    Attributes:
        mean: (number,). axes: (axis, number). spread: (axis,). rest: spread in all other directions.
        limits: largest distance that is still inside, by elapsed time.
        counts, velocities: smallest and largest log10 level that was learnt in each unit; None where there was none.
    """

    mean: tuple[Finite, ...] = Field(max_length=1000)
    axes: tuple[tuple[Finite, ...], ...] = Field(max_length=100)
    spread: tuple[Positive, ...] = Field(max_length=100)
    rest: Positive
    limits: tuple[Positive, ...]
    counts: tuple[Finite, Finite] | None = None
    velocities: tuple[Finite, Finite] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.axes) != len(self.spread) or any(len(axis) != len(self.mean) for axis in self.axes):
            raise ValueError(f"{len(self.axes)} axes, {len(self.spread)} spreads and {len(self.mean)} means do not fit")
        return self


class SourceReading(Settings):
    """What a source estimator needs to know about its network.

    Attributes:
        rows: of the network's input. levels: the quantiles it gives, rising.
        elapsed_s: declared times after P, rising; margins and limits stand for these.
        bands_hz: middles of the bands its rows are made of.
        instruments: those with a term of their own, in the order of the context.
        margins: by how the scale is known: ``station``, ``network``, ``velocity`` or ``unknown``.
        domain: where its training records lie.
    """

    rows: int = Field(ge=1, le=10_000)
    levels: tuple[float, ...] = Field(min_length=1, max_length=99)
    elapsed_s: tuple[Positive, ...] = Field(min_length=1, max_length=1000)
    bands_hz: tuple[Positive, ...] = Field(min_length=1, max_length=1000)
    instruments: tuple[Name, ...] = Field(default=(), max_length=MAX_NAMES)
    margins: dict[Literal["station", "network", "velocity", "unknown"], Margins] = Field(default_factory=dict)
    domain: SourceDomain | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name, values in (("levels", self.levels), ("elapsed_s", self.elapsed_s)):
            if any(later <= earlier for earlier, later in pairwise(values)):
                raise ValueError(f"{name} {values[:5]} do not rise")
        if not all(0 < level < 1 for level in self.levels):
            raise ValueError(f"levels {self.levels[:5]} do not lie in 0..1")
        held = [values for margins in self.margins.values() for values in margins.model_dump().values()]
        held += [self.domain.limits] if self.domain else []
        if any(len(values) != len(self.elapsed_s) for values in held):
            raise ValueError(f"margins and limits do not stand for {len(self.elapsed_s)} elapsed times each")
        return self

    @property
    def n_out(self) -> int:
        """Numbers the network gives: two sets of quantiles and a vector."""
        return 2 * len(self.levels) + 2


class Card(Settings):
    """What a bundle says about itself; everything a runtime needs beside the network stands here.

    Attributes:
        format: version of the bundle format.
        name, model: the model's own name; the architecture it is built by.
        task: ``classify``, ``regress``, ``label`` (a class at every sample) or ``source`` (quantiles of what and
            where). problem: ``detect``, ``classify``, ``magnitude``, ``table``, ``pick`` or ``source``.
        classes: names in order of the logits; empty for a regression.
        rate_hz, components, window_samples: what `Examples.x` must be: (example, len(components), window_samples);
            a table has no components and is (example, 1, columns).
        columns: names of a table's columns.
        context: names of the context columns, in the order of the ONNX input ``context``.
        preparation: the settings from which the examples were made, plain values.
        reach: of a labeller made here, windows: of one made elsewhere (one of the two); None otherwise.
        source: of a source estimator, whose input has its own rows, and frames instead of samples; None otherwise.
        origin: where a network came from that was not trained here; None for one that was.
        temperature: logits are divided by it before the softmax (Guo et al. 2017, arXiv:1706.04599).
        target_name, target_mean, target_std: a regression's value is ``target_mean + target_std * output``.
        residuals: quantiles of truth minus prediction, which make q05 and q95.

    >>> card = Card(name="demo", task="classify", problem="detect", model="cnn", classes=("noise", "earthquake"),
    ...             rate_hz=100.0, components="ZNE", window_samples=3000)
    >>> card.n_channels, card.output
    (3, 'logits')
    """

    format: int = Field(default=FORMAT_VERSION, ge=1)
    name: Name
    task: Literal["classify", "regress", "label", "source"]
    problem: Literal["detect", "classify", "magnitude", "table", "pick", "source"]
    model: Name
    classes: tuple[Name, ...] = Field(default=(), max_length=MAX_NAMES)
    rate_hz: float = Field(gt=0, le=1e6)
    components: str = Field(default="ZNE", max_length=len(COMPONENTS))
    window_samples: int = Field(ge=1, le=MAX_WINDOW_SAMPLES)
    columns: tuple[Name, ...] = Field(default=(), max_length=MAX_NAMES)
    context: tuple[Name, ...] = Field(default=(), max_length=MAX_NAMES)
    preparation: dict[str, JsonValue] = Field(default_factory=dict)
    reach: Reach | None = None
    windows: Windows | None = None
    origin: Origin | None = None
    source: SourceReading | None = None
    temperature: float = Field(default=1.0, gt=0, le=1e6)
    thresholds: dict[Name, float] = Field(default_factory=dict)
    target_name: str = Field(default="", max_length=200)
    target_mean: float = 0.0
    target_std: float = Field(default=1.0, gt=0)
    residuals: Residuals | None = None
    training: Training = Training()
    metrics: dict[Name, Measured] = Field(default_factory=dict)
    rivals: dict[Name, dict[str, JsonValue]] = Field(default_factory=dict)
    licence: Text = ""
    versions: dict[Name, Name] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        self._check_task()
        self._check_shape()
        told = self.origin.arguments if self.origin else {}
        for part in (self.preparation, self.training.settings, self.rivals, told):
            if not _is_plain(part):
                raise ValueError(f"a setting holds NaN, Inf or more than {MAX_JSON_DEPTH} levels")
        return self

    def _check_task(self) -> None:
        if self.task not in _KNOWN_TASKS.get(self.problem, (self.task,)):
            raise ValueError(f"problem {self.problem!r} is no task {self.task!r}")
        if (self.task == "label") != sum(part is not None for part in (self.reach, self.windows)):
            said = f"task {self.task!r} with reach {self.reach!r} and windows {self.windows!r}"
            raise ValueError(f"{said}: a labeller has one of them, others have none")
        if self.reach and self.reach.state_size and self.reach.stride_samples != self.window_samples:
            raise ValueError(f"{self.reach!r} with windows of {self.window_samples}: a stream goes by whole windows")
        if (self.task == "source") != (self.source is not None):
            raise ValueError(f"task {self.task!r}: a source estimator tells how it is read, others do not")
        if self.reach and set(self.reach.onsets) - set(self.classes):
            raise ValueError(f"onsets {sorted(self.reach.onsets)} are not all among the classes {self.classes!r}")
        if self.task in ("classify", "label") and len(self.classes) < 2:
            raise ValueError(f"a classifier needs two classes or more, not {self.classes!r}")
        if self.task in ("regress", "source") and self.classes:
            raise ValueError(f"a regression has no classes, not {self.classes!r}")

    def _check_shape(self) -> None:
        for what in (self.classes, self.context, self.columns, tuple(self.components)):
            if len(set(what)) < len(what):
                raise ValueError(f"a name stands twice in {what!r}")
        if set(self.components) - set(COMPONENTS):
            raise ValueError(f"components {self.components!r} are not letters of {COMPONENTS}")
        if self.windows and (wrong := self.windows.contradiction(self.window_samples, classes=self.classes)):
            raise ValueError(wrong)
        if (self.problem == "table") != (self.components == ""):
            raise ValueError(f"components are {self.components!r}: a table has none, a recording has some")
        if self.columns and len(self.columns) != self.window_samples:
            raise ValueError(f"{len(self.columns)} columns are named but window_samples is {self.window_samples}")

    @property
    def n_channels(self) -> int:
        """Number of channels of an example; a table row is one channel, a source has rows."""
        if self.source is not None:
            return self.source.rows
        return len(self.components) or 1

    @property
    def output(self) -> str:
        """Name of the ONNX output."""
        return {"classify": "logits", "regress": "value", "label": "curves", "source": "source"}[self.task]


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a JSON value is finite and not too deep."""
    if depth > MAX_JSON_DEPTH:
        return False
    if isinstance(value, Mapping):
        return all(_is_plain(item, depth + 1) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_is_plain(item, depth + 1) for item in value)
    return not isinstance(value, float) or math.isfinite(value)


def card_from(values: Mapping[str, Any], *, where: str) -> Card:
    """Check a mapping against `Card`.

    Raises:
        BundleError: a key is unknown (the nearest known one is named), missing, or its value breaks a rule.
    """
    unknown = sorted(set(values) - set(Card.model_fields))
    if unknown:
        raise BundleError(
            f"card of {where} has the key {unknown[0][:80]!r}",
            "it is not known",
            nearest(unknown[0], Card.model_fields),
        )
    try:
        return Card.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])[:200]
        shown = f"{key!r} = {_short(first['input'])}" if key else "values that contradict each other"
        rule = str(first["msg"]).removeprefix("Value error, ")
        raise BundleError(f"card of {where} has {shown}", rule, "export the model again") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def card_json(card: Card) -> bytes:
    """Write a card as JSON; equal cards give equal bytes."""
    values = card.model_dump(mode="json")
    for name in ("windows", "origin"):  # a card that needs neither stays what it was before there were any
        if values[name] is None:
            del values[name]
    if values["reach"] is not None and not values["reach"]["delays"]:
        del values["reach"]["delays"]
    return (json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True) + "\n").encode()


def read_json(content: bytes, *, where: str) -> dict[str, Any]:
    """Read a JSON object strictly: no NaN, no infinity, no key twice, no endless nesting.

    Raises:
        BundleError: the bytes are anything else.

    >>> read_json(b'{"a": NaN}', where="card.json")
    Traceback (most recent call last):
    ...
    foreshock.errors.BundleError: card.json: it is not strict JSON (NaN is no number); fetch or export the bundle again.
    """
    try:
        values = json.loads(
            content.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once
        )
        if not isinstance(values, dict):
            raise ValueError("it holds no object")
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
        raise BundleError(where, f"it is not strict JSON ({reason})", "fetch or export the bundle again") from error
    return values


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key stands twice")
    return values
