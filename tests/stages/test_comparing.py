from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from utils.measurements.agreement.outcome import Outcome
from utils.measurements.output_kind import SettledKind
from utils.stages import Match
from utils.stages.comparing import compared

CLASSES = SettledKind("classes", "the test says so")


def values(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def pair(
    earlier: NDArray[np.float32],
    later: NDArray[np.float32],
    settled: SettledKind | None = CLASSES,
    *,
    is_numbered: bool = False,
) -> Match:
    return compared(
        "net/fc1", "fc", "name", "", earlier, later, settled, 0.0, is_numbered=is_numbered
    )


def outcome_of(match: Match) -> Outcome:
    assert match.agreement is not None
    return Outcome.of(match.agreement)


def test_what_is_equal_has_no_noise_and_decides_the_same() -> None:
    earlier = values(8, 1, 1, 10)
    found = pair(earlier, earlier.copy())
    assert found.snr_db == math.inf
    assert found.largest == 0
    assert found.span == pytest.approx(float(np.ptp(earlier)))
    assert outcome_of(found).measures["same_top1"].value == 1
    assert outcome_of(found).is_fine


def test_energies_are_pooled_over_all_samples() -> None:
    earlier = np.ones((4, 2, 2, 3), np.float32)
    later = earlier.copy()
    later[0] += np.float32(0.5)
    # A quarter of the samples is off by half: 10 log10(1 / (0.25 / 4)).
    assert pair(earlier, later, None).snr_db == pytest.approx(10 * math.log10(16))
    assert pair(earlier, later, None).largest == pytest.approx(0.5)


def test_classes_in_another_order_are_other_decisions() -> None:
    earlier = values(40, 1, 1, 10)
    found = outcome_of(pair(earlier, earlier[..., ::-1].copy()))
    assert found.measures["same_top1"].value < 0.5
    assert not found.is_fine


def test_a_tensor_that_is_no_output_has_no_agreement() -> None:
    earlier = values(2, 3, 4, 5)
    assert pair(earlier, earlier, None).agreement is None


def test_class_numbers_are_counted_and_have_no_snr() -> None:
    earlier = np.asarray([0, 1, 2, 3], np.float32).reshape(4, 1, 1, 1)
    later = np.asarray([0, 1, 2, 0], np.float32).reshape(4, 1, 1, 1)
    found = pair(earlier, later, is_numbered=True)
    assert math.isnan(found.snr_db)
    assert outcome_of(found).measures["same_top1"].value == 0.75


def test_values_that_are_not_finite_lose_everything() -> None:
    earlier = values(2, 1, 1, 4)
    later = earlier.copy()
    later[1, 0, 0, 2] = np.nan
    found = pair(earlier, later)
    assert (found.snr_db, found.largest) == (-math.inf, math.inf)
    assert found.agreement is None
    assert math.isnan(pair(later, earlier).snr_db)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (values(2, 1, 1, 4), values(2, 1, 1, 5)),
        (values(2, 4), values(2, 4)),
        (values(2, 1, 1, 4)[:0], values(2, 1, 1, 4)[:0]),
    ],
)
def test_shapes_have_to_fit(earlier: NDArray[np.float32], later: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="net/fc1 has the shapes"):
        pair(earlier, later)
