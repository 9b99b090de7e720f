"""Samples with a fault: which there are, and how much of them is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import ChangedSamples, with_every_input

VALUES = np.arange(4.0).reshape(4, 1, 1, 1)


class Change:
    """Adds something to the frames, and keeps which ones were asked for."""

    def __init__(self, added: float = 1.0) -> None:
        self.asked: list[slice] = []
        self._added = added

    def __call__(self, frames: slice) -> NDArray[Any]:
        self.asked.append(frames)
        return VALUES[frames] + self._added


def made(**changes: Any) -> list[ChangedSamples]:
    samples = dict.fromkeys(("a", "b"), VALUES)
    return list(with_every_input("word", "said", samples, changes))


def test_what_changes_no_frame_is_no_fault() -> None:
    assert made(a=Change(0.0)) == []
    assert made() == []


@pytest.mark.parametrize("differing", [0, 3])
def test_a_fault_of_one_frame_is_one(differing: int) -> None:
    others = np.where(np.arange(4) == differing, 7.0, VALUES.ravel()).reshape(VALUES.shape)
    (found,) = made(a=lambda frames: others[frames])
    assert np.array_equal(found.samples["a"], others)
    assert found.samples["b"] is not None and np.array_equal(found.samples["b"], VALUES)


def test_only_what_is_asked_for_is_made() -> None:
    change = Change()
    (found,) = made(a=change)
    assert change.asked == [slice(0, 1)]
    assert {name: len(v) for name, v in found.first_frame.items()} == {"a": 1, "b": 1}
    assert change.asked[1:] == [slice(1)]
    assert np.array_equal(found.samples["a"], VALUES + 1)
