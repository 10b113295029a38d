"""Features (特征提取): amplitude, frequency, period and shape of a waveform, each with formula, unit and source."""

from __future__ import annotations

from foreshock.features.catalogue import catalogue, chosen, column_units, columns
from foreshock.features.feature import Feature
from foreshock.features.waveform import table

__all__ = ["Feature", "catalogue", "chosen", "column_units", "columns", "table"]
