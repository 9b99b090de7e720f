"""The benchmark runs; how large the share is, is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.preparation import main


@pytest.mark.slow
def test_the_benchmark_runs_on_small_images(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    arguments = ["--network", "mobilenet_v2", "--side", "32", "--images", "2", "--repeats", "1"]
    assert main([*arguments, "--json", str(path)]) == 0
    figures = json.loads(path.read_text("utf-8"))["mobilenet_v2"]
    assert len(figures) == 7
    assert all(value > 0 for value in figures.values())
