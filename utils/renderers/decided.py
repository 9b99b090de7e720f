"""What the outputs decide, for the verdict and the first screen of the page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from utils.measurements.agreement.limits import FEWEST_DECISIONS, LIMITS
from utils.measurements.agreement.readings import Agreement, agreement
from utils.measurements.agreement.wording import DECIDING, is_better_low
from utils.outputs.producers import class_number_outputs
from utils.report import Report

# What stands for an SNR that proves nothing.
CONSTANT = "constant"
CLASSES = "classes"

Counted = tuple[str, str, Agreement]  # output, measure and value


def worst_decided(report: Report) -> tuple[str, str, Agreement] | None:
    """Output, measure and value of where most decisions are lost; None where none was counted.

    A measure that is beyond its limit comes first: as good as all pixels may keep their class while
    those of a rare class do not. One or two decisions are no rate, and speak only where no output
    has more. Outputs that are constant in float decide nothing that could be lost.
    """
    measured = [each for each in decided(report) if not math.isnan(each[2].value)]
    lost = _rates([each for each in measured if _severity(*each[1:])])
    gravest = max((_severity(*each[1:]) for each in lost), default=0)
    counted = [each for each in lost if _severity(*each[1:]) == gravest] or [
        each for each in measured if each[1] in DECIDING
    ]
    return min(_rates(counted), key=lambda entry: kept(*entry[1:]), default=None)


def _rates(counted: list[Counted]) -> list[Counted]:
    """Those that rest on several decisions, where any do."""
    return [each for each in counted if each[2].of >= FEWEST_DECISIONS] or counted


def _severity(measure: str, found: Agreement) -> int:
    """How bad a measure is, 0 where it keeps its limit or has none."""
    severity = LIMITS[measure].severity(found) if measure in LIMITS else None
    return 0 if severity is None else int(severity)


def decided(report: Report) -> Iterator[tuple[str, str, Agreement]]:
    """Output, measure and value of all that was counted, in the order of the outputs."""
    found = report.measurements.agreement if report.measurements else None
    for name, output in found.outputs.items() if found else ():
        if not output.is_constant_in_float:
            yield from ((name, measure, value) for measure, value in agreement(output).items())


def is_constant(report: Report, output: str) -> bool:
    """Whether an output is the same for all samples in float: no number proves anything then."""
    found = report.measurements.agreement if report.measurements else None
    compared = found.outputs.get(output) if found else None
    return compared is not None and compared.is_constant_in_float


def instead_of_ratio(report: Report, output: str) -> str:
    """A word for what leaves an output, where no SNR says anything of it; "" where one does."""
    if is_constant(report, output):
        return CONSTANT
    return CLASSES if output in class_number_outputs(report.model.network) else ""


def kept(measure: str, found: Agreement) -> float:
    """Share of what is decided as in float, 0 to 1; a PSNR in dB where pictures leave."""
    return 1 - found.value if is_better_low(measure) else found.value


def median_snr_db(report: Report, output: str) -> float | None:
    """SNR of the median sample at an output.

    None where samples were not measured one by one, and where it proves nothing.
    """
    found = report.measurements.agreement if report.measurements else None
    if found is None or output not in found.outputs or instead_of_ratio(report, output):
        return None
    median = found.outputs[output].samples.snr_db_at(0.5)
    return None if math.isnan(median) else median
