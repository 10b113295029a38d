"""Windows: picks with a labeller from elsewhere, asked over overlapping windows as it was meant to be.

Knows no torch and none of the software the labeller came from: all that must be known stands in the bundle's card
(`bundle.Windows`). What it says equals what SeisBench's `annotate` and `classify` say with the same weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from foreshock.bundle import Bundle, Card, Windows
from foreshock.clock import iso_utc
from foreshock.config import Settings
from foreshock.errors import BundleError, ConfigError
from foreshock.predict.device import choose
from foreshock.predict.pick.peak import FWHM, OFF, SHARPEST_S, width
from foreshock.predict.pick.result import PickResult
from foreshock.predict.pick.triggers import Trigger, triggers
from foreshock.predict.pick.window_blocks import Block, blocks, longest_s, places
from foreshock.predict.pick.window_stack import Stack, starts
from foreshock.predict.session import FAILURES, first_line, open_session
from foreshock.prepare.window_scale import scale
from foreshock.types.arrays import Float32
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

WIDEST_S = 3.0
"""A peak is looked at no further to either side when its width is measured."""


class WindowPickerSettings(Settings):
    """What the picker can be told; None stands for what the bundle says.

    Attributes:
        p_threshold, s_threshold: heights of the curves that make a pick.
        overlap_samples: that neighbouring windows share.
        batch: windows that run at once; answers do not depend on it.
    """

    p_threshold: float | None = Field(default=None, gt=0, lt=1)
    s_threshold: float | None = Field(default=None, gt=0, lt=1)
    overlap_samples: int | None = Field(default=None, ge=0)
    batch: int = Field(default=8, ge=1, le=4096)


@dataclass(frozen=True, eq=False)
class BlockCurves:
    """What a labeller says of a block: probability (class, time), NaN where no window has a say."""

    block: Block
    probability: Float32
    classes: tuple[str, ...]

    def of(self, name: str) -> Float32:
        """The curve of a class."""
        curve: Float32 = self.probability[self.classes.index(name)]
        return curve


@dataclass(frozen=True, slots=True)
class Detection:
    """A span in which the labeller sees an earthquake, and how sure it is."""

    first_ns: int
    last_ns: int
    probability: float


class WindowPicker:
    """Picks with a bundle whose card says how windows are asked.

    Args:
        bundle: what `read_bundle` gave.
        settings: see `WindowPickerSettings`.
        device, threads: where and with how many threads the network runs.

    Raises:
        BundleError: the bundle is no such picker, or ONNX Runtime cannot run it.
        ConfigError: windows are to overlap by more than they have.
    """

    whole = True
    """Recordings are best given whole: where windows begin is counted from the beginning of each."""

    def __init__(
        self,
        bundle: Bundle,
        settings: WindowPickerSettings | None = None,
        *,
        device: str = "cpu",
        threads: int = 1,
    ) -> None:
        self.settings = settings or WindowPickerSettings()
        self.card = bundle.card
        self.windows = _told(bundle.card, self.settings)
        self.memory_s = self.ahead_s = 2 * self.card.window_samples / self.card.rate_hz
        self._session, self.device = open_session(bundle, choose(device), threads)

    @property
    def name(self) -> str:
        """What the bundle calls itself."""
        return self.card.name

    def pick(self, waveform: Waveform) -> PickResult:
        """Pick P and S on a waveform of any rate and unit, with one of the network's components or more.

        Raises:
            InputError: the rate is too low for the filters the network needs.
            BundleError: the network fails.
        """
        reason = self._unusable(waveform)
        if reason:
            return PickResult((), reason)
        found: list[Pick] = []
        best = dict.fromkeys(self.windows.onsets, (-1.0, 0))
        for curves in self.curves(waveform):
            for phase in self.windows.onsets:
                curve = curves.of(phase)
                found += [self._pick(waveform, curves, phase, peak) for peak in self._peaks(curve, phase)]
                best[phase] = max(best[phase], _highest(curve, curves.block))
        if not found:
            return PickResult((), self._quiet(best))
        return PickResult(tuple(sorted(found, key=lambda pick: (pick.time_ns, pick.phase))))

    def detections(self, waveform: Waveform) -> list[Detection]:
        """The spans in which the network sees an earthquake; none where it has no class for it."""
        name = self.windows.detection
        if name is None or self._unusable(waveform):
            return []
        found = []
        for curves in self.curves(waveform, classes=(name,)):
            for one in _triggers(curves.of(name), self.windows.detection_threshold):
                time_ns = curves.block.time_ns
                found.append(Detection(time_ns(one.on), time_ns(one.off - 1), min(one.height, 1.0)))
        return found

    def curves(self, waveform: Waveform, *, classes: tuple[str, ...] | None = None) -> Iterator[BlockCurves]:
        """The probabilities of classes (those that are picked, by default), block by block, in order of time.

        Raises:
            InputError: the rate is too low for the filters the network needs.
            BundleError: the network fails.
        """
        names = tuple(self.windows.onsets) if classes is None else classes
        found = blocks(
            waveform,
            order=self.card.components,
            rate_hz=self.card.rate_hz,
            filters=self.windows.filters,
            zerophase=self.windows.zerophase,
            shortest=self.card.window_samples,
        )
        return self._answered(found, names)

    def _unusable(self, waveform: Waveform) -> str:
        due_s = self.card.window_samples / self.card.rate_hz
        if not places(waveform.components, order=self.card.components):
            return f"none of the components {waveform.components} is one of {self.card.components}"
        if not waveform.valid.any():
            return "every sample is masked"
        longest = longest_s(waveform, order=self.card.components, rate_hz=self.card.rate_hz)
        if round(longest * self.card.rate_hz) < self.card.window_samples:
            return f"its longest unbroken stretch has {longest:.2f} s: windows have {due_s:.2f} s"
        return ""

    # -- running ---------------------------------------------------------------------------------------------------

    def _answered(self, found: Iterable[Block], names: tuple[str, ...]) -> Iterator[BlockCurves]:
        """Fill batches of windows, across blocks; give each block as soon as its last window is answered."""
        window, overlap = self.card.window_samples, self.windows.overlap_samples
        batch = _Batch(self, [self.card.classes.index(name) for name in names])
        open_blocks: list[tuple[Block, Stack]] = []
        for block in found:
            begins = starts(block.x.shape[1], window=window, overlap=overlap)
            stack = Stack(block.x.shape[1], len(names), self.windows, begins=begins, window=window)
            open_blocks.append((block, stack))
            for begin in begins:
                batch.put(block.x[:, begin : begin + window], stack, begin)
            while open_blocks and open_blocks[0][1].is_whole:
                done, stack = open_blocks.pop(0)
                yield BlockCurves(done, stack.curves(), names)
        batch.run()
        for done, stack in open_blocks:
            yield BlockCurves(done, stack.curves(), names)

    def ask(self, x: Float32) -> Float32:
        """The network's answer (window, class, time) for scaled windows (window, component, time)."""
        try:
            said: Float32 = np.asarray(self._session.run([self.card.output], {"x": x})[0])
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "import the model again"
            ) from error
        due = (len(x), len(self.card.classes), self.card.window_samples)
        if said.shape != due:
            raise BundleError(
                f"network of {self.card.name} said an array of shape {said.shape}",
                f"{due} was due",
                "import the model again",
            )
        return said

    # -- reading the curves ----------------------------------------------------------------------------------------

    def _threshold(self, phase: str) -> float:
        told = {"P": self.settings.p_threshold, "S": self.settings.s_threshold}.get(phase)
        return self.windows.onsets[phase] if told is None else told

    def _peaks(self, curve: Float32, phase: str) -> list[Trigger]:
        return _triggers(curve, self._threshold(phase))

    def _pick(self, waveform: Waveform, curves: BlockCurves, phase: str, found: Trigger) -> Pick:
        curve, block = curves.of(phase), curves.block
        widest = round(WIDEST_S * block.rate_hz)
        first = max(0, found.peak - widest)
        spread = width(curve[first : found.peak + widest + 1].astype(np.float64), found.peak - first) / FWHM
        time_ns = block.time_ns(found.peak)
        seen_ns = block.time_ns(min(found.off + self.card.window_samples, block.x.shape[1]))
        return Pick(
            trace_id=waveform.station_id,
            phase=phase,
            time_ns=time_ns,
            probability=min(max(found.height, 0.0), 1.0),
            sigma_s=max(spread / block.rate_hz, SHARPEST_S),
            available_at_ns=max(time_ns, seen_ns),
        )

    def _quiet(self, best: dict[str, tuple[float, int]]) -> str:
        words = [
            f"{phase} reached {height:.2f} of {self._threshold(phase):.2f} at {iso_utc(when_ns)}"
            for phase, (height, when_ns) in best.items()
            if height >= 0
        ]
        return "nothing rose over its threshold: " + ", ".join(words)


class _Batch:
    """Windows on their way to the network, so many at once; their memory is used again and again."""

    def __init__(self, picker: WindowPicker, rows: list[int]) -> None:
        self._picker, self._rows = picker, rows
        shape = (picker.settings.batch, len(picker.card.components), picker.card.window_samples)
        self._x = np.empty(shape, np.float32)
        self._whose: list[tuple[Stack, int]] = []

    def put(self, window: Float32, stack: Stack, begin: int) -> None:
        """Take one window."""
        self._x[len(self._whose)] = window
        self._whose.append((stack, begin))
        if len(self._whose) == len(self._x):
            self.run()

    def run(self) -> None:
        """Ask about the windows that are waiting."""
        if not self._whose:
            return
        x = self._x[: len(self._whose)]
        scale(x, self._picker.windows)
        for (stack, begin), said in zip(self._whose, self._picker.ask(x), strict=True):
            stack.add(begin, said[self._rows])
        self._whose.clear()


def _triggers(curve: Float32, threshold: float) -> list[Trigger]:
    """Spans above half the threshold that rise over it; in single precision, as the curves are."""
    over = np.nextafter(np.float32(threshold), np.float32(1))
    return triggers(curve, on=float(over), off=float(np.float32(OFF * threshold)))


def _highest(curve: Float32, block: Block) -> tuple[float, int]:
    if np.isnan(curve).all():
        return -1.0, 0
    at = int(np.nanargmax(curve))
    return float(curve[at]), block.time_ns(at)


def _told(card: Card, settings: WindowPickerSettings) -> Windows:
    if card.problem != "pick" or card.windows is None:
        raise BundleError(
            f"bundle {card.name} is made for {card.problem}",
            "its card does not say how windows are asked",
            "import it with foreshock models import",
        )
    if settings.overlap_samples is None:
        return card.windows
    told = card.windows.model_copy(update={"overlap_samples": settings.overlap_samples})
    if wrong := told.contradiction(card.window_samples, classes=card.classes):
        raise ConfigError("overlap_samples", wrong, f"use at most {card.window_samples - 1}")
    return told
