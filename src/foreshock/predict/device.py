"""Device: which of ONNX Runtime's processors a model runs on. Knows no models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foreshock.bundle.onnx_runtime import onnxruntime
from foreshock.errors import ConfigError, nearest

DEVICES = ("auto", "cpu", "cuda")
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@dataclass(frozen=True, slots=True)
class Device:
    """A choice that was made: what was asked, what it runs on, and a sentence for people."""

    asked: str
    name: str
    sentence: str

    @property
    def providers(self) -> list[str]:
        """ONNX Runtime's names, the wanted one first."""
        return [CUDA, CPU] if self.name == "cuda" else [CPU]


def available() -> list[str]:
    """Give the execution providers this installation of ONNX Runtime was built with."""
    return list(onnxruntime.get_available_providers())


def choose(asked: str, *, providers: Sequence[str] | None = None) -> Device:
    """Choose the processor for ``auto``, ``cpu`` or ``cuda``; ``auto`` takes CUDA where it is there.

    Raises:
        ConfigError: the name is unknown, or ``cuda`` is asked for and not there.

    >>> choose("auto", providers=["CPUExecutionProvider"]).sentence
    'runs on the CPU: this ONNX Runtime has no CUDA'
    """
    if asked not in DEVICES:
        raise ConfigError(f"device {asked!r}", "it is not known", nearest(asked, DEVICES))
    has_cuda = CUDA in (available() if providers is None else providers)
    if asked == "cuda" and not has_cuda:
        raise ConfigError(
            "device 'cuda'", "this ONNX Runtime has no CUDA", "use --device cpu, or pip install onnxruntime-gpu"
        )
    if asked != "cpu" and has_cuda:
        return Device(asked, "cuda", "runs on CUDA")
    why = "as asked" if asked == "cpu" else "this ONNX Runtime has no CUDA"
    return Device(asked, "cpu", f"runs on the CPU: {why}")


def settle(device: Device, running: Sequence[str]) -> Device:
    """Say where a session really runs: ONNX Runtime falls back to the CPU in silence, for instance without a driver.

    Raises:
        ConfigError: ``cuda`` was asked for and the session does not run on it.
    """
    if device.name == "cpu" or CUDA in running:
        return device
    if device.asked == "cuda":
        raise ConfigError("device 'cuda'", "CUDA could not be started here", "check the driver, or use --device cpu")
    return Device(device.asked, "cpu", "runs on the CPU: CUDA could not be started here")
