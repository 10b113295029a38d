"""Learner: one model, its loss and its optimiser, as Lightning wants them. Knows no files and no recordings."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor, nn
from torch.nn import functional

from foreshock.train.data import Augment, Batch, Batches, Data
from foreshock.train.settings import TrainSettings


class Learner(pl.LightningModule):
    """Trains a model with Adam; every sum is taken so that several devices give what one would give."""

    def __init__(
        self,
        model: nn.Module,
        settings: TrainSettings,
        *,
        train: Data,
        dev: Data,
        classify: bool,
        augment: Augment | None = None,
        identity: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.settings = settings
        self.train_data = train
        self.dev_data = dev
        self.classify = classify
        self.augment = augment
        self.identity = identity or {}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam (Kingma & Ba 2015, arXiv:1412.6980) over the trained weights."""
        told = self.settings
        assert told.learning_rate is not None
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        return torch.optim.Adam(weights, lr=told.learning_rate, weight_decay=told.weight_decay)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Write down which training this is."""
        checkpoint["foreshock"] = self.identity

    def train_dataloader(self) -> Batches:
        """The batches of the present epoch (Lightning asks again each epoch)."""
        return self._batches(self.train_data, shuffle=True, augment=self.augment)

    def val_dataloader(self) -> Batches:
        """The development examples as they stand."""
        return self._batches(self.dev_data, shuffle=False, augment=None)

    def _batches(self, data: Data, *, shuffle: bool, augment: Augment | None) -> Batches:
        return Batches(
            data,
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
            epoch=self.trainer.current_epoch,
            shuffle=shuffle,
            rank=self.trainer.global_rank,
            world=self.trainer.world_size,
            augment=augment,
        )

    def on_train_epoch_start(self) -> None:
        """Seed torch by seed, epoch and rank, so that an epoch is the same after a crash."""
        torch.manual_seed(self.settings.seed + 1_000_003 * self.current_epoch + 7_919 * self.global_rank)

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """The loss of a batch; devices average their gradients, so each scales its sum by their number."""
        loss = self._score(batch, "train")
        return (loss * batch["share"]).sum() * self.trainer.world_size

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Add a batch to the scores of the epoch."""
        self._score(batch, "dev")

    def _score(self, batch: Batch, split: str) -> Tensor:
        out = self.model(batch["x"], batch["context"])
        if self.classify:
            loss = functional.cross_entropy(out, batch["y"], reduction="none")
            score, name = (out.argmax(1) == batch["y"]).float(), "accuracy"
        else:
            value = out.reshape(len(batch["y"]))
            kind = functional.huber_loss if self.settings.regression_loss == "huber" else functional.mse_loss
            loss = kind(value, batch["y"], reduction="none")
            score, name = (value - batch["y"]).abs(), "mae"
        self._add(f"{split}_loss", (loss.detach() * batch["part"]).sum())
        self._add(f"{split}_{name}", (score.detach() * batch["each"]).sum())
        return loss

    def _add(self, name: str, value: Any) -> None:
        self.log(name, value, on_step=False, on_epoch=True, reduce_fx="sum", sync_dist=True, batch_size=1)
