"""What an earlier run says of each finding of this one."""

from __future__ import annotations

from collections.abc import Callable

from utils.baseline import Change
from utils.findings import Finding
from utils.report import Report


def changes(report: Report) -> Callable[[Finding], Change | None]:
    """A function from a finding to its change; None without an earlier run to compare with."""
    if report.baseline is None:
        return lambda finding: None
    known = {
        (changed.id, changed.message, changed.layers): changed.change
        for changed in report.baseline.findings
        if changed.change != "fixed"
    }
    return lambda finding: known.get((finding.id, finding.message, finding.layers))
