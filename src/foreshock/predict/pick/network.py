"""Network: picks P and S with a trained labeller, the same wherever a record begins. Knows no torch and no data sets.

The recording is brought onto the grid (`prepare.onto_grid`) and written relative to its own past (`prepare.level`);
the network runs over blocks that overlap by all it can see and begin at multiples of its stride, counted from the
epoch. So the curves, and with them the picks, do not depend on the length of blocks, and change neither where a stream
is cut nor where a day begins, from 24 s after the cut on (10 s of level and 13 s of margin).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import Field

from foreshock.bundle import Bundle, Card, Reach
from foreshock.clock import NS_PER_S, iso_utc
from foreshock.config import Settings
from foreshock.errors import BundleError
from foreshock.predict.device import choose
from foreshock.predict.pick.domain import N_FEATURES, described, novelty, widened
from foreshock.predict.pick.peak import FOOT, FWHM, OFF, SHARPEST_S, centre, probability_of, width
from foreshock.predict.pick.result import PickResult
from foreshock.predict.pick.several_frames import FRAMES, several_frames
from foreshock.predict.pick.triggers import Trigger, triggers
from foreshock.predict.session import FAILURES, first_line, open_session
from foreshock.predict.softmax import softmax
from foreshock.prepare.bands import in_bands
from foreshock.prepare.level import HOP
from foreshock.prepare.onto_grid import ROWS, Gridded, onto_grid
from foreshock.types.arrays import Bools, Float32, Float64, Ints
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

SHORTEST_S = 3.0
"""A record must have this much at 100 Hz: nothing rises over a past that is not there."""

WIDEST_S = 3.0
"""A peak is looked at no further to either side."""

FAST_HZ = 400.0
"""Who records this fast looks for events of milliseconds: such recordings are read in slow motion, too."""

SLOW_NYQUIST = 2.0
"""In slow motion the network's rate is this many times lower than the recording's."""

SAME_S = 0.5
"""Picks of one phase found at two tempos count as one within this time of the slower clock."""

ALONE_S = 60.0
"""An S that follows no P within this time stands alone, and must be the more certain."""

GLANCE = 1000
"""Samples at the front of a row that tell most rows from a constant."""

MEMORY_S, AHEAD_S = ALONE_S + 40.0, 20.0


class NetworkPickerSettings(Settings):
    """What the picker can be told.

    Attributes:
        p_threshold, s_threshold: heights of the curves that make a pick; the bundle's own where None.
        tempo: 1 for earthquakes; 5 reads the recording at five times the network's rate, as slow motion, for events
            that small (ice, mines, laboratories). None: 1, and slow motion beside it from 400 Hz on.
        block_s: seconds of the network's clock run at once; answers do not depend on it.
    """

    p_threshold: float | None = Field(default=None, gt=0, lt=1)
    s_threshold: float | None = Field(default=None, gt=0, lt=1)
    tempo: float | None = Field(default=None, ge=0.1, le=100)
    block_s: float = Field(default=2560.0, gt=0, le=3600)


@dataclass(frozen=True, eq=False)
class Curves:
    """Probabilities of the classes along a grid, (class, frame); zero where everything is masked.

    Frame k speaks of sample k · every of the grid and of what the network saw.
    """

    grid: Gridded
    prepared: Float32
    probability: Float64
    classes: tuple[str, ...]
    every: int

    @property
    def rate_hz(self) -> float:
        """Frames a second."""
        return self.grid.rate_hz / self.every

    def of(self, phase: str) -> Float64:
        """The curve of a phase, (frame,)."""
        curve: Float64 = self.probability[self.classes.index(phase)]
        return curve

    def time_ns(self, frame: float) -> int:
        """UTC nanoseconds of a frame, which may be fractional."""
        return self.grid.time_ns(frame * self.every)


class NetworkPicker:
    """Picks with a bundle made for the problem ``pick``.

    Args:
        bundle: what `read_bundle` gave.
        settings: see `NetworkPickerSettings`.
        device, threads: where and with how many threads the network runs.

    Raises:
        BundleError: the bundle is no picker, or ONNX Runtime cannot run it.
    """

    memory_s = MEMORY_S
    ahead_s = AHEAD_S

    def __init__(
        self,
        bundle: Bundle,
        settings: NetworkPickerSettings | None = None,
        *,
        device: str = "cpu",
        threads: int = 1,
    ) -> None:
        self.settings = settings or NetworkPickerSettings()
        self.card, self.reach = bundle.card, _reach(bundle.card)
        if self.reach.stride_samples // self.reach.every_samples % FRAMES == 0:
            bundle = replace(bundle, onnx=several_frames(bundle.onnx, output=self.card.output))
        self._session, self.device = open_session(bundle, choose(device), threads)

    @property
    def name(self) -> str:
        """What the bundle calls itself."""
        return self.card.name

    def pick(self, waveform: Waveform) -> PickResult:
        """Pick P and S on a waveform of any rate from a tenth of the network's on, any unit, one to three components.

        Raises:
            InputError: the sampling rate is too low.
            BundleError: the network fails.
        """
        said = [self._at(waveform, tempo) for tempo in self._tempos(waveform.rate_hz)]
        if len(said) == 1 or not said[1].picks:
            return said[0]
        if not said[0].picks:
            return said[1]
        within_ns = round(SAME_S / self._tempos(waveform.rate_hz)[-1] * NS_PER_S)
        return PickResult(_either([*said[0].picks, *said[1].picks], within_ns))

    def _tempos(self, rate_hz: float) -> tuple[float, ...]:
        if self.settings.tempo is not None:
            return (self.settings.tempo,)
        return (1.0,) if rate_hz < FAST_HZ else (1.0, rate_hz / SLOW_NYQUIST / self.card.rate_hz)

    def _at(self, waveform: Waveform, tempo: float) -> PickResult:
        """The picks with the recording read at one tempo."""
        reason = self._unusable(waveform, tempo)
        if reason:
            return PickResult((), reason)
        curves = self.curves(waveform, tempo=tempo)
        if _is_silent(curves.grid.x):
            return PickResult((), "every sample is the same")
        found = [
            self._pick(waveform, curves, phase, peak)
            for phase, peaks in self._all_peaks(curves, tempo).items()
            for peak in peaks
        ]
        if not found:
            return PickResult((), self._quiet(curves))
        return PickResult(tuple(sorted(found, key=lambda pick: (pick.time_ns, pick.phase))))

    def curves(self, waveform: Waveform, *, tempo: float = 1.0) -> Curves:
        """The probabilities of noise, P and S along a waveform."""
        reach = self.reach
        grid = onto_grid(waveform, rate_hz=self.card.rate_hz * tempo, stride=reach.stride_samples)
        margin, n = reach.margin_samples, grid.x.shape[1]
        wide = np.empty((len(reach.corners) * len(grid.x), n + 2 * margin), np.float32)
        wide[:, :margin] = wide[:, margin + n :] = 0.0
        prepared = in_bands(grid.x, grid.valid, corners=reach.corners, out=wide[:, margin : margin + n])
        p = softmax(self._run(wide), temperature=self.card.temperature, axis=0)
        heard = grid.valid[:, :: reach.every_samples].any(0)
        if not heard.all():
            p[:, ~heard] = 0.0
        return Curves(grid, prepared, p, self.card.classes, reach.every_samples)

    def descriptions(self, waveform: Waveform, times_ns: Sequence[int]) -> Iterator[Float64]:
        """Describe what lies about moments of a waveform, as its domain is described (see `predict.pick.domain`)."""
        if self._unusable(waveform, 1.0):
            return
        grid = onto_grid(waveform, rate_hz=self.card.rate_hz)
        ends = ((0, 0), (0, -grid.x.shape[1] % self.reach.stride_samples))
        x, valid = np.pad(grid.x, ends), np.pad(grid.valid, ends)
        prepared = in_bands(x, valid, corners=self.reach.corners)
        for time_ns in times_ns:
            at = round((time_ns - grid.start_ns) * grid.rate_hz / NS_PER_S)
            if 0 <= at < grid.x.shape[1]:
                yield described(prepared, at, rate_hz=self.card.rate_hz)

    def _unusable(self, waveform: Waveform, tempo: float) -> str:
        shortest_s = SHORTEST_S / tempo
        usable = [row for row, letter in enumerate(waveform.components) if letter in ROWS]
        if not usable:
            return f"none of the components {waveform.components} is vertical or horizontal"
        if waveform.span_s < shortest_s:
            return f"the record of {waveform.span_s:.3g} s is shorter than {shortest_s:g} s"
        if not any(waveform.valid[row].any() for row in usable):
            return "every sample is masked"
        if all(_is_constant(waveform.data[row], waveform.valid[row]) for row in usable):
            return "every sample is the same"
        return ""

    # -- running ---------------------------------------------------------------------------------------------------

    def _run(self, wide: Float32) -> Float32:
        """Logits (class, frame) of a whole prepared recording (channel, time) with its margins, block by block."""
        stride, margin, every = self.reach.stride_samples, self.reach.margin_samples, self.reach.every_samples
        n = wide.shape[1] - 2 * margin
        block = max(1, round(self.settings.block_s * self.card.rate_hz / stride)) * stride
        out = np.empty((len(self.card.classes), n // every), np.float32)
        for first in range(0, n, block):
            last = min(first + block, n)
            said = self._block(wide[None, :, first : last + 2 * margin])
            out[:, first // every : last // every] = said[:, margin // every : (margin + last - first) // every]
        return out

    def _block(self, x: Float32) -> Float32:
        try:
            said = np.asarray(self._session.run([self.card.output], {"x": np.ascontiguousarray(x)})[0])
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "export the model again"
            ) from error
        due = (1, len(self.card.classes), x.shape[2] // self.reach.every_samples)
        if said.shape != due or not np.isfinite(said).all():
            raise BundleError(
                f"network of {self.card.name} said an array of shape {said.shape} or NaN",
                f"finite curves of shape {due} were due",
                "export the model again",
            )
        curves: Float32 = said[0]
        return curves

    # -- reading the curves ----------------------------------------------------------------------------------------

    def _phases(self) -> list[str]:
        return list(self.reach.onsets)

    def _threshold(self, phase: str) -> float:
        told = {"P": self.settings.p_threshold, "S": self.settings.s_threshold}.get(phase)
        return self.reach.onsets[phase].threshold if told is None else told

    def _peaks(self, curves: Curves, phase: str) -> list[Trigger]:
        on = self._threshold(phase)
        return triggers(curves.of(phase), on=on, off=OFF * on)

    def _all_peaks(self, curves: Curves, tempo: float) -> dict[str, list[Trigger]]:
        """The peaks of every phase, without those that stand alone and are not high enough for it."""
        found = {phase: self._peaks(curves, phase) for phase in self._phases()}
        alone = self.reach.onsets["S"].alone_threshold if "S" in found else None
        if alone is not None and self.settings.s_threshold is None and "P" in found:
            p = np.array([peak.peak for peak in found["P"]])
            frames = ALONE_S / tempo * curves.rate_hz
            found["S"] = [s for s in found["S"] if s.height >= alone or follows(s.peak, p, within=frames)]
        return found

    def _pick(self, waveform: Waveform, curves: Curves, phase: str, found: Trigger) -> Pick:
        onset, curve, rate_hz = self.reach.onsets[phase], curves.of(phase), curves.rate_hz
        widest = round(WIDEST_S * self.card.rate_hz / curves.every)
        first = max(0, found.peak - widest)
        near, peak = curve[first : found.peak + widest + 1], found.peak - first
        time_ns = round(curves.time_ns(first + centre(near, peak, foot=FOOT * found.height)), -6)
        seen_ns = min(curves.time_ns(found.off + self.reach.margin_samples / curves.every), waveform.end_ns)
        sharpest_s = SHARPEST_S * self.card.rate_hz / curves.grid.rate_hz
        sigma_s = width(near, peak) * onset.sigma_factor / FWHM / rate_hz + sharpest_s
        far = self._novelty(curves, found.peak)
        probability, sigma_s = widened(probability_of(found.height, onset), sigma_s, far)
        return Pick(
            trace_id=waveform.station_id,
            phase=phase,
            time_ns=time_ns,
            probability=round(probability, 4),
            sigma_s=sigma_s,
            novelty=round(far, 3),
            available_at_ns=max(time_ns, seen_ns),
        )

    def _novelty(self, curves: Curves, frame: int) -> float:
        if self.reach.domain is None:
            return 0.0
        return novelty(described(curves.prepared, frame * curves.every, rate_hz=self.card.rate_hz), self.reach.domain)

    def _quiet(self, curves: Curves) -> str:
        words = []
        for phase in self._phases():
            curve = curves.of(phase)
            at = int(np.argmax(curve))
            when = iso_utc(curves.time_ns(at))
            words.append(f"{phase} reached {curve[at]:.2f} of {self._threshold(phase):.2f} at {when}")
        return "nothing rose over its threshold: " + ", ".join(words)


def _either(picks: list[Pick], within_ns: int) -> tuple[Pick, ...]:
    """Of picks of one phase that lie close together, the likeliest."""
    kept: list[Pick] = []
    for pick in sorted(picks, key=lambda pick: (-pick.probability, pick.time_ns)):
        if all(pick.phase != held.phase or abs(pick.time_ns - held.time_ns) > within_ns for held in kept):
            kept.append(pick)
    return tuple(sorted(kept, key=lambda pick: (pick.time_ns, pick.phase)))


def follows(s: float, p: Float64 | Ints, *, within: float) -> bool:
    """Whether one of some P comes before an S, no further away than told."""
    return bool(np.any((p < s) & (s - p <= within)))


def _reach(card: Card) -> Reach:
    if card.windows is not None:
        raise BundleError(f"bundle {card.name} is asked by windows", "it was trained elsewhere", "use WindowPicker")
    if card.problem != "pick" or card.reach is None:
        raise BundleError(f"bundle {card.name} is made for {card.problem}", "it picks nothing", "give a picker")
    if card.reach.state_size:
        raise BundleError(f"bundle {card.name} carries a state", "it picks on streams", "use LivePicker")
    sizes = (card.reach.stride_samples, card.reach.margin_samples)
    if card.components != "ZNE" or any(size % HOP or size % card.reach.every_samples for size in sizes):
        raise BundleError(
            f"bundle {card.name} reads {card.components} with a stride of {card.reach.stride_samples} samples",
            f"it must read ZNE with stride and margin in multiples of {HOP} and of {card.reach.every_samples}",
            "export the model again",
        )
    if card.reach.domain is not None and len(card.reach.domain.mean) != N_FEATURES:
        raise BundleError(
            f"domain of bundle {card.name} has {len(card.reach.domain.mean)} values",
            f"picks are described by {N_FEATURES}",
            "export the model again",
        )
    return card.reach


def _is_constant(x: Float32, valid: Bools) -> bool:
    """Whether the valid samples of a row are all the same; the first few tell most rows."""
    few = x[:GLANCE][valid[:GLANCE]]
    if len(few) and few.min() != few.max():
        return False
    known = x[valid]
    return not len(known) or bool(known.min() == known.max())


def _is_silent(x: Float32) -> bool:
    """Whether all samples are zero; the first few tell most recordings."""
    return not (x[:, :GLANCE].any() or x.any())
