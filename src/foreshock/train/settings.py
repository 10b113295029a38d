"""Settings of a training, and what is derived where nothing was said. Knows no torch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from foreshock.config import Settings
from foreshock.models import needs
from foreshock.prepare.augment import Augmentation

LEARNING_RATE = {"cnn": 1e-3, "cnn-small": 1e-3, "lstm": 3e-3, "conv-lstm": 1e-3, "cnn-regression": 1e-3}
"""Adam's step where none is told: Keras' default, larger for the LSTM (see `GRADIENT_CLIP`)."""

GRADIENT_CLIP = {"lstm": 1.0, "conv-lstm": 1.0}
"""Largest norm of the gradient of recurrent networks (Pascanu et al. 2013, arXiv:1211.5063); others are not clipped."""


class TrainSettings(Settings):
    """How a model is trained; `resolved` fills what is None.

    Attributes:
        model: one of `foreshock.models.NAMES`.
        epochs: passes over the training examples, at most.
        batch_size: examples of one step, over all devices together.
        learning_rate: Adam's; None takes the model's own.
        patience: epochs without a better validation loss before it stops; None takes a quarter of `epochs`, at least 3.
        class_weights: ``balanced`` weighs each class by the inverse of its share.
        regression_loss: ``huber`` (delta 1 in standard deviations of the target) or ``mse``.
        weight_decay: of Adam (0: none).
        gradient_clip: largest norm of the gradient; None takes the model's own, 0 is none.
        augmentation: how training windows are changed at random; nothing by default.
        seed: of weights, order and augmentation.
        accelerator, devices: where it runs; several devices share each batch (DDP).
        bf16: compute in bfloat16 where that is safe.
        tensorboard: write logs for TensorBoard.
        profile: write a trace of the first steps.
    """

    model: str = "cnn"
    epochs: int = Field(default=20, ge=1, le=100_000)
    batch_size: int = Field(default=32, ge=1, le=1_000_000)
    learning_rate: float | None = Field(default=None, gt=0, le=10)
    patience: int | None = Field(default=None, ge=1)
    class_weights: Literal["none", "balanced"] = "none"
    regression_loss: Literal["huber", "mse"] = "huber"
    weight_decay: float = Field(default=0.0, ge=0, le=1e6)
    gradient_clip: float | None = Field(default=None, ge=0, le=1e30)
    augmentation: Augmentation = Augmentation()
    seed: int = Field(default=0, ge=0, lt=2**32)
    accelerator: Literal["auto", "cpu", "cuda"] = "auto"
    devices: int = Field(default=1, ge=1)
    bf16: bool = False
    tensorboard: bool = True
    profile: bool = False

    def resolved(self) -> TrainSettings:
        """The same settings with everything that was left open filled in.

        Raises:
            ConfigError: there is no such model.

        >>> TrainSettings(model="cnn").resolved().learning_rate
        0.001
        """
        needs(self.model)
        derived = {
            "learning_rate": LEARNING_RATE.get(self.model, 1e-3),
            "gradient_clip": GRADIENT_CLIP.get(self.model, 0.0),
            "patience": max(3, self.epochs // 4),
        }
        open_ones = {name: value for name, value in derived.items() if getattr(self, name) is None}
        return self.model_copy(update=open_ones)

    def sentence(self) -> str:
        """What will be done, in one line for people.

        >>> TrainSettings(model="lstm", epochs=8, seed=1).sentence()
        'lstm: Adam 0.003, batch 32, at most 8 epochs, patience 3, gradient clipped at 1, seed 1'
        """
        told = self.resolved()
        parts = [f"{told.model}: Adam {told.learning_rate:g}", f"batch {told.batch_size}"]
        parts += [f"at most {told.epochs} epochs", f"patience {told.patience}"]
        parts += [f"gradient clipped at {told.gradient_clip:g}"] if told.gradient_clip else []
        parts += ["classes weighed by the inverse of their share"] if told.class_weights == "balanced" else []
        parts += [f"{told.devices} devices"] if told.devices > 1 else []
        parts += ["bfloat16"] if told.bf16 else []
        return ", ".join([*parts, f"seed {told.seed}"])
