"""Checked model scripts as JSON; its schema is docs/lint.schema.json."""

from __future__ import annotations

import json
from typing import Any

from utils.findings import Severity
from utils.renderers.ignored_lines import ignored_entries
from utils.renderers.json import SCHEMA_VERSION, finding_entry
from utils.report.linted import LintRun
from utils.tool import NAME, VERSION


def render(run: LintRun) -> str:
    """The run as JSON text."""
    report: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": NAME, "version": VERSION},
        "network": run.network or None,
        "scripts": [
            {
                "path": script.path,
                "failure": script.failure or None,
                "findings": [finding_entry(finding, None, {}) for finding in script.findings],
            }
            for script in run.scripts
        ],
        "ignored": ignored_entries(run.ignored),
        "failures": list(run.all_failures()),
        "summary": {severity.label: run.count(severity) for severity in Severity},
    }
    return json.dumps(report, indent=2, allow_nan=False) + "\n"
