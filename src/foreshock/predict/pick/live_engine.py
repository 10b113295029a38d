"""Live engine: samples of many stations on the grid go through high-pass, level and network, hop by hop.

What each station needs to go on is one row of every array here. Knows no packets, no clock and no thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from foreshock.bundle import Bundle, Card, Reach, Tape
from foreshock.errors import BundleError
from foreshock.predict.device import choose
from foreshock.predict.session import FAILURES, first_line, open_session
from foreshock.predict.softmax import softmax
from foreshock.prepare.bands import Bands
from foreshock.prepare.level import HOP
from foreshock.prepare.onto_grid import GridHighpass
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64, Ints


class LiveEngine:
    """The memories of stations, and the network that goes on from them.

    Args:
        bundle: of a picker that carries a state.
        threads: of ONNX Runtime.

    Raises:
        BundleError: the bundle is no live picker, or ONNX Runtime cannot run it.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        self.card, self.reach = bundle.card, live_reach(bundle.card)
        self._session = open_session(bundle, choose("cpu"), threads)[0]
        self.waiting = self.reach.later_samples // self.reach.every_samples
        self._sooner = self.waiting - self.reach.margin_samples // self.reach.every_samples
        self._make(0)

    def _make(self, n: int) -> None:
        self.n = n
        self._highpass = GridHighpass((n, 3), rate_hz=self.card.rate_hz)
        self._bands = Bands(n, corners=self.reach.corners)
        self._tape = Tape(self.reach, n)
        self._heard = np.zeros((n, self.waiting), bool)

    def grow(self, n: int) -> None:
        """Make room for so many stations."""
        rows, heard = np.arange(self.n), self._heard
        highpass, bands, tape = self._highpass, self._bands, self._tape
        self._make(n)
        self._highpass.put(rows, highpass)
        self._bands.put(rows, bands)
        self._tape.put(rows, tape)
        self._heard[rows] = heard

    def forget(self, row: int) -> None:
        """Let a station begin anew."""
        rows = np.arange(self.n) == row
        self._highpass.forget(rows)
        self._bands.forget(rows)
        self._tape.forget(row)
        self._heard[row] = False

    def run(self, rows: Ints, x: Float32, valid: Bools, *, filtered: Bools) -> Float64:
        """Take the next hops of some stations, (station, 3, time): probabilities (station, class, answer, frame).

        The frames are those of `margin_samples` earlier, and of `later_samples` earlier for the second answer. They are
        zero where nothing was measured or no level known.

        Arguments:
            rows: numbers of the stations. filtered: whether a station's samples are high-passed already.

        Raises:
            BundleError: the network fails.
        """
        everybody = len(rows) == self.n
        y = self._passed(rows, x, valid, everybody)
        if filtered.any():
            y = np.where(filtered[:, None, None], x, y)
        bands = self._bands if everybody else self._bands.taken(rows)
        z, heard = bands.update(y, valid), _heard(valid, bands.warm, self.reach.every_samples)
        if not everybody:
            self._bands.put(rows, bands)
        p = self._probabilities(self._logits(rows, z, everybody))
        p *= self._turn(rows, heard)[:, None, :]
        return p

    def _passed(self, rows: Ints, x: Float32, valid: Bools, everybody: bool) -> Float32:
        if everybody:
            return self._highpass.update(x, valid)
        part = self._highpass.taken(rows)
        y = part.update(x, valid)
        self._highpass.put(rows, part)
        return y

    def _logits(self, rows: Ints, z: Float32, everybody: bool) -> Float32:
        """Logits (station, class, answer, frame) of the next hops."""
        hops = np.ascontiguousarray(z.reshape(*z.shape[:2], -1, HOP).transpose(2, 0, 1, 3))
        tape, said = self._tape if everybody else self._tape.taken(rows), []
        names = [self.card.output, "state_next"]
        try:
            for hop in hops:
                curves, news = self._session.run(names, {"x": hop, "state": tape.heard()})
                tape.say(news)
                said.append(curves)
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "export the model again"
            ) from error
        if not everybody:
            self._tape.put(rows, tape)
        logits: Float32 = np.concatenate(said, -1)
        if not np.isfinite(logits).all():
            raise BundleError(f"network of {self.card.name} said NaN", "numbers were due", "export the model again")
        return logits

    def _probabilities(self, logits: Float32) -> Float64:
        by_class = np.moveaxis(logits, 1, -1)
        p = softmax(by_class.reshape(-1, by_class.shape[-1]).astype(np.float64), temperature=self.card.temperature)
        return np.ascontiguousarray(np.moveaxis(p.reshape(by_class.shape), -1, 1))

    def _turn(self, rows: Ints, new: Bools) -> Bools:
        """Whether anything was heard at the frames whose turn it is, (station, answer, frame)."""
        both, n = np.concatenate([self._heard[rows], new], -1), new.shape[-1]
        self._heard[rows] = both[:, n:]
        return np.stack([both[:, self._sooner :][:, :n], both[:, :n]], 1)

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        parts = {"highpass": self._highpass.state(), "bands": self._bands.state(), "tape": self._tape.state()}
        named = {f"{part}.{name}": value for part, held in parts.items() for name, value in held.items()}
        return named | {"heard": self._heard.copy()}

    def restore(self, state: Mapping[str, AnyArray]) -> None:
        """Go on from a saved state."""
        self._make(len(state["heard"]))
        for part, held in (("highpass", self._highpass), ("bands", self._bands), ("tape", self._tape)):
            names = [name for name in state if name.startswith(f"{part}.")]
            held.restore({name.removeprefix(f"{part}."): state[name] for name in names})
        self._heard = np.array(state["heard"], bool)


def _heard(valid: Bools, warm: Bools, every: int) -> Bools:
    """Whether something was measured at each frame's sample, and there was a level to judge it by."""
    heard: Bools = valid[..., ::every].any(1) & np.repeat(warm, HOP // every, -1)
    return heard


def live_reach(card: Card) -> Reach:
    """What a live picker's card says of its windows.

    Raises:
        BundleError: it is no live picker, or its hop does not fit the level's.
    """
    reach = card.reach
    if card.problem != "pick" or reach is None or not reach.state_size:
        raise BundleError(
            f"bundle {card.name} ({card.model})", "it carries no state from packet to packet", "give a live picker"
        )
    if reach.later_samples < reach.margin_samples or not reach.later_onsets:
        raise BundleError(
            f"bundle {card.name} answers once", "a live picker's first answer is followed by a second", "train it again"
        )
    odd = (reach.stride_samples, HOP % reach.every_samples, reach.margin_samples % HOP, reach.later_samples % HOP)
    if card.components != "ZNE" or odd != (HOP, 0, 0, 0):
        raise BundleError(
            f"bundle {card.name} reads {card.components} by {reach.stride_samples} samples",
            f"it must read ZNE by {HOP}",
            "export the model again",
        )
    return reach
