"""What an earlier run says of each finding of this one."""

from __future__ import annotations

from collections.abc import Callable

from utils.baseline import Change, key_of
from utils.findings import Finding
from utils.report import Report


def changes(report: Report) -> Callable[[Finding], Change | None]:
    """A function from a finding to its change; None without an earlier run to compare with."""
    if report.baseline is None:
        return lambda finding: None
    known = {c.key: c.change for c in report.baseline.findings if c.change != "fixed"}
    return lambda finding: known.get(key_of(finding))
