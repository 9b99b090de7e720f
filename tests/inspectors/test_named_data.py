"""The data of inputs as messages call them."""

from __future__ import annotations

import numpy as np
import pytest

from inspectors.named_data import data_of
from tests.fixtures.builders import build_context
from tests.fixtures.sample_sets import input_model

ROWS = np.zeros((4, 8, 8, 3))


@pytest.mark.parametrize(
    ("inputs", "names", "said"),
    [
        (1, ["net/input_layer1"], "the data"),
        (2, ["net/input_layer2"], "the array of net/input_layer2"),
        (2, ["a", "b"], "the arrays of a and b"),
    ],
)
def test_which_array_it_is(inputs: int, names: list[str], said: str) -> None:
    assert data_of(build_context(input_model(*[ROWS] * inputs)), names) == said
