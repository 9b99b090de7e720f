"""The command's JSON report, and what it says about noise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

import main
from tests.har.samples import ROOT


def reported(folder: Path, har: str, data: str, *argv: str) -> dict[str, Any]:
    """Report of a run that must not fail; without data where `data` is ""."""
    path = folder / "report.json"
    arguments = ["--no-interactive", "--json", str(path), "--image-dir", str(folder)]
    if data:
        arguments += ["-d", data]
    assert main.main([*arguments, "--log-path", str(folder / "log.txt"), *argv, har]) == 0
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
    jsonschema.validate(report, schema)
    return report


def findings(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [finding for entry in report["inspectors"] for finding in entry["findings"]]


def layers_of(report: Mapping[str, Any], key: str) -> dict[str, float]:
    """A number by base name of the layer, where the report has it."""
    entries = report["layers"].items()
    return {name.rpartition("/")[2]: entry[key] for name, entry in entries if key in entry}
