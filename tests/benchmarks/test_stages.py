"""The benchmark runs; how large the shares are, is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.stages import main


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_image(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    arguments = ["--network", "mobilenet_v2", "--side", "32", "--images", "2", "--repeats", "1"]
    assert main([*arguments, "--json", str(path)]) == 0
    figures = json.loads(path.read_text("utf-8"))["mobilenet_v2"]
    assert len(figures) == 6
    assert all(figure > 0 for figure in figures.values())
