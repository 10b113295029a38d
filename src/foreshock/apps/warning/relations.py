"""Relations: how large the first displacement is for a magnitude at a distance, each with its source. Knows no data.

Coefficients are published ones, in SI; a relation of one region is not that of another, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from foreshock.errors import ConfigError, InputError, nearest
from foreshock.types.arrays import Float64

CENTIMETRE = 2.0
"""log10 of centimetres in a metre."""


@dataclass(frozen=True, slots=True)
class Relation:
    """log10 Pd = constant + by_magnitude × M + by_distance × log10 R; Pd in m, R in km.

    Attributes:
        sigma: spread of log10 Pd at one station. event_sigma: the part of it that all stations of an event share;
            where the source tells none, our own judgement.
        hypocentral: whether R is hypocentral, else epicentral. nearest_km: R is not taken to be smaller.
        source: who found it, and where.
        growth: decades that Pd gains at most for each decade of time until the source is done (see `lasting_s`).

    Raises:
        InputError: a spread is not positive, or that of the event is the larger.
    """

    name: str
    constant: float
    by_magnitude: float
    by_distance: float
    sigma: float
    event_sigma: float
    hypocentral: bool
    source: str
    nearest_km: float = 3.0
    growth: float = 2.0

    def __post_init__(self) -> None:
        if not (0 < self.event_sigma < self.sigma and self.by_magnitude > 0 > self.by_distance):
            raise InputError(
                f"relation {self.name}: spreads {self.sigma} and {self.event_sigma}, slopes {self.by_magnitude} and "
                f"{self.by_distance}",
                "the event's spread is a part of the station's; Pd grows with M and falls with R",
                "correct the coefficients",
            )

    def log_pd(self, magnitude: Float64, *, epicentral_km: Float64, depth_km: Float64) -> Float64:
        """Give the median of log10 Pd (m); arrays broadcast.

        >>> far = {"epicentral_km": np.array(30.0), "depth_km": np.array(0.0)}
        >>> round(float(RELATIONS["wu_zhao_2006"].log_pd(np.array(6.0), **far)), 3)
        -3.119
        """
        far = np.hypot(epicentral_km, depth_km) if self.hypocentral else np.asarray(epicentral_km)
        return np.asarray(
            self.constant
            + self.by_magnitude * np.asarray(magnitude)
            + self.by_distance * np.log10(np.maximum(far, self.nearest_km))
        )

    @property
    def station_sigma(self) -> float:
        """The part of the spread that is each station's own."""
        return float(np.sqrt(self.sigma**2 - self.event_sigma**2))


LASTING_S = 1.0
"""A source of magnitude 5 has its largest displacement after so long; ten to the half for each magnitude more: with the
cube root of the moment (Aki 1967, J. Geophys. Res. 72, 1217-1231, doi:10.1029/JZ072i004p01217)."""


def lasting_s(magnitude: Float64) -> Float64:
    """Give how long a source of a magnitude goes on until its P has reached its largest displacement.

    >>> lasting_s(np.array([5.0, 7.0])).tolist()
    [1.0, 10.0]
    """
    return np.asarray(LASTING_S * 10 ** (0.5 * (magnitude - 5.0)))


WU_ZHAO_2006 = Relation(
    "wu_zhao_2006",
    constant=-3.463 - CENTIMETRE,
    by_magnitude=0.729,
    by_distance=-1.374,
    sigma=0.305,
    event_sigma=0.15,
    hypocentral=True,
    source="Wu & Zhao (2006), Geophys. Res. Lett. 33, L16312, doi:10.1029/2006GL026871; southern California, 3 s of P",
)
KUYUK_ALLEN_2013 = Relation(
    "kuyuk_allen_2013",
    constant=-5.39 / 1.23 - CENTIMETRE,
    by_magnitude=1 / 1.23,
    by_distance=-1.38 / 1.23,
    sigma=0.31 / 1.23,
    event_sigma=0.12,
    hypocentral=False,
    source="Kuyuk & Allen (2013), Geophys. Res. Lett. 40, 6329-6333, doi:10.1002/2013GL058580; turned round here",
    nearest_km=5.0,
)
SYNTHETIC_A = Relation(
    "synthetic_a",
    constant=-7.384,
    by_magnitude=1.106,
    by_distance=-1.243,
    sigma=0.296,
    event_sigma=0.143,
    hypocentral=True,
    source="120 scenarios of family A, M 3.5 to 7.5 (`python benchmarks/warning_relation.py`); not for real data",
    growth=1.56,
)
RELATIONS = MappingProxyType({one.name: one for one in (WU_ZHAO_2006, KUYUK_ALLEN_2013, SYNTHETIC_A)})
"""Relations by name."""


def relation(name: str) -> Relation:
    """Give a relation by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in RELATIONS:
        raise ConfigError(f"relation {name!r}", "it is not known", nearest(name, RELATIONS))
    return RELATIONS[name]
