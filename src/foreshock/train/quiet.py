"""Quiet: Lightning's advertisements and known, harmless warnings kept from people. Knows no training."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

CHATTERERS = ("lightning.pytorch", "lightning.fabric", "lightning.pytorch.utilities.rank_zero")


HARMLESS = (
    # Lightning 2.6 (utilities/_pytree.py) and torch.onnx still make torch's own LeafSpec the old way
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hush Lightning inside the block and put everything back afterwards."""
    loggers = [logging.getLogger(name) for name in CHATTERERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.WARNING)
        with warnings.catch_warnings():
            _ignore()
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def quiet_process() -> None:
    """Hush Lightning in a process of our own that does nothing but train."""
    for name in CHATTERERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    _ignore()


def _ignore() -> None:
    for message in HARMLESS:
        warnings.filterwarnings("ignore", message=message)
