"""Profiling: a trace of the first training steps, for chrome://tracing or Perfetto. Knows nothing about the model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from torch.profiler import ProfilerActivity, profile

from foreshock.outputs import whole_file

TRACE_NAME = "profile.json"
STEPS = 10


class Profiling(pl.Callback):
    """Records `STEPS` steps after the first and writes ``profile.json``."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.profiler: profile | None = None
        self.done = False

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *ignored: Any) -> None:
        """Begin at the second step: the first pays for what is set up once."""
        steps = int(trainer.num_training_batches) * (trainer.max_epochs or 1)
        if trainer.is_global_zero and trainer.global_step == min(1, steps - 1) and not self.done:
            on_gpu = [ProfilerActivity.CUDA] if pl_module.device.type == "cuda" else []
            os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else it prints lines of its own on the terminal
            self.profiler = profile(activities=[ProfilerActivity.CPU, *on_gpu])
            self.profiler.start()
            self.done = True

    def on_train_batch_end(self, trainer: pl.Trainer, *ignored: Any) -> None:
        """Write the trace once enough was seen."""
        if trainer.global_step > STEPS:
            self._write()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write what there is of a short training."""
        self._write()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Stop without a trace."""
        if self.profiler is not None:
            self.profiler.stop()
            self.profiler = None

    def _write(self) -> None:
        if self.profiler is None:
            return
        self.profiler.stop()
        with whole_file(self.work / TRACE_NAME) as temporary:
            self.profiler.export_chrome_trace(str(temporary))
        self.profiler = None
