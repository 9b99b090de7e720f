"""Samples like those that decide, where not all were measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.few_samples.others import not_all_in_words, without_samples
from tests.fixtures.builders import build_measurements
from tests.fixtures.sample_sets import sampled
from tests.house.evidence import loud, quiet

ROWS = np.random.default_rng(4).uniform(-3, 3, (512, 1, 1, 12)).astype(np.float32)
CULPRITS = [0, 17, 300, 301]


def measured(array: NDArray[Any], count: int, inputs: int = 1) -> Context:
    context = sampled(*[array] * inputs, in_file=len(array))
    return replace(context, measurements=build_measurements(count))


def with_culprits() -> NDArray[Any]:
    rows: NDArray[Any] = ROWS.copy()
    rows[CULPRITS] *= 100
    return rows


@quiet("few-samples-decide")
def test_where_all_were_measured_the_samples_are_named() -> None:
    context = measured(with_culprits(), 512)
    assert not_all_in_words(context) == ""
    assert without_samples(context, (300,), "Clip x") == "Clip x, or calibrate without sample 300."
    last = without_samples(context, (300,), "Clip 7 layers", is_last=True)
    assert last == "Calibrate without sample 300, or clip 7 layers."


@loud("few-samples-decide")
@pytest.mark.parametrize(("inputs", "where"), [(1, "the data"), (2, "the array of net/input_")])
def test_others_of_the_kind_are_found_by_a_condition(inputs: int, where: str) -> None:
    context = measured(with_culprits(), 64, inputs)
    assert not_all_in_words(context) == "; 64 of 512 samples were measured"
    said = without_samples(context, (300,), "Clip x")
    condition = said.split("`")[1]
    found = eval(condition, {"np": np, "x": with_culprits()})
    assert np.flatnonzero(found).tolist() == CULPRITS
    assert f"in {where}" in said
    assert said.endswith("(4 of 512).")


@pytest.mark.parametrize("array", [ROWS, np.where(np.arange(512)[:, None, None, None] % 2, 90, 1)])
def test_what_tells_no_few_apart_is_no_condition(array: NDArray[Any]) -> None:
    said = without_samples(measured(array, 64), (301,), "Clip x")
    assert said.endswith("sample 301, of which only the 64 measured ones were searched.")


def test_a_sample_that_was_not_looked_at_gives_no_condition() -> None:
    assert "`" not in without_samples(measured(with_culprits(), 64), (4000,), "Clip x")
