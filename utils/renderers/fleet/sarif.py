"""A fleet as one SARIF 2.1.0 log: a run for each archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from utils.findings import Severity
from utils.findings.documentation import Documentation
from utils.fleet.rows import Fleet, Row
from utils.renderers.sarif import MAX_NAME, SCHEMA, driver, notification
from utils.renderers.sarif.rules import Rules
from utils.tool import NAME
from utils.wording import short


def render(fleet: Fleet, logs: Mapping[str, str]) -> str:
    """The fleet as JSON text.

    Parameters
    ----------
    logs : SARIF log by name of the archive, of those that were diagnosed.
    """
    runs = [run for row in fleet.rows for run in _runs(row, logs)]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _runs(row: Row, logs: Mapping[str, str]) -> list[dict[str, Any]]:
    runs = json.loads(logs[row.name])["runs"] if row.name in logs else [_failed(row)]
    for run in runs:
        # Code scanning takes runs of one category for one; names of a fleet are unlike all others.
        run["automationDetails"] = {"id": f"{NAME}/fleet/{short(row.name, MAX_NAME)}/"}
    return runs


def _failed(row: Row) -> dict[str, Any]:
    return {
        "tool": {"driver": driver(Rules(Documentation(()), []))},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    notification("not-whole", Severity.ERROR, row.failure)
                ],
            }
        ],
        "results": [],
    }
