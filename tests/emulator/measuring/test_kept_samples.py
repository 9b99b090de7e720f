"""Samples that are kept while all go by."""

from __future__ import annotations

import numpy as np
import pytest

from utils.emulator.measuring.kept_samples import KeptSamples


@pytest.mark.parametrize(("wanted", "size"), [(1, 4), (2, 1), (7, 2), (16, 8), (100, 8)])
def test_both_halves_together_are_what_is_kept_and_each_is_spread(wanted: int, size: int) -> None:
    kept = KeptSamples(50, wanted)
    samples = np.arange(50)
    for _ in kept.watched({"in": samples[start : start + 8]} for start in range(0, 50, 8)):
        pass
    whole = np.concatenate([batch["in"] for batch in kept.batches(size)])
    halves = [np.concatenate([batch["in"] for batch in half]) for half in kept.halves(size)]
    assert np.array_equal(np.sort(np.concatenate(halves)), whole)
    assert all(len(batch["in"]) <= size for half in kept.halves(size) for batch in half)
    assert np.array_equal(halves[0], whole[::2])
    assert len(halves) == min(len(whole), 2)
