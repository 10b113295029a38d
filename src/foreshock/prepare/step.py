"""Step: one operation, two clocks: whole records and live chunks go through the same code. Knows no files."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.config import Settings, settings_from
from foreshock.errors import StateError
from foreshock.plugins import Step, describe_step
from foreshock.types.arrays import Bools, Float64, Floats
from foreshock.types.waveform import Waveform, check_same_instrument, concatenate

State: TypeAlias = dict[str, Any]
"""What a step remembers between chunks: arrays and numbers only, so that it can be saved."""

LONGEST_FILLED_GAP_S = 600.0
"""A hole between chunks up to this long is filled with invalid samples; after a longer one a step starts anew."""


class NoSettings(Settings):
    """A step with nothing to set."""


class ArrayStep(ABC):
    """A step written on arrays (…, time); this class adds the clock, gaps, masks, saving and restoring.

    A subclass declares its settings class and writes `run`; `begin` and `drain` when it designs a filter or looks
    ahead. Samples reach `run` as float64 with holes filled by the last valid value and, per channel, with the first
    valid value subtracted (kept in ``state["first"]``), so that neither offsets nor gaps ring.
    """

    Settings: ClassVar[type[Settings]] = NoSettings
    settings: Any

    def __init__(self, **settings: Any) -> None:
        self.settings = settings_from(self.Settings, settings, where=type(self).__name__)
        self.reset()

    # -- what a subclass says ------------------------------------------------------------------------------------

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Give the state before the first sample for arrays (*leading, time) at a rate."""
        return {}

    @abstractmethod
    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Take the next samples (…, time), give those that are ready and their mask, keep `state` up to date."""

    def drain(self, state: State) -> tuple[Float64, Bools] | None:
        """Give what was held back when no more samples come; None when nothing is."""
        return None

    def rate_out_hz(self, rate_hz: float) -> float:
        """The rate that comes out for a rate that goes in."""
        return rate_hz

    def unit_out(self, unit: str) -> str:
        """The unit that comes out for a unit that goes in."""
        return unit

    def look_ahead_s(self, rate_hz: float) -> float:
        """How far ahead of an output sample the step must see, in seconds."""
        return 0.0

    # -- what everybody calls ------------------------------------------------------------------------------------

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[ArrayStep]:
        """Instances for the law; a step that cannot do without settings says others."""
        return [cls()]

    def __call__(self, whole: Waveform) -> Waveform:
        """Run over a whole record and forget it."""
        fresh = self.fresh()
        return concatenate([fresh.update(whole), fresh.flush()])

    def apply(self, x: Any, *, rate_hz: float, valid: Bools | None = None) -> tuple[Float64, Bools]:
        """Run over whole arrays (…, time) of any number of examples and channels at once."""
        x = np.asarray(x, np.float64)
        mask = np.ones(x.shape, bool) if valid is None else valid
        state = self._fresh_state(rate_hz, x.shape[:-1])
        parts = [self._advance(x, mask, state)]
        tail = self.drain(state)
        parts += [tail] if tail is not None else []
        return np.concatenate([y for y, _ in parts], -1), np.concatenate([m for _, m in parts], -1)

    def update(self, chunk: Waveform) -> Waveform:
        """Take the next chunk, give what is ready; holes are filled with invalid samples, doubled samples dropped."""
        if self._like is None or self._is_far_ahead(chunk):
            self._start(chunk)
        x, valid = self._fit(chunk)
        return self._emit(*self._advance(x, valid, self._state))

    def flush(self) -> Waveform:
        """Give what was held back and forget everything; before any chunk has come this is an error."""
        if self._like is None:
            raise StateError("flush before any chunk", "there is nothing to give", "call update first")
        tail = self.drain(self._state)
        empty = np.zeros((len(self._like.data), 0))
        out = self._emit(*tail) if tail is not None else self._emit(empty, empty.astype(bool))
        self.reset()
        return out

    def reset(self) -> None:
        """Forget all samples."""
        self._like: Waveform | None = None
        self._state: State = {}
        self._n_in = 0
        self._n_out = 0

    def fresh(self) -> ArrayStep:
        """A copy with the same settings that has seen nothing."""
        other = copy.copy(self)
        other.reset()
        return other

    def state(self) -> State:
        """What must be kept to go on later: arrays and numbers, all copied; empty before the first chunk."""
        if self._like is None:
            return {}
        return {
            "like": self._like.cut(0, 0),
            "n_in": self._n_in,
            "n_out": self._n_out,
            "kept": copy.deepcopy(self._state),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self.reset()
        if state:
            self._like, self._n_in, self._n_out = state["like"], state["n_in"], state["n_out"]
            self._state = copy.deepcopy(state["kept"])

    def parameters(self) -> dict[str, Any]:
        """What the constructor was told, as plain values: `type(step)(**step.parameters())` is the same step."""
        return dict(self.settings.model_dump(mode="json"))

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.parameters().items())
        return f"{type(self).__name__}({told})"

    # -- the clock -----------------------------------------------------------------------------------------------

    def _start(self, chunk: Waveform) -> None:
        self.reset()
        self._like = chunk.cut(0, 0)
        self._state = self._fresh_state(chunk.rate_hz, chunk.data.shape[:-1])

    def _fresh_state(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        state = self.begin(rate_hz, leading)
        state["first"] = np.full(leading, np.nan)
        state["last"] = np.zeros(leading)
        return state

    def _offset(self, chunk: Waveform) -> int:
        """How many samples the chunk starts after (or, below zero, before) the next expected one."""
        assert self._like is not None
        return round(self._like.sample_at(chunk.start_ns)) - self._n_in

    def _is_far_ahead(self, chunk: Waveform) -> bool:
        assert self._like is not None
        check_same_instrument(self._like, chunk)
        return self._offset(chunk) > LONGEST_FILLED_GAP_S * chunk.rate_hz

    def _fit(self, chunk: Waveform) -> tuple[Float64, Bools]:
        """Samples and mask from the next expected sample on: a hole becomes invalid, what came before is cut off."""
        offset = self._offset(chunk)
        x, valid = np.asarray(chunk.data, np.float64), chunk.valid
        if offset < 0:
            x, valid = x[:, -offset:], valid[:, -offset:]
        elif offset > 0:
            hole = np.zeros((len(x), offset))
            x, valid = np.concatenate([hole, x], 1), np.concatenate([hole.astype(bool), valid], 1)
        self._n_in += x.shape[1]
        return x, valid

    def _advance(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        return self.run(relative(x, valid, state), valid, state)

    def _emit(self, y: Float64, valid: Bools) -> Waveform:
        assert self._like is not None
        rate = self.rate_out_hz(self._like.rate_hz)
        start_ns = self._like.start_ns + round(self._n_out * NS_PER_S / rate)
        self._n_out += y.shape[1]
        return self._like.with_data(
            y.astype(np.float32), valid=valid, rate_hz=rate, start_ns=start_ns, unit=self.unit_out(self._like.unit)
        )


def relative(x: Floats, valid: Bools, state: State) -> Float64:
    """Fill holes with the last valid value and subtract each channel's first valid value; `state` remembers both."""
    if x.shape[-1] == 0:
        return x.astype(np.float64)
    first, last = state["first"], state["last"]
    unseen = np.isnan(first) & valid.any(-1)
    if unseen.any():
        at = np.take_along_axis(x, valid.argmax(-1)[..., None], -1)[..., 0]
        first = np.where(unseen, at, first)
    base = np.nan_to_num(first)[..., None]
    y: Float64 = x.astype(np.float64, order="C")
    y -= base
    if not valid.all():
        _hold(y, valid, last)
    state["first"], state["last"] = first, y[..., -1].copy()
    return y


def absolute(x: Float64, state: State) -> Float64:
    """Add back what `relative` subtracted, for a step that must know or keep the level."""
    level: Float64 = x + np.nan_to_num(state["first"])[..., None]
    return level


def _hold(y: Float64, valid: Bools, last: Float64) -> None:
    """Carry the last valid value over invalid samples; before any, `last` stands in."""
    bad = np.flatnonzero(~valid)
    at_begin = bad % y.shape[-1] == 0
    begins = np.flatnonzero(at_begin | (np.diff(bad, prepend=-2) > 1))
    values = np.where(at_begin[begins], last.reshape(-1)[bad[begins] // y.shape[-1]], y.reshape(-1)[bad[begins] - 1])
    y.reshape(-1)[bad] = np.repeat(values, np.diff(begins, append=len(bad)))


class Chain:
    """Steps one after another, itself a step.

    >>> Chain([]).parameters()
    {'steps': []}
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Chain]:
        """Chains are tried on steps of their own choosing, in the tests."""
        return []

    def __call__(self, whole: Waveform) -> Waveform:
        """Run every step over a whole record."""
        for step in self.steps:
            whole = step(whole)
        return whole

    def update(self, chunk: Waveform) -> Waveform:
        """Pass a chunk through every step."""
        for step in self.steps:
            chunk = step.update(chunk)
        return chunk

    def flush(self) -> Waveform:
        """Give what every step held back, each tail passed through the steps that follow it."""
        tail: Waveform | None = None
        for step in self.steps:
            passed = [step.update(tail)] if tail is not None else []
            tail = concatenate([*passed, step.flush()])
        if tail is None:
            raise StateError("flush of an empty chain", "there is nothing to give", "add a step")
        return tail

    def reset(self) -> None:
        """Let every step forget all samples."""
        for step in self.steps:
            step.reset()

    def fresh(self) -> Chain:
        """A copy that has seen nothing."""
        return Chain([step.fresh() for step in self.steps])

    def state(self) -> State:
        """The states of all steps, in order."""
        return {str(k): step.state() for k, step in enumerate(self.steps)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from saved states."""
        for k, step in enumerate(self.steps):
            step.restore(state[str(k)])

    def parameters(self) -> dict[str, Any]:
        """Names and parameters of the steps, in order."""
        return {"steps": [describe_step(step) for step in self.steps]}


def run_live(step: Step, chunks: Iterable[Waveform]) -> Iterator[Waveform]:
    """Run a step over a stream of chunks; at a hole too long to fill the old run is flushed before the new begins."""
    end_ns: int | None = None
    for chunk in chunks:
        if end_ns is not None and chunk.start_ns - end_ns > LONGEST_FILLED_GAP_S * NS_PER_S:
            yield step.flush()
        end_ns = chunk.end_ns
        yield step.update(chunk)
    if end_ns is not None:
        yield step.flush()
