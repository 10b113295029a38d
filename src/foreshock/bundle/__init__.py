"""Bundle: a model on disk: card, hashes, ONNX network, weights. Knows no torch and runs nothing."""

from __future__ import annotations

from foreshock.bundle.archive import Bundle, describe, find_bundle, pack, read_bundle, unpack, write_bundle
from foreshock.bundle.card import (
    Card,
    DataUsed,
    Delay,
    Domain,
    Margins,
    Measured,
    Onset,
    Reach,
    ReliabilityBin,
    Residuals,
    SourceDomain,
    SourceReading,
    Training,
    card_from,
)
from foreshock.bundle.shipped import SHIPPED, shipped
from foreshock.bundle.tape import Tape
from foreshock.bundle.windows import Filter, Origin, Windows

__all__ = [
    "SHIPPED",
    "Bundle",
    "Card",
    "DataUsed",
    "Delay",
    "Domain",
    "Filter",
    "Margins",
    "Measured",
    "Onset",
    "Origin",
    "Reach",
    "ReliabilityBin",
    "Residuals",
    "SourceDomain",
    "SourceReading",
    "Tape",
    "Training",
    "Windows",
    "card_from",
    "describe",
    "find_bundle",
    "pack",
    "read_bundle",
    "shipped",
    "unpack",
    "write_bundle",
]
