"""Which array is which output, of those that shapes and names leave open."""

from __future__ import annotations

import math

import numpy as np
import pytest

from utils.device_outputs.dumped import Dump, Dumped
from utils.device_outputs.expected import Expected
from utils.device_outputs.matching import ENOUGH, matched
from utils.device_outputs.names import OutputNames
from utils.device_outputs.sampled import stride_over

SHAPES = [(1, 1, 1, 7), (32, 56, 56, 8), (64, 40, 40, 80), (9, 7, 5, 3), (2, 1000, 1, 210)]


@pytest.mark.parametrize("shape", SHAPES)
def test_values_that_are_looked_at_come_from_all_places_of_every_axis(
    shape: tuple[int, ...],
) -> None:
    values = math.prod(shape)
    places = np.arange(values)[:: stride_over(shape, 2_000)]
    assert len(places) >= min(1_000, values)
    for axis, met in enumerate(np.unravel_index(places, shape)):
        assert len(np.unique(met)) == min(shape[axis], len(places))


def test_of_few_values_all_are_looked_at() -> None:
    assert stride_over((4, 5, 5, 6), 600) == 1


@pytest.mark.parametrize("channels", [3, 8])
def test_outputs_are_told_apart_by_all_channels(channels: int) -> None:
    """As many values for one that is looked at as there are channels: the first of them is flat."""
    shape = (ENOUGH // 100, 10, 10, channels)
    random = np.random.default_rng(0)
    values = [random.normal(size=shape).astype(np.float32) for _ in range(2)]
    for each in values:
        each[..., 0] = 1.0
    outputs = [Expected(name, (), (), each) for name, each in zip("ab", values, strict=True)]
    dump = Dump("x", tuple(Dumped("", each) for each in reversed(values)))
    found = matched(dump, outputs, OutputNames(outputs)).found
    assert [each.by for each in found] == ["correlation"] * 2
    for one, own in zip(found, values, strict=True):
        assert np.array_equal(one.values, own)
