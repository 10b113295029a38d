"""Live records: the live picker asked about whole recordings, as if each were a stream that ends. Knows no packets."""

from __future__ import annotations

from foreshock.bundle import Bundle
from foreshock.predict.pick.live import LivePicker, LivePickerSettings
from foreshock.predict.pick.result import PickResult
from foreshock.prepare.onto_grid import ROWS
from foreshock.types.pick_event import PickEvent
from foreshock.types.waveform import Waveform


class LivePickerOnRecords:
    """Gives the final picks of a recording, those that a stream of it would end with.

    Args:
        bundle: of a live picker. settings: see `LivePickerSettings`. threads: of the network.

    Raises:
        BundleError: the bundle is no live picker.
    """

    memory_s = 40.0
    ahead_s = 20.0

    def __init__(self, bundle: Bundle, settings: LivePickerSettings | None = None, *, threads: int = 1) -> None:
        self._picker = LivePicker(bundle, settings, threads=threads)

    @property
    def name(self) -> str:
        """What the bundle calls itself."""
        return self._picker.name

    def pick(self, waveform: Waveform) -> PickResult:
        """Pick P and S on a waveform of any unit, one to three components.

        Raises:
            InputError: the sampling rate is too low or odd, or no component is vertical or horizontal.
            BundleError: the network fails.
        """
        final = [event.pick for event in self.events(waveform) if event.stands]
        if final:
            return PickResult(tuple(sorted(final, key=lambda pick: (pick.time_ns, pick.phase))))
        return PickResult((), _why(waveform))

    def events(self, waveform: Waveform) -> list[PickEvent]:
        """All that a stream of the recording would have been told, in order of when it was known."""
        told = self._picker.update(waveform)
        return told + self._picker.flush()


def _why(waveform: Waveform) -> str:
    usable = [row for row, letter in enumerate(waveform.components) if letter in ROWS]
    data, valid = waveform.data[usable], waveform.valid[usable]
    if not valid.any():
        return "every sample is masked" if waveform.n_samples else "it has no samples"
    if all(
        row[mask].min(initial=row[mask][0]) == row[mask].max()
        for row, mask in zip(data, valid, strict=True)
        if mask.any()
    ):
        return "every sample is the same"
    return "nothing rose over its threshold"
