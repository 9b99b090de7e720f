"""Whether lines that a finding recommends are worth anything."""

from __future__ import annotations

from utils.causes import Diagnosis
from utils.causes.links import Link, link_of
from utils.findings import Finding

# Why lines are not offered, as it follows the lines.
WITHHELD = (
    "calibration or data are wrong: what was measured with them does not say what helps once they "
    "are right"
)


def is_offered(finding: Finding, diagnosis: Diagnosis) -> bool:
    """Whether the lines of a finding may help, as far as its cause says.

    Nothing that is measured with wrong data, or in ranges of a wrong calibration, proves anything.
    """
    cause = diagnosis.cause_of(finding)
    return cause is None or link_of(cause.id) > Link.DATA
