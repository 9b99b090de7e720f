"""What the outputs decide, for the verdict and the first screen of the page."""

from __future__ import annotations

import math

from utils.measurements.agreement.readings import Agreement, agreement
from utils.measurements.agreement.wording import FIRST_MEASURES
from utils.report import Report


def first_measures(report: Report) -> dict[str, tuple[str, Agreement]]:
    """The measure that people ask for first, by output; outputs of unknown kind have none."""
    found = report.measurements.agreement if report.measurements else None
    chosen: dict[str, tuple[str, Agreement]] = {}
    for name, output in found.outputs.items() if found else ():
        measures = agreement(output)
        for measure in FIRST_MEASURES:
            if measure in measures and not math.isnan(measures[measure].value):
                chosen[name] = measure, measures[measure]
                break
    return chosen


def worst_decided(report: Report) -> tuple[str, str, Agreement] | None:
    """Output, measure and value of where most decisions are lost; None where none was counted."""
    chosen = first_measures(report)
    if not chosen:
        return None
    name = min(chosen, key=lambda name: _kept(*chosen[name]))
    return name, *chosen[name]


def _kept(measure: str, found: Agreement) -> float:
    return 1 - found.value if measure.startswith("beyond") else found.value


def median_snr_db(report: Report, output: str) -> float | None:
    """SNR of the median sample at an output; None where samples were not measured one by one."""
    found = report.measurements.agreement if report.measurements else None
    if found is None or output not in found.outputs:
        return None
    median = found.outputs[output].samples.snr_db_at(0.5)
    return None if math.isnan(median) else median
