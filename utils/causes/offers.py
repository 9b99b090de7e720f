"""What wrong data, or a wrong calibration, spoil: nothing measured then says what helps."""

from __future__ import annotations

from utils.causes import Cause, Diagnosis
from utils.causes.links import Link, link_of
from utils.findings import Finding, Severity

# Why lines are not offered, as it follows the lines.
WITHHELD = (
    "calibration or data are wrong: what was measured with them does not say what helps once they "
    "are right"
)


def spoils_measurements(cause: Cause) -> bool:
    """Whether calibration or data are so wrong that they come before all else."""
    is_grave = cause.severity == Severity.ERROR or bool(cause.explains)
    return is_grave and link_of(cause.finding.id) <= Link.DATA


def is_offered(finding: Finding, diagnosis: Diagnosis) -> bool:
    """Whether the lines of a finding may help: no calibration and no data explain it.

    How many samples calibration sees matters once these are right.
    """
    cause = diagnosis.cause_of(finding)
    if cause is not None:
        return link_of(cause.id) > Link.DATA
    is_detail = finding.severity is Severity.INFO and link_of(finding.id) <= Link.DATA
    return not (is_detail and any(map(spoils_measurements, diagnosis.causes)))
