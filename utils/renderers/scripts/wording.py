"""What a check of model scripts came to, in one sentence."""

from __future__ import annotations

from utils.findings import Severity
from utils.report.linted import LintRun
from utils.wording import plural


def counted(run: LintRun) -> str:
    """How much was found: ``1 error, 0 warnings, 2 infos in 3 scripts``."""
    counts = [
        plural(run.count(severity), severity.label) for severity in sorted(Severity, reverse=True)
    ]
    return f"{', '.join(counts)} in {plural(run.read, 'script')}"
