"""Lengths: how many samples each layer leaves. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable


def after_valid_convolution(n_samples: int, *, kernel: int, stride: int = 1) -> int:
    """Samples left by a convolution without padding: floor((n - kernel) / stride) + 1.

    >>> after_valid_convolution(300, kernel=3)
    298
    """
    return max(0, (n_samples - kernel) // stride + 1)


def after_pool(n_samples: int, *, size: int = 2) -> int:
    """Samples left by a pooling whose windows do not overlap: floor(n / size), the rest is dropped.

    >>> after_pool(149)
    74
    """
    return n_samples // size


def after_article_stages(n_samples: int, *, stages: int = 3) -> int:
    """Samples left by the article's stages of convolution (kernel 3, valid) and pooling (2).

    >>> after_article_stages(300), after_article_stages(22), after_article_stages(21)
    (35, 1, 0)
    """
    for _ in range(stages):
        n_samples = after_pool(after_valid_convolution(n_samples, kernel=3))
    return n_samples


def shortest(left: Callable[[int], int]) -> int:
    """The fewest samples of which something is left.

    >>> shortest(after_article_stages)
    22
    """
    n_samples = 1
    while left(n_samples) < 1:
        n_samples += 1
    return n_samples
