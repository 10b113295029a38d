"""Shaking: ground-motion models, intensity, the wavefield path, forecasts at places. Knows no engine and no alert."""

from __future__ import annotations

from foreshock.predict.shaking.abrahamson_2014 import Abrahamson2014
from foreshock.predict.shaking.abrahamson_2016 import Abrahamson2016
from foreshock.predict.shaking.arrivals import blind_radius_km
from foreshock.predict.shaking.boore_2014 import Boore2014
from foreshock.predict.shaking.campbell_bozorgnia_2014 import CampbellBozorgnia2014
from foreshock.predict.shaking.chiou_youngs_2014 import ChiouYoungs2014
from foreshock.predict.shaking.field import shaking_of
from foreshock.predict.shaking.forecast import ShakingForecast, forecast
from foreshock.predict.shaking.fusion import Fused, fused
from foreshock.predict.shaking.model import Distances, Ground, GroundMotionModel, Motion, Rupture, applies
from foreshock.predict.shaking.plum import Observed, TwoStations, Wavefield
from foreshock.predict.shaking.posterior import SourcePosterior
from foreshock.predict.shaking.scales import SCALES, Scale, amplification, scale
from foreshock.predict.shaking.sites import Sites, read_sites
from foreshock.predict.shaking.told import told_sites
from foreshock.predict.shaking.tree import LogicTree, active_crust, single

__all__ = [
    "SCALES",
    "Abrahamson2014",
    "Abrahamson2016",
    "Boore2014",
    "CampbellBozorgnia2014",
    "ChiouYoungs2014",
    "Distances",
    "Fused",
    "Ground",
    "GroundMotionModel",
    "LogicTree",
    "Motion",
    "Observed",
    "Rupture",
    "Scale",
    "ShakingForecast",
    "Sites",
    "SourcePosterior",
    "TwoStations",
    "Wavefield",
    "active_crust",
    "amplification",
    "applies",
    "blind_radius_km",
    "forecast",
    "fused",
    "read_sites",
    "scale",
    "shaking_of",
    "single",
    "told_sites",
]
