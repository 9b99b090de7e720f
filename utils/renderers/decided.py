"""What the outputs decide, for the verdict and the first screen of the page."""

from __future__ import annotations

import math

from utils.measurements.agreement.readings import Agreement, agreement
from utils.measurements.agreement.wording import DECIDING
from utils.report import Report


def worst_decided(report: Report) -> tuple[str, str, Agreement] | None:
    """Output, measure and value of where most decisions are lost; None where none was counted."""
    found = report.measurements.agreement if report.measurements else None
    counted = [
        (name, measure, value)
        for name, output in (found.outputs.items() if found else ())
        for measure, value in agreement(output).items()
        if measure in DECIDING and not math.isnan(value.value)
    ]
    return min(counted, key=lambda entry: kept(*entry[1:]), default=None)


def kept(measure: str, found: Agreement) -> float:
    """Share of what is decided as in float, 0 to 1; a PSNR in dB where pictures leave."""
    return 1 - found.value if measure.startswith("beyond") else found.value


def median_snr_db(report: Report, output: str) -> float | None:
    """SNR of the median sample at an output; None where samples were not measured one by one."""
    found = report.measurements.agreement if report.measurements else None
    if found is None or output not in found.outputs:
        return None
    median = found.outputs[output].samples.snr_db_at(0.5)
    return None if math.isnan(median) else median
