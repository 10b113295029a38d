"""The models against 2,062 records of New Zealand, few of which they were made from: bias and spread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from foreshock.predict.shaking import (
    Abrahamson2014,
    Boore2014,
    CampbellBozorgnia2014,
    ChiouYoungs2014,
    Distances,
    Ground,
    Rupture,
)
from foreshock.predict.shaking.from_hypocentre import from_hypocentre
from foreshock.predict.shaking.model import GroundMotionModel

G_M_S2 = 9.80665
MODELS = [Abrahamson2014(), Boore2014("new_zealand"), CampbellBozorgnia2014(), ChiouYoungs2014()]


@pytest.fixture(scope="module")
def flatfile(realdata: Path) -> pd.DataFrame:
    rows = pd.read_csv(realdata / "ground_motion/nz_flatfile_psa_5pc_geomean.csv.gz", low_memory=False)
    near = (rows.TectClass == "Crustal") & rows.Rjb_km.between(0, 200) & (rows.Rrup_km >= 0) & (rows.Vs30 > 100)
    return rows[near & (rows.PGA_Geomean > 0) & (rows.PGV_Geomean > 0)]


def residuals(model: GroundMotionModel, rows: pd.DataFrame, rupture: Rupture, distances: Distances) -> np.ndarray:
    """ln observed minus ln predicted of PGA and PGV, (measure, record)."""
    out = model.predict(
        ["PGA", "PGV"], rupture, distances=distances, ground=Ground(rows.Vs30.to_numpy().clip(100, 2000))
    )
    seen = np.log([rows.PGA_Geomean * G_M_S2, rows.PGV_Geomean])
    return np.asarray(seen - out.mean_ln)


@pytest.mark.realdata
@pytest.mark.parametrize(
    "model", [Abrahamson2014(), Boore2014("new_zealand"), CampbellBozorgnia2014(), ChiouYoungs2014()], ids=str
)
def test_models_are_unbiased_to_a_fifth_in_new_zealand(model: GroundMotionModel, flatfile: pd.DataFrame) -> None:
    rows = flatfile
    assert (len(rows), rows.CuspID.nunique()) == (2062, 134)
    top, deep = rows.ZTOR_km.to_numpy().clip(0, 50), rows.HypDepth_km.to_numpy().clip(0, 50)
    rupture = Rupture(rows.Mw.to_numpy(), dip_deg=rows.Dip.to_numpy().clip(0, 90), top_km=top, hypocentre_km=deep)
    beside = -1.0  # hanging walls are not told for most
    off = residuals(model, rows, rupture, Distances(rows.Rjb_km.to_numpy(), rows.Rrup_km.to_numpy(), beside))
    assert np.abs(off.mean(1)).max() < 0.2
    assert 0.6 < off.std(1).min() < off.std(1).max() < 0.85


@pytest.mark.realdata
def test_a_rupture_from_the_hypocentre_costs_a_tenth_of_the_spread(flatfile: pd.DataFrame) -> None:
    rows, model = flatfile, Boore2014("new_zealand")
    size = rows.Mw.to_numpy()
    known = residuals(model, rows, Rupture(size), Distances(rows.Rjb_km.to_numpy(), rows.Rrup_km.to_numpy()))
    guessed = from_hypocentre(size, rows.Repi_km.to_numpy(), depth_km=rows.HypDepth_km.to_numpy().clip(0, 50))
    off = residuals(model, rows, *guessed)
    assert np.abs(off.mean(1)).max() < 0.2
    assert (off.std(1) < 1.1 * known.std(1)).all()
