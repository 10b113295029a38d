"""Devices: what was asked, what is there, and what came of it."""

from __future__ import annotations

import pytest

from foreshock.errors import ConfigError
from foreshock.predict.device import CPU, CUDA, available, choose, settle


def test_auto_takes_cuda_where_it_is_and_says_so_where_it_is_not() -> None:
    assert choose("auto", providers=[CUDA, CPU]).providers == [CUDA, CPU]
    fallen = choose("auto", providers=[CPU])
    assert fallen.providers == [CPU]
    assert fallen.sentence == "runs on the CPU: this ONNX Runtime has no CUDA"


def test_cpu_means_cpu_even_beside_cuda() -> None:
    assert choose("cpu", providers=[CUDA, CPU]).providers == [CPU]


def test_cuda_that_is_not_there_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match=r"device 'cuda'.*no CUDA; use --device cpu, or pip install onnxruntime-gpu"):
        choose("cuda", providers=[CPU])


def test_an_unknown_device_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'gpu'"):
        choose("gpu")
    with pytest.raises(ConfigError, match="did you mean 'cuda'"):
        choose("cudda")


def test_a_silent_fall_to_the_cpu_is_told() -> None:
    told = settle(choose("auto", providers=[CUDA, CPU]), [CPU])
    assert (told.name, told.sentence) == ("cpu", "runs on the CPU: CUDA could not be started here")
    with pytest.raises(ConfigError, match="could not be started"):
        settle(choose("cuda", providers=[CUDA, CPU]), [CPU])
    assert settle(choose("cuda", providers=[CUDA, CPU]), [CUDA, CPU]).name == "cuda"


def test_a_cpu_is_always_there() -> None:
    assert CPU in available()
