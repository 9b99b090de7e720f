"""Which ranges are tried first, and which of them at once."""

from __future__ import annotations

import numpy as np
import pytest

from utils.backends.closer_look.ranges import tried_first
from utils.har.quantization import Encoding
from utils.jobs.range_trial import MAX_TRIALS

CODED = {name: Encoding(np.ones(1), np.zeros(1), 0.0, 10.0) for name in "abcdefghijkl"}


@pytest.mark.parametrize(
    ("together", "order"),
    [
        ((), [("c",), ("b",), ("a",)]),
        ((("a", "b"),), [("c",), ("a", "b")]),
        ((("a", "c"),), [("a", "c"), ("b",)]),
        ((("a", "none"),), [("c",), ("b",), ("a",)]),
        ((("none",),), [("c",), ("b",), ("a",)]),
    ],
)
def test_what_is_narrowed_most_comes_first(
    together: tuple[tuple[str, ...], ...], order: list[tuple[str, ...]]
) -> None:
    ranges = {"a": (0.0, 9.0), "b": (0.0, 5.0), "c": (0.0, 1.0), "none": (0.0, 1.0)}
    assert tried_first(CODED, ranges, together) == order


def test_so_many_are_tried_and_no_more() -> None:
    ranges = dict.fromkeys(CODED, (0.0, 5.0))
    assert len(tried_first(CODED, ranges)) == MAX_TRIALS
    assert tried_first(CODED, ranges, [tuple(CODED)]) == [tuple(CODED)]
