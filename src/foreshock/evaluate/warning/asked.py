"""Asked: what is asked of judged events, a line a measure: column, statistic, sentence. Knows no numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from foreshock.types.arrays import Float64


@dataclass(frozen=True, slots=True)
class Asked:
    """One measure of the table of events.

    Attributes:
        column: of `EVENT_ROWS`. statistic: of `STATISTICS`, or ``share``. absolute: of the column without its sign.
        better: ``lower``, ``higher``, or empty where neither is.
    """

    name: str
    column: str
    statistic: str
    sentence: str
    absolute: bool = False
    better: str = "lower"

    def values(self, events: pd.DataFrame) -> Float64:
        """The numbers it rests on, NaN where unknown."""
        found = pd.to_numeric(events[self.column]).to_numpy(float)
        return np.asarray(np.abs(found) if self.absolute else found, np.float64)


def _times() -> tuple[Asked, ...]:
    made = [
        Asked("first_alert_after_origin_median_s", "first_alert_s", "median", "First message after origin, median."),
        Asked("first_alert_after_origin_p95_s", "first_alert_s", "p95", "First message after origin, 95th percentile."),
        Asked("confirmed_after_origin_median_s", "confirmed_s", "median", "Confirmed after the origin, median."),
        Asked("confirmed_after_origin_p95_s", "confirmed_s", "p95", "Confirmed after the origin, 95th percentile."),
    ]
    for n in range(1, 5):
        which = ("first", "second", "third", "fourth")[n - 1]
        sentence = f"First message after the {which} P arrival at a station, median; negative: before it."
        made.append(Asked(f"first_alert_after_p{n}_median_s", f"first_after_p{n}_s", "median", sentence))
    sentence = "First confirmed message after the fourth P arrival, median; negative: before it."
    made.append(Asked("confirmed_after_p4_median_s", "confirmed_after_p4_s", "median", sentence))
    return tuple(made)


_WHEN = {
    "first": "at the first message",
    "p4": "4 s after the first P",
    "a4": "4 s after the first message",
    "final": "at the end",
}


def _errors() -> tuple[Asked, ...]:
    made = []
    for when, said in _WHEN.items():
        column = f"magnitude_error_{when}"
        made += [
            Asked(f"magnitude_error_{when}_median", column, "median", f"Median |ΔM| {said}.", absolute=True),
            Asked(f"magnitude_error_{when}_mean", column, "mean", f"Mean |ΔM| {said}.", absolute=True),
            Asked(f"magnitude_bias_{when}", column, "mean", f"Mean of ΔM, estimated minus true, {said}.", better=""),
            Asked(f"magnitude_sd_{when}", column, "sd", f"Standard deviation of ΔM {said}."),
            Asked(f"magnitude_coverage_90_{when}", f"magnitude_in_90_{when}", "share",
                  f"Share of true magnitudes from q05 to q95 {said}; 0.90 is promised.", better=""),
            Asked(f"magnitude_crps_{when}", f"crps_{when}", "mean", f"CRPS of the magnitude {said}."),
            Asked(f"epicentre_{when}_median_km", f"epicentre_km_{when}", "median", f"Median epicentral error {said}."),
            Asked(f"epicentre_{when}_p95_km", f"epicentre_km_{when}", "p95", f"95 % point of that error {said}."),
            Asked(f"ellipse_coverage_68_{when}", f"in_68_{when}", "share",
                  f"Share of true epicentres inside the ellipse {said}; 0.68 is promised.", better=""),
            Asked(f"ellipse_coverage_95_{when}", f"in_95_{when}", "share",
                  f"Share inside the ellipse lengthened to 95 %, {said}.", better=""),
        ]  # fmt: skip
    return tuple(made)


MEASURES = (
    Asked("warned_share", "warned", "share", "Share of true events of any size that were warned of.", better="higher"),
    Asked("merged_share", "merged", "share", "Share of true events told as one with another."),
    *_times(),
    *_errors(),
    Asked("origin_time_error_first_median_s", "origin_error_s_first", "median",
          "Error of the origin time at the first message, median size.", absolute=True),
    Asked("depth_error_final_median_km", "depth_error_km_final", "median", "Error of depth at the end, median size.",
          absolute=True),
    Asked("messages_mean", "n_messages", "mean", "Messages an event.", better=""),
    Asked("material_changes_mean", "material_changes", "mean",
          "Messages an event that change the magnitude by 0.3, the epicentre by 10 km, or cancel."),
    Asked("site_flips_mean", "site_flips", "mean", "How often sites changed sides of their thresholds, an event."),
    Asked("cancelled_true_share", "cancelled", "share", "Share of true events whose warning was cancelled."),
    Asked("drift_magnitude_median", "drift_magnitude", "median",
          "|M at the end − M 10 s after the first P|, median."),
    Asked("drift_km_median", "drift_km", "median", "How far the epicentre still moved from 10 s on, median."),
)  # fmt: skip
BRIEF = (
    "warned_share", "first_alert_after_origin_median_s", "confirmed_after_origin_median_s",
    "first_alert_after_p2_median_s", "magnitude_error_first_median", "magnitude_bias_first", "magnitude_sd_p4",
    "magnitude_coverage_90_first", "epicentre_first_median_km", "epicentre_final_median_km",
    "ellipse_coverage_68_first", "material_changes_mean",
)  # fmt: skip
"""Measures that are asked of every group."""
EXTRA_SENTENCES = {
    **{
        f"missed_m{m}_in_network": f"Share of true events of M ≥ {m} within the network that nothing warned of."
        for m in (3, 4, 5, 6)
    },
    "twins_both_warned": "Share of pairs of true events within 180 s and 300 km where both were warned of.",
    "split_share": "Share of warned events that tell of a true event a second time.",
    "false_share": "Share of warned events that are none.",
    "false_confirmed_share": "Share of warned events that are none and were confirmed.",
    "false_confirmed_per_station_day": "Confirmed false warnings a station and day.",
    "false_per_station_day": "False warnings a station and day.",
    "false_per_network_day": "False warnings a day of the whole network.",
    "false_cancelled_share": "Share of false warnings that were cancelled.",
    "false_cancelled_after_median_s": "Seconds from a false warning to its cancellation, median.",
    "site_recall": "Of sites shaken to their threshold, the share that was warned, before or after.",
    "site_recall_in_time": "The share that was warned before.",
    "site_precision": "Of warned sites, the share that was shaken to its threshold.",
    "site_false_share": "Of sites not shaken to their threshold, the share that was warned.",
    "site_lead_median_s": "Seconds from a site's warning to its threshold, of sites shaken and warned, median.",
    "site_lead_p05_s": "Seconds from a site's warning to its threshold, 5th percentile.",
    "site_lead_p95_s": "Seconds from a site's warning to its threshold, 95th percentile.",
    "site_lead_to_s_median_s": "Seconds from a site's warning to S, of the same sites, median.",
}
SENTENCES = {one.name: one.sentence for one in MEASURES} | EXTRA_SENTENCES
