"""A finding for those who show each by itself: what explains it comes first."""

from __future__ import annotations

from dataclasses import replace

from utils.causes.offers import reason_against
from utils.findings import Finding
from utils.report import Report


def with_cause(report: Report, finding: Finding) -> str:
    """The message of a finding, which opens with its cause where it has one.

    A server shows findings in the order of the inspectors, and a consequence may be the first. Its
    remedy is left out where it would work around wrong data, a wrong calibration or a line of the
    script: nobody is to follow it before these are mended.
    """
    cause = report.diagnosis.cause_of(finding)
    if cause is None:
        return finding.message
    return f"Mend {cause.id} first, which explains this: {without_detour(report, finding)}"


def without_detour(report: Report, finding: Finding) -> str:
    """The message of a finding without a remedy that works around its cause."""
    if report.diagnosis.cause_of(finding) and reason_against(finding, report.diagnosis):
        finding = replace(finding, remedy="")
    return finding.message
