"""Tests of the tables of global models, against ObsPy's TauP."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.taup import TauPyModel

from foreshock.errors import InputError
from foreshock.predict.travel.global_1d import KM_A_DEGREE, global_times


@pytest.mark.slow
@pytest.mark.parametrize("name", ["iasp91", "ak135"])
def test_tables_agree_with_taup_to_20_ms(name: str) -> None:
    times, taup = global_times(name), TauPyModel(name)
    rng = np.random.default_rng(7)
    worst = {}
    for phase, names in (("P", ["p", "P", "Pn"]), ("S", ["s", "S", "Sn"])):
        off = []
        for n in range(50):
            deep, far = rng.uniform(0, (60, 700)[n % 2]), rng.uniform(0, (3, 20)[n // 2 % 2])
            rows = taup.get_travel_times(deep, far, names)
            if rows:
                off.append(float(times.time_s(phase, np.array(far * KM_A_DEGREE), np.array(deep))) - rows[0].time)
        worst[phase] = (np.abs(off).max(), len(off))
    print(name, worst)
    assert all(value < 0.02 and n > 45 for value, n in worst.values())


@pytest.mark.slow
def test_no_hole_is_left_in_the_tables() -> None:
    times = global_times("iasp91")
    assert all(np.isfinite(table).all() for table in times.slowness_s_km.values())


def test_an_unknown_global_model_is_named() -> None:
    with pytest.raises(InputError, match="'iasp92'"):
        global_times("iasp92")
