"""The benchmark runs; what it measures is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.data_pass import main


@pytest.mark.slow
def test_the_benchmark_runs_on_one_image(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert main(["--images", "1", "--repeats", "1", "--no-memory", "--json", str(path)]) == 0
    figures = json.loads(path.read_text("utf-8"))
    assert figures["images"] == 1
    assert all(value > 0 for value in figures.values())
