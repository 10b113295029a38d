"""The page of a catalogue is complete in itself, honest about what is missing, and safe against hostile names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import process_time

from foreshock.evaluate.report.catalogue import CatalogueReport, write_catalogue_report
from foreshock.types.solution import Solution
from foreshock.types.station import Station

Network = Callable[..., Mapping[str, Station]]
Catalogue = Callable[..., list[Solution]]

HOSTILE = ('XX.<script>alert("1")</script>.', "XX.$\\frac{a}$.", "XX.شبكة.", "XX.&amp;\x00.", "XX.A\nB.")


def written(folder: Path, report: CatalogueReport) -> str:
    return write_catalogue_report(folder, report).read_text(encoding="utf-8")


def test_an_empty_catalogue_is_told_in_sentences(tmp_path: Path) -> None:
    text = written(tmp_path / "out", CatalogueReport("Nothing"))
    for sentence in (
        "No earthquake was found, so there is no map.",
        "there is no cross-section.",
        "no magnitudes along time.",
        "no Mc and no b.",
        "there are no residuals.",
        "No station was heard",
    ):
        assert sentence in text
    assert "<img" not in text


def test_hostile_names_stay_names(tmp_path: Path, network: Network, catalogue: Catalogue) -> None:
    stations = network(*HOSTILE)
    report = CatalogueReport(
        "<b>title</b>",
        catalogue(3, stations),
        stations=stations,
        heard_s=dict.fromkeys(stations, 3600.0),
        done=[("archive", "<img src=x>")],
        skipped=[("<i>item</i>", "<u>reason</u> 5")],
        notes=[("<i>item</i>", "&note")],
    )
    text = written(tmp_path, report)
    for part in ("<script", "<b>title", "<img src=x", "<i>item", "<u>reason", "\x00"):
        assert part not in text
    assert "XX.&lt;script&gt;alert(&quot;1&quot;)" in text


def test_one_earthquake_makes_a_page(tmp_path: Path, network: Network, catalogue: Catalogue) -> None:
    stations = network()
    text = written(tmp_path, CatalogueReport("One", catalogue(1, stations), stations=stations, heard_s={"XX.A.": 60.0}))
    assert "1 earthquake of 0 picks" in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")


def test_a_thousand_earthquakes_are_quick_and_the_same_bytes(
    tmp_path: Path, network: Network, catalogue: Catalogue
) -> None:
    stations = network()
    report = CatalogueReport("Many", catalogue(1000, stations), stations=stations, heard_s=dict.fromkeys(stations, 9.0))
    began = process_time()
    first = written(tmp_path / "one", report)
    assert process_time() - began < 30
    assert written(tmp_path / "two", report) == first
    assert "The 200 largest of 1,000" in first
    assert "Earthquakes without a magnitude are in no count of sizes" in first
    assert "142 of 1,000 depths were given" in first
    assert "50 earthquakes stand where the associator put them" in first


def test_every_type_of_magnitude_stands_in_the_table(tmp_path: Path, network: Network, catalogue: Catalogue) -> None:
    text = written(tmp_path, CatalogueReport("Sizes", catalogue(1, network()), pictures=False))
    assert "ML" in text
    assert "<small>Mw" in text
    assert "Pictures were not asked for." in text
