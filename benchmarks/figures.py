"""Showing what a benchmark measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def print_figures(figures: Mapping[str, float], prefix: str = "", width: int = 58) -> None:
    """One line for each figure: a prefix, the name in a column of this width, the value."""
    for name, value in figures.items():
        sys.stdout.write(f"{prefix}{name:{width}}{value:10.3f}\n")


def write_figures(figures: Mapping[str, Any], path: str | None) -> None:
    """Write the figures as JSON, if a path is given."""
    if path:
        Path(path).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
