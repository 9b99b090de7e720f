"""Lines that make ranges narrower than the values are, through the inspector that tells them."""

from __future__ import annotations

import pytest

from inspectors.beyond_range import CALIBRATE_ON_MORE, COMPARE
from inspectors.clipping_inspector import ClippingInspector
from tests.fixtures.builders import (
    build_context,
    build_histogram,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.measurements import LayerMeasurement

FORCE = "quantization_param([conv1], force_range_out=[0, 1])"

PERCENTILES = (
    "pre_quantization_optimization(activation_clipping, layers={*}, mode=percentile, "
    "clipping_values=[1, 99])"
)


def filled(farthest: float, high: float = 1.0, above: int = 0) -> LayerMeasurement:
    """A layer that is calibrated for 0 to `high`, with so many values beyond."""
    counts = [1_000] * 100
    samples = 64 if above else 0
    return LayerMeasurement(
        build_statistics(0, farthest),
        histogram=build_histogram(counts, 0, high, above=above, samples_above=samples),
    )


BEYOND = filled(5.6, above=50_000)
PIXELS = filled(255, 255)


def inspect(script: str | None, **layers: LayerMeasurement) -> list[Finding]:
    row = [build_layer(name) for name in ("input_layer1", "conv1", "conv2", "output_layer1")]
    context = build_context(build_model(row, script=script), build_measurements(64, **layers))
    return [f for f in ClippingInspector().inspect(context) if f.id == "values-beyond-range"]


@quiet("values-beyond-range")
def test_a_line_whose_range_holds_all_values_is_nothing_to_be_told() -> None:
    assert inspect(FORCE, input_layer1=PIXELS, conv1=filled(1.0)) == []


@loud("values-beyond-range")
@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        (FORCE, f"Delete line 1 of the model script, `{FORCE}`, or put the measured range 0 to"),
        ("quantization_param([conv1, conv2], force_range_out=[0, 1])", "Exempt conv1 from line 1"),
        ("quantization_param(conv1, force_range_out=[0, 1], precision_mode=a8_w8)", "Take force_"),
    ],
)
def test_a_line_that_ends_a_range_is_to_go(line: str, remedy: str) -> None:
    (found,) = inspect(line, input_layer1=PIXELS, conv1=BEYOND)
    assert found.remedy.startswith(remedy)
    assert found.removes_cause
    assert found.location is not None
    assert found.recommendation is not None
    assert found.recommendation.ranges == {"net/conv1": (0.0, 5.6)}


@pytest.mark.parametrize("line", [FORCE.replace("1]", "2]"), FORCE.replace("conv1", "conv2"), None])
def test_a_line_that_does_not_end_it_is_not_to_blame(line: str | None) -> None:
    (found,) = inspect(line, input_layer1=PIXELS, conv1=BEYOND)
    assert found.remedy == CALIBRATE_ON_MORE
    assert not found.removes_cause
    assert found.location is None
    assert found.recommendation is None


def test_a_line_is_to_blame_where_calibration_saw_what_it_cut_off() -> None:
    line = "pre_quantization_optimization(activation_clipping, layers={*}, mode=percentile)"
    model = build_model(
        [build_layer(name) for name in ("input_layer1", "conv1", "output_layer1")],
        optimized=stored_statistics("conv1/stats/output_0", build_statistics(0, 5.6)),
        quantized={"conv1/limvals_out": [0, 1], "conv1/layer_params/output_scales": [[1 / 255]]},
        script=line,
    )
    context = build_context(model, build_measurements(64, conv1=BEYOND))
    found = next(iter(ClippingInspector().inspect(context)))
    assert found.remedy == (
        f"Exempt conv1 from line 1 of the model script, `{line}`, or put the measured range 0 to "
        "5.6 in it, and quantize again."
    )
    assert found.removes_cause


@pytest.mark.parametrize(
    ("line", "above", "is_blamed"),
    [
        (PERCENTILES, 1_500, True),
        (PERCENTILES, 50_000, False),  # a third lies beyond, where the line leaves out 1 %
        (PERCENTILES.replace("99]", "99.99]"), 1_500, False),
        (PERCENTILES.replace("percentile", "manual"), 1_500, False),
        (PERCENTILES.replace("layers={*}", "layers=[conv2]"), 1_500, False),
    ],
)
def test_percentiles_are_to_blame_for_as_much_as_they_leave_out(
    line: str, above: int, *, is_blamed: bool
) -> None:
    (found,) = inspect(line, input_layer1=PIXELS, conv1=filled(5.6, above=above))
    assert found.removes_cause is is_blamed
    assert (found.remedy == CALIBRATE_ON_MORE) is not is_blamed


def test_settings_that_would_stay_are_given_no_new_values() -> None:
    line = "quantization_param(conv1, activation_clipping_mode=manual, "
    (found,) = inspect(f"{line}activation_clipping_values=[0, 1])", conv1=BEYOND)
    assert found.removes_cause
    assert found.recommendation is None


def test_data_of_another_kind_come_before_a_line() -> None:
    (found,) = inspect(FORCE, input_layer1=filled(1.0, 255), conv1=BEYOND)
    assert found.remedy == "Check how these data are prepared."
    assert not found.removes_cause


def test_what_a_line_made_is_told_apart_from_other_layers() -> None:
    by_line, other = inspect(FORCE, conv1=BEYOND, conv2=BEYOND)
    assert (by_line.layers, other.layers) == (("net/conv1",), ("net/conv2",))
    assert other.remedy == COMPARE
