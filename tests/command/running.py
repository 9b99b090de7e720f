"""Runs of the command, in this process and in another, and what they leave."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import inspectors
import main
from inspectors.documentation import documentation
from tests.fixtures.schemas import validate
from tests.har.samples import ROOT

OWN_SCRIPT = "model_optimization_flavor(optimization_level=0)  # mine\n"


def saved(path: Path, array: np.ndarray[Any, Any]) -> str:
    np.save(path, array)
    return str(path)


def run(*argv: str) -> int:
    return main.main([*argv, "--no-interactive"])


def outcome(*argv: str) -> tuple[int, dict[str, Any]]:
    """The exit code of a run, and its report, which keeps to the schema."""
    code = run(*argv, "--json", "report.json")
    report: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    validate(report)
    assert undocumented(report) == {}
    return code, report


def undocumented(report: Mapping[str, Any]) -> dict[str, str]:
    """Findings of a severity that their inspector's docstring does not give them, by id."""
    documented = documentation(inspectors.discover()[0]).findings
    made = [finding for entry in report["inspectors"] for finding in entry["findings"]]
    return {
        finding["id"]: finding["severity"]
        for finding in made
        if finding["id"] in documented
        and finding["severity"] not in documented[finding["id"]].severities
    }


def report_of(*argv: str) -> dict[str, Any]:
    _, report = outcome(*argv)
    return report


def ids(report: Mapping[str, Any]) -> set[str]:
    return {finding["id"] for entry in report["inspectors"] for finding in entry["findings"]}


def subprocess_run(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *argv], capture_output=True, text=True, **options
    )


def logged(path: str = "diagnostic_tool.log") -> str:
    return Path(path).read_text("utf-8")


def opened(path: str = "diagnostic_tool.log") -> list[str]:
    """Inspectors that ran or had nothing to judge, as the log file tells."""
    return re.findall(r"(?:Running inspector module:|\[INFO\] Skipped) (\w+)", logged(path))
