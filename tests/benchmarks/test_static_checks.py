"""The benchmark runs; what it measures is for quiet machines to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.static_checks import main, read_and_compare
from tests.har.archives import write_small
from tests.har.damage import flipped


@pytest.mark.slow
def test_the_benchmark_runs_on_a_small_archive(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert main(["--size", "n", "--repeats", "1", "--json", str(path)]) == 0
    figures = json.loads(path.read_text("utf-8"))
    # Children start with the peak of this process, so theirs may be none above it.
    assert all(value > 0 or "peak" in name for name, value in figures.items())


def test_what_is_compared_with_finds_damage(tmp_path: Path) -> None:
    path = tmp_path / "small.har"
    read_and_compare(Path(write_small(path)))
    with pytest.raises(ValueError, match=r"fc1/kernel:0.npy of net.q.npz is damaged"):
        read_and_compare(Path(flipped(str(path), "q.npz")))
