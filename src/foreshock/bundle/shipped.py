"""Shipped: the trained models inside this package. Knows no training and runs nothing."""

from __future__ import annotations

from importlib import resources

from foreshock.bundle.archive import SUFFIX, Bundle, read_bundle
from foreshock.errors import NotFoundError, nearest

SHIPPED = ("picker", "picker-live", "picker-without-gujarat", "source")
"""Names of the models that come with every installation; the third has seen nothing of India, to be tried there."""


def shipped(name: str) -> Bundle:
    """Read a model that ships with the package.

    Raises:
        NotFoundError: there is none of that name.
        BundleError: its file is damaged.

    >>> shipped("picker").card.problem
    'pick'
    """
    if name not in SHIPPED:
        raise NotFoundError(f"shipped model {name!r}", "there is none of that name", nearest(name, SHIPPED))
    with resources.as_file(resources.files("foreshock.bundle").joinpath("models", name + SUFFIX)) as path:
        return read_bundle(path)
