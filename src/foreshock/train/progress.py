"""Progress: a bar for people who watch a training. Knows nothing but batches and scores."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class ProgressBar(pl.Callback):
    """One bar over all epochs on the error stream, and a line of scores an epoch; nothing where nobody watches."""

    def __init__(self, sentence: str, console: Console | None = None) -> None:
        self.sentence = sentence
        self.console = console  # made where it is used: a console cannot be sent to another process
        self.bar: Progress | None = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar, from where the training goes on."""
        console = self.console or Console(stderr=True)
        if not trainer.is_global_zero or not console.is_terminal:
            return
        console.print(self.sentence, highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=console)
        steps = int(trainer.num_training_batches)
        self.task = self.bar.add_task(
            "training", total=steps * (trainer.max_epochs or 1), completed=steps * trainer.current_epoch
        )
        self.bar.start()

    def on_train_batch_end(self, trainer: pl.Trainer, *ignored: Any) -> None:
        """One batch further."""
        if self.bar is not None:
            self.bar.advance(self.task)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Print the scores of the epoch."""
        if self.bar is not None:
            scores = "  ".join(f"{name} {float(value):.4f}" for name, value in sorted(trainer.callback_metrics.items()))
            self.bar.console.print(f"epoch {trainer.current_epoch + 1:>3}  {scores}", highlight=False)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take the bar away."""
        self._stop()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Take the bar away."""
        self._stop()

    def _stop(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
