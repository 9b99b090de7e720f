"""Exponents are those of the law that the times follow."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.growth import exponents

SIZES = (50, 100, 200, 400)


@pytest.mark.parametrize("power", [0.5, 1.0, 1.4, 2.0])
def test_without_a_fixed_part_both_exponents_are_that_of_the_law(power: float) -> None:
    found = exponents(SIZES, [0.2 * size**power for size in SIZES])
    assert (found.measured, found.without_fixed) == pytest.approx((power, power))


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_a_fixed_part_hides_growth_in_one_exponent_only(power: float) -> None:
    fixed = 3 * 0.2 * SIZES[-1] ** power
    found = exponents(SIZES, [fixed + 0.2 * size**power for size in SIZES])
    assert found.measured < power / 2
    assert found.without_fixed == pytest.approx(power)


def test_a_larger_size_that_took_less_time_tells_no_exponent() -> None:
    found = exponents((2, 4, 8), [3.0, 2.9, 4.0])
    assert np.isfinite(found.measured)
    assert np.isnan(found.without_fixed)


@pytest.mark.parametrize("sizes", [(50, 100), (50, 100, 300)])
def test_sizes_that_do_not_grow_by_one_factor_are_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="grow by one factor"):
        exponents(sizes, [1.0, 2.0, 3.0][: len(sizes)])
