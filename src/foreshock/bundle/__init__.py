"""Bundle: a model on disk: card, hashes, ONNX network, weights. Knows no torch and runs nothing."""

from __future__ import annotations

from foreshock.bundle.archive import Bundle, describe, find_bundle, pack, read_bundle, unpack, write_bundle
from foreshock.bundle.card import (
    Card,
    DataUsed,
    Domain,
    Margins,
    Measured,
    Onset,
    Reach,
    Residuals,
    SourceReading,
    Training,
    card_from,
)

__all__ = [
    "Bundle",
    "Card",
    "DataUsed",
    "Domain",
    "Margins",
    "Measured",
    "Onset",
    "Reach",
    "Residuals",
    "SourceReading",
    "Training",
    "card_from",
    "describe",
    "find_bundle",
    "pack",
    "read_bundle",
    "unpack",
    "write_bundle",
]
