"""What two inspectors see of the same wrong data is told by one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.clipping_inspector import ClippingInspector
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.builders import build_histogram, build_statistics, scoped
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.measurements import LayerMeasurement, Measurements

Array = NDArray[Any]
RANDOM = np.random.default_rng(9)
ROWS = RANDOM.standard_normal((64, 1, 1, 8))
SCALED = ROWS * 50 + 200
PIXELS = natural_images(64, 40, 40)
NORMALIZATION = "n1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"


def beyond(low: float = 0.0) -> LayerMeasurement:
    """A layer with half of its values above the range."""
    histogram = build_histogram([500] * 100, above=50_000, samples_above=64)
    return LayerMeasurement(build_statistics(low, 9.0), histogram=histogram)


def context(
    *given: Array, calibrated: Array | tuple[Array, ...], script: str | None = None
) -> Context:
    several = calibrated if isinstance(calibrated, tuple) else (calibrated,)
    stored = {f"input_layer{n}": statistics_of(array) for n, array in enumerate(several, 1)}
    names = [*(f"input_layer{n}" for n in range(1, len(given) + 1)), "concat1"]
    measurements = Measurements(64, {scoped(name): beyond() for name in names})
    model = input_model(*given, script=script, stored=stored)
    return sampled(*given, model=model, measurements=measurements)


def differing(of: Context) -> list[str]:
    return [
        f"{f.severity.label} {' '.join(f.layers)}" for f in DatasetIdentityInspector().inspect(of)
    ]


def clipped(of: Context) -> list[str]:
    found = [f for f in ClippingInspector().inspect(of) if f.id == "values-beyond-range"]
    return [name for f in found for name in f.layers]


def left_out(of: Context) -> bool:
    lines = map(str, ClippingInspector().not_checked(of))
    return any("beyond the calibrated range" in line for line in lines)


EVERYWHERE = ["net/input_layer1", "net/concat1"]


@loud("values-beyond-range")
def test_data_of_the_same_kind_leave_it_to_the_ranges() -> None:
    same = context(ROWS, calibrated=ROWS)
    assert differing(same) == []
    assert clipped(same) == EVERYWHERE
    assert not left_out(same)


@quiet("values-beyond-range")
@loud("dataset-differs")
def test_data_of_another_kind_explain_all_layers() -> None:
    foreign = context(SCALED, calibrated=ROWS)
    assert differing(foreign) == ["error net/input_layer1"]
    assert clipped(foreign) == []
    assert left_out(foreign)


def test_data_that_differ_a_little_explain_the_input() -> None:
    rows = np.where(np.arange(8) < 2, ROWS + 1.5, ROWS)
    rows = np.clip(rows, ROWS.min(axis=0), ROWS.max(axis=0))
    shifted = context(rows, calibrated=ROWS)
    assert differing(shifted) == ["warning net/input_layer1"]
    assert clipped(shifted) == ["net/concat1"]
    assert left_out(shifted)


@pytest.mark.parametrize(
    ("foreign", "id_of_the_cause"),
    [
        (context(SCALED, ROWS, calibrated=(ROWS, SCALED)), "calibration-input-names"),
        (context((PIXELS / 255).astype(np.uint8), calibrated=PIXELS / 255), "calibration-dtype"),
    ],
)
def test_what_has_a_name_of_its_own_is_no_other_kind(
    foreign: Context, id_of_the_cause: str
) -> None:
    assert differing(foreign) == []
    assert clipped(foreign) == []
    lines = list(DatasetIdentityInspector().not_checked(foreign))
    assert lines[0] == (
        f"whether the data of net/input_layer1 are of another kind, as {id_of_the_cause} explains "
        "them"
    )


def test_data_that_are_normalized_twice_are_left_to_their_inspector() -> None:
    divided = PIXELS / 255
    found = context(divided, calibrated=PIXELS, script=NORMALIZATION)
    measured = LayerMeasurement(
        statistics_of(divided), histogram=build_histogram([500] * 100, above=50_000)
    )
    assert found.measurements is not None
    found.measurements.layers["net/input_layer1"] = measured  # type: ignore[index]
    assert differing(found) == []
    assert clipped(found) == []
    assert differing(context(divided, calibrated=PIXELS)) == ["error net/input_layer1"]


def test_without_samples_the_ranges_tell_it() -> None:
    unseen = context(SCALED, calibrated=ROWS)
    unseen = replace(unseen, samples=None)
    assert clipped(unseen) == EVERYWHERE
