"""Named: travel times by the name of a model or from a table of layers. Knows no picks and no network."""

from __future__ import annotations

import csv
from pathlib import Path

from foreshock.errors import ConfigError, FormatError, nearest
from foreshock.predict.travel.global_1d import MODELS, global_times
from foreshock.predict.travel.layered import LayeredTimes
from foreshock.predict.travel.models import PRESETS, VelocityModel
from foreshock.predict.travel.table import TravelTimes

COLUMNS = ("top_km", "vp_km_s", "vs_km_s")
MOST_BYTES = 1_000_000


def travel_times(name: str) -> TravelTimes:
    """Give travel times: of a layered crust by name, of iasp91 or ak135 (regional), or of a CSV file of layers.

    The file has the columns ``top_km`` (below sea level, rising from 0), ``vp_km_s`` and ``vs_km_s``.

    Raises:
        ConfigError: there is no such model and no such file.
        FormatError: the file is not such a table.
        InputError: the layers are not those of rock.

    >>> travel_times("iasp91_crust").max_depth_km > 30
    True
    """
    if name in PRESETS:
        return LayeredTimes(PRESETS[name])
    if name in MODELS:
        return global_times(name)
    path = Path(name)
    if path.suffix.lower() != ".csv" and not path.is_file():
        known = (*PRESETS, *MODELS)
        raise ConfigError(f"velocity model {name!r}", "it is not known", nearest(name, known))
    return LayeredTimes(read_layers(path))


def read_layers(path: Path) -> VelocityModel:
    """Read a table of layers.

    Raises:
        FormatError: it cannot be read, or is no such table.
        InputError: the layers are not those of rock.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FormatError(f"velocity model {path}", "it is larger than any table of layers", "give layers")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        layers = [tuple(float(row[name]) for name in COLUMNS) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, csv.Error) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            f"velocity model {path}", f"it is no table of layers ({error})", f"give the columns {', '.join(COLUMNS)}"
        ) from error
    tops, vp, vs = zip(*layers, strict=True) if layers else ((), (), ())
    return VelocityModel(tuple(tops), tuple(vp), tuple(vs), name=path.stem, source=str(path))
