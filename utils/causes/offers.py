"""What wrong data, or a wrong calibration, spoil: nothing measured then says what helps."""

from __future__ import annotations

import re
from dataclasses import replace

from utils.causes import Cause, Diagnosis
from utils.causes.consequences import LOST
from utils.causes.links import Link, link_of
from utils.findings import Finding, Severity

# Why lines are not offered, as it follows the lines.
WITHHELD = (
    "calibration or data are wrong: what was measured with them does not say what helps once they "
    "are right"
)

WORKS_AROUND = (
    "a line of the model script made the fault: what helps beside that line says nothing of what "
    "helps without it"
)


# What a remedy has in addition where it points to lines that stand beside it.
_POINTING = re.compile(r", as in this line,| (?:with|by) (?:this line|these lines)\b")
_POINTS = re.compile(r"\b(?:this line|these lines)\b", re.IGNORECASE)


_MOST = 0.5  # of the samples


def adds_nothing(cause: Cause) -> bool:
    """Whether it is said of samples that say nothing new, beside which all others say as much.

    Copies are measured and calibrated on as their originals are. Where most pictures are blank,
    nobody knows what the rest is worth.
    """
    if cause.explains:
        return False
    is_blank = cause.finding.id == "calibration-constant-sample"
    is_some = is_blank and cause.finding.measured.get("share", 1.0) <= _MOST
    return is_some or cause.finding.id == "calibration-duplicates"


def spoils_measurements(cause: Cause) -> bool:
    """Whether calibration or data are so wrong that they come before all else.

    What is only worth knowing spoils nothing, even if it explains other such facts.
    """
    if adds_nothing(cause):
        return False
    # Data of another kind that cost no output anything show what helps as well as others.
    costs_nothing = cause.finding.id == "dataset-differs" and LOST.isdisjoint(
        each.id for each in cause.explains
    )
    is_grave = cause.severity == Severity.ERROR or (cause.explains_trouble and not costs_nothing)
    return is_grave and link_of(cause.finding.id) <= Link.DATA


def is_offered(finding: Finding, diagnosis: Diagnosis) -> bool:
    """Whether the lines of a finding may help."""
    return not reason_against(finding, diagnosis)


def reason_against(finding: Finding, diagnosis: Diagnosis) -> str:
    """Why the lines of a finding are not offered; "" if they are.

    Nobody works around a calibration, data or a line of the script that are wrong. How many samples
    calibration sees matters once these are right.
    """
    cause = diagnosis.cause_of(finding)
    if cause is not None:
        if undoes_a_line(cause) and not undoes_a_line(finding):
            return WORKS_AROUND
        is_harmless = diagnosis.severity_of(cause) is Severity.INFO
        return "" if is_harmless or link_of(cause.id) > Link.DATA else WITHHELD
    is_detail = finding.severity is Severity.INFO and link_of(finding.id) <= Link.DATA
    is_withheld = is_detail and any(map(spoils_measurements, diagnosis.causes))
    return WITHHELD if is_withheld else ""


def undoes_a_line(finding: Finding) -> bool:
    """Whether its remedy takes back the line of a script that made the fault."""
    return finding.removes_cause and finding.location is not None


def as_offered(finding: Finding, diagnosis: Diagnosis) -> Finding:
    """The finding as it is told: where its lines are withheld, its remedy points to none."""
    if not finding.commands or is_offered(finding, diagnosis):
        return finding
    return replace(finding, remedy=without_pointing(finding.remedy))


def without_pointing(remedy: str) -> str:
    """A remedy for those who see no lines beside it; "" where it asks for nothing but these."""
    said = _POINTING.sub("", remedy)
    return "" if _POINTS.search(said) else said
