"""The benchmark runs; what it measures is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.sample_digests import main


@pytest.mark.slow
def test_the_benchmark_runs_on_few_small_images(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    few = ["--images", "20", "--side", "40", "--float-images", "1", "--repeats", "1"]
    assert main([*few, "--json", str(path)]) == 0
    figures = json.loads(path.read_text("utf-8"))
    assert (figures["images"], figures["side"]) == (20, 40)
    assert all(value > 0 for value in figures.values())
