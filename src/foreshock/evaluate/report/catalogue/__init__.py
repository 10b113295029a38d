"""Catalogue: one page about a catalogue of earthquakes. Knows solutions, picks, waveforms, and no predictor."""

from __future__ import annotations

from foreshock.evaluate.report.catalogue.noun import CatalogueReport
from foreshock.evaluate.report.catalogue.write import write_catalogue_report

__all__ = ["CatalogueReport", "write_catalogue_report"]
