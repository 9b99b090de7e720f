"""Reports as they were before findings had parts."""

from __future__ import annotations

import copy
from typing import Any

PARTS = ("headline", "evidence", "why", "remedy", "explained_by")


def as_first_schema(report: dict[str, Any]) -> dict[str, Any]:
    """A report with the keys of schema version 1, and with other words in its messages."""
    old = copy.deepcopy(report)
    old["schema_version"] = 1
    for key in ("causes", "next"):
        del old[key]
    for entry in old["inspectors"]:
        for finding in entry["findings"]:
            finding["message"] = f"In other words: {finding['message']}"
            for key in PARTS:
                del finding[key]
    return old
