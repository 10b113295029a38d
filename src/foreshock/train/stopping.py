"""Stopping: Ctrl-C and SIGTERM heeded between two steps, where nothing is half done. Knows no models and no files."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import lightning.pytorch as pl

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping(pl.Callback):
    """Raises KeyboardInterrupt after the step in which a signal came; at a second signal, at once.

    An exception amid a step could leave a lock held (of TensorBoard's writing thread, say) on which the end then waits.
    """

    def __init__(self) -> None:
        self.asked = False

    def on_train_batch_end(self, *ignored: Any) -> None:
        """Stop here if asked to."""
        self._heed()

    def on_validation_batch_end(self, *ignored: Any) -> None:
        """Stop here if asked to."""
        self._heed()

    def _heed(self) -> None:
        if self.asked:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take both signals inside the block and give them back; one that is ignored stays so (``nohup``, ``&``)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        try:
            for number, handler in before.items():
                if handler is not signal.SIG_IGN:
                    signal.signal(number, self._note)
            yield
            self._heed()  # it came after the last step
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
