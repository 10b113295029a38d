"""Scenarios for early warning: ruptures, networks, disturbances and packets with exact truth; one chapter a file."""

from __future__ import annotations

from foreshock.collect.synthetic.scenario.adversaries import NAMES as ADVERSARIES
from foreshock.collect.synthetic.scenario.families import FAMILIES, Family, family
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.scenario import Scenario, make_scenario
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings, TelemetrySettings
from foreshock.collect.synthetic.scenario.site_truth import SiteTruth
from foreshock.collect.synthetic.scenario.write import ScenarioFiles, write_scenario

__all__ = [
    "ADVERSARIES",
    "FAMILIES",
    "Family",
    "Scenario",
    "ScenarioFiles",
    "ScenarioSettings",
    "SiteTruth",
    "TelemetrySettings",
    "TrueEvent",
    "family",
    "make_scenario",
    "write_scenario",
]
