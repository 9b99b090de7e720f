"""What DfcLogInspector makes of logs, for the tests of its parts."""

from __future__ import annotations

from typing import Any

from inspectors.dfc_log import DfcLogInspector
from tests.fixtures.builders import build_context
from utils.findings import Finding, NotChecked
from utils.har.model import Model
from utils.side_files.dfc_log import DfcLog

Summary = list[tuple[str, str, tuple[str, ...]]]


def findings(*logs: DfcLog, model: Model | None = None, **facts: Any) -> list[Finding]:
    return list(DfcLogInspector().inspect(build_context(model, dfc_logs=logs, **facts)))


def summary(found: list[Finding]) -> Summary:
    return [(f.id, f.severity.label, f.layers) for f in found]


def not_checked(*logs: DfcLog, model: Model | None = None) -> list[NotChecked]:
    return list(DfcLogInspector().not_checked(build_context(model, dfc_logs=logs)))
