"""The benchmark runs, and what it compares agrees; how fast is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.sensitivity import main, rank_correlation


def test_rank_correlation_knows_order_only() -> None:
    values = np.array([0.3, -2.0, 5.0, 1.0])
    assert rank_correlation(values, np.exp(values)) == pytest.approx(1)
    assert rank_correlation(values, -values) == pytest.approx(-1)
    # 1 - 6 * (0 + 0 + 1 + 1) / (4 * (16 - 1)): two neighbours changed places.
    assert rank_correlation(values, np.array([2.0, 1.0, 3.0, 4.0])) == pytest.approx(0.8)


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_network(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    arguments = ["--layers", "14", "--images", "4", "--repeats", "1", "--json", str(path)]
    assert main(arguments) == 0
    figures = json.loads(path.read_text("utf-8"))["14"]
    assert figures["images"] == 4
    assert all(value > 0 for name, value in figures.items() if name.endswith("[s]"))
    assert figures["layers that add noise"] > 14
    assert figures["rank correlation of budgeted and exact"] > 0.9
    assert figures["largest difference between exact and naive [dB]"] < 0.01
