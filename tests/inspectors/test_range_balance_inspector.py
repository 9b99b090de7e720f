from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.range_balance_inspector import RangeBalanceInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.joins.networks import (
    Range,
    expected,
    inspect,
    joined,
    ranges,
    severities,
)
from utils.har.network import Layer
from utils.measurements.noise import Sensitivity, decibels

OUTPUT = "net/output_layer1"


@quiet("join-range-imbalance")
@loud("join-range-imbalance")
@pytest.mark.parametrize(
    ("join", "behind", "ratio", "severity"),
    [
        ("concat1", "conv4", 1, ""),
        ("concat1", "conv4", 7.9, ""),
        ("concat1", "conv4", 8.1, "warning"),
        ("concat1", "conv4", 63.9, "warning"),
        ("concat1", "conv4", 64.1, "error"),
        ("ew_add1", "conv4", 7.9, ""),
        ("ew_add1", "conv4", 8.1, "info"),
        ("ew_add1", "conv4", 63.9, "info"),
        ("ew_add1", "conv4", 64.1, "warning"),
        ("ew_add1", "conv4", 1e6, "warning"),
        ("ew_add1", "softmax1", 7.9, ""),
        ("ew_add1", "softmax1", 8.1, "warning"),
        ("ew_add1", "softmax1", 64.1, "error"),
        ("ew_mult1", "conv4", 1e6, ""),
    ],
)
def test_severity_follows_kind_and_ratio(
    join: str, behind: str, ratio: float, severity: str
) -> None:
    limits: dict[str, Range] = {"conv1": (0, ratio), "conv2": (0, 1), join: (0, ratio)}
    found = inspect(joined(join, build_layer(behind)), limits)
    assert severities(found) == expected(severity, join)
    for finding in found:
        bits = finding.measured[f"bits lost at net/{join}"]
        assert bits == pytest.approx(min(np.log2(ratio), 8), rel=1e-4)
        assert finding.evidence.startswith("net/conv2 (/narrow), 1 wide, keeps ")
        assert finding.remedy.endswith(
            "quantize again if accuracy is lost." if severity == "info" else "quantize again."
        )


@quiet("join-range-imbalance")
@pytest.mark.parametrize(
    ("layers", "limits"),
    [
        # A gate on wide features, the sigmoid of a SiLU that was taken apart, a square.
        (joined("ew_mult1"), {"conv1": (0, 60), "conv2": (0, 1), "ew_mult1": (0, 45)}),
        (joined("ew_mult1"), {"conv1": (-10, 10), "conv2": (0, 1), "ew_mult1": (-0.3, 10)}),
        (joined("ew_mult1"), {"conv1": (-20, 20), "conv2": (-20, 20), "ew_mult1": (0, 400)}),
        # Behind 1/x the range is that of another quantity.
        (
            joined("ew_mult1", activation="inv_pos"),
            {"conv1": (0, 60), "conv2": (0, 60), "ew_mult1": (0, 0.5)},
        ),
        # The sum is what counts: here the wide summand never gets to its limits.
        (joined("ew_add1"), {"conv1": (-100, 0), "conv2": (0, 9), "ew_add1": (-30, 5)}),
        # A constant that is lost costs no more than half a code.
        (
            joined("ew_add1", build_layer("softmax1")),
            {"conv1": (0, 10), "conv2": (1e-6, 1e-6), "ew_add1": (0, 10)},
        ),
        # It never fired.
        (joined("concat1"), {"conv1": (0, 10), "conv2": (0, 0), "concat1": (0, 10)}),
        # ConcatenatedOutputsInspector has that, and a concat that is part of one.
        (joined("concat1", build_layer("shortcut1")), {"conv1": (0, 640), "conv2": (0, 1)}),
        (
            [
                *joined("concat1", build_layer("maxpool1"))[:-1],
                build_layer("concat2", inputs=["maxpool1", "conv1"], shape=(4, 4, 9)),
                build_layer("output_layer1", inputs=["concat2"]),
            ],
            {"conv1": (0, 640), "conv2": (0, 1)},
        ),
    ],
)
def test_quiet(layers: list[Layer], limits: dict[str, Range]) -> None:
    assert inspect(layers, limits) == []


@quiet("join-range-imbalance")
@loud("join-range-imbalance")
@pytest.mark.parametrize(
    ("width", "severity"),
    [(400.0, ""), (200.0, ""), (36.0, ""), (35.0, "warning"), (4.5, "warning"), (4.4, "error")],
)
def test_what_tensors_have_in_common_leaves_their_difference_few_codes(
    width: float, severity: str
) -> None:
    limits: dict[str, Range] = {
        "conv1": (0, 200),
        "conv2": (0, 200),
        "ew_sub1": (-width / 2, width / 2),
    }
    found = inspect(joined("ew_sub1"), limits)
    assert severities(found) == expected(severity, "ew_sub1")
    for finding in found:
        assert finding.headline == "The codes of two tensors are too coarse for their difference"


@quiet("join-range-imbalance")
@loud("join-range-imbalance")
@pytest.mark.parametrize(
    ("noise_of_the_join", "severity"), [(0.2, "warning"), (0.11, "warning"), (0.09, "info")]
)
def test_a_join_that_makes_none_of_the_noise_is_worth_knowing_and_no_more(
    noise_of_the_join: float, severity: str
) -> None:
    """A residual branch that training left tiny is lost, and nothing is lost with it."""
    noise = {"conv1": 0.0, "ew_add1": noise_of_the_join, "conv4": 1.0 - noise_of_the_join}
    shares = {f"net/{n}": {OUTPUT: 30.0 + decibels(1.0, share)} for n, share in noise.items()}
    sensitivity = Sensitivity(16, output_snr_db=shares)
    measured = build_noise_measurements(replace(build_noise({}), sensitivity=sensitivity))
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1), "ew_add1": (0, 100)}
    model = build_model(joined("ew_add1"), optimized=ranges(limits))
    (found,) = RangeBalanceInspector().inspect(build_context(model, measurements=measured))
    assert found.severity.label == severity
    assert found.asks_for_nothing is (severity == "info")


@loud("join-range-imbalance")
@pytest.mark.parametrize(("width", "severity"), [(2.0, "error"), (12.0, "warning"), (50.0, "")])
def test_factors_that_cancel_leave_a_product_few_codes(width: float, severity: str) -> None:
    """A distance of up to 100 times its inverse: what one code of either does to the product."""
    limits: dict[str, Range] = {"conv1": (-100, 100), "conv2": (0, 8), "ew_mult1": (0, width)}
    assert severities(inspect(joined("ew_mult1"), limits)) == expected(severity, "ew_mult1")


@loud("join-range-imbalance")
def test_inputs_that_are_joined_as_they_enter_need_another_scale() -> None:
    limits: dict[str, Range] = {"conv1": (0, 4890), "conv2": (0, 1), "concat1": (0, 4890)}
    both = [
        replace(x, type="input_layer") if x.name in ("net/conv1", "net/conv2") else x
        for x in joined("concat1")
    ]
    (found,) = inspect(both, limits)
    assert found.remedy.startswith("Divide net/conv1 by about 4,900 before it enters")
    assert found.removes_cause
    (computed,) = inspect(joined("concat1"), limits)
    assert not computed.removes_cause


@loud("join-range-imbalance")
def test_a_mask_in_front_of_a_softmax_is_told_as_such() -> None:
    limits: dict[str, Range] = {
        "conv1": (-10000, 0),
        "conv2": (-10, 10),
        "ew_add1": (-10010, 10),
    }
    (found,) = inspect(joined("ew_add1", build_layer("softmax1")), limits)
    assert found.severity.label == "error"
    assert "about -20 instead of -10000" in found.remedy
    (found,) = inspect(joined("ew_add1", build_layer("softmax1")), limits | {"conv1": (0, 10000)})
    assert found.remedy != ""
    assert "-10000" not in found.remedy


def test_the_mask_that_is_named_is_the_one_that_is_there() -> None:
    limits: dict[str, Range] = {"conv1": (-1e9, 0), "conv2": (-10, 10), "ew_add1": (-1e9, 10)}
    (found,) = inspect(joined("ew_add1", build_layer("softmax1")), limits)
    assert "about -20 instead of -1e+09." in found.remedy


def test_a_constant_added_in_front_of_a_softmax_is_a_mask_however_low() -> None:
    limits: dict[str, Range] = {"conv1": (-100, 0), "conv2": (-4, 4), "ew_add1": (-100, 4)}
    behind = joined("ew_add1", build_layer("softmax1"))
    constant = [replace(x, type="const_input") if x.name == "net/conv1" else x for x in behind]
    (found,) = inspect(constant, limits)
    assert "about -20 instead of -100." in found.remedy


@quiet("join-range-imbalance")
@pytest.mark.parametrize("join", ["concat1", "ew_add1"])
def test_16_bit_joins_have_codes_to_spare(join: str) -> None:
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1), join: (0, 100)}
    assert inspect(joined(join, mode="a16_w16_a16"), limits) == []
    assert len(inspect(joined(join), limits)) == 1


def encoded(join: str, scales: Sequence[float]) -> dict[str, Any]:
    steps = np.array([scales], np.float32)
    return {
        f"{join}/layer_params/output_scales": steps,
        f"{join}/layer_params/output_zero_points": np.zeros_like(steps),
        f"{join}/limvals_out": np.array([0, 255 * max(scales)], np.float32),
    }


@quiet("join-range-imbalance")
@pytest.mark.parametrize(
    ("join", "scales", "severity"),
    [
        ("concat1", [100 / 255] * 6, "error"),
        ("concat1", [100 / 255] * 3 + [1 / 255] * 3, ""),  # output_encoding_vector
        ("concat1", [100 / 255], "error"),
        ("ew_add1", [100 / 255] * 3, "warning"),
        ("ew_add1", [100 / 255, 100 / 255, 2 / 255], ""),
        ("ew_add1", [np.nan] * 3, ""),
        ("ew_add1", [0.0] * 3, ""),
    ],
)
def test_stored_steps_of_each_channel_count(join: str, scales: list[float], severity: str) -> None:
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1), join: (0, 100)}
    found = inspect(joined(join), limits, quantized=encoded(join, scales))
    assert severities(found) == expected(severity, join)


@quiet("join-range-imbalance")
@loud("join-range-imbalance")
@pytest.mark.parametrize(
    ("narrow", "severity"),
    [(1.0, ""), (7.0, ""), (9.0, "warning"), (70.0, "error"), (1e9, "error"), (np.nan, "error")],
)
def test_weights_behind_a_concat_say_how_much_a_narrow_input_matters(
    narrow: float, severity: str
) -> None:
    kernel = np.ones((1, 1, 6, 20), np.float32)
    kernel[:, :, 3:] = narrow
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1)}
    found = inspect(joined("concat1"), limits, float_arrays={"conv4/kernel": kernel})
    assert severities(found) == expected(severity, "concat1")


def test_one_reader_in_ten_channels_is_enough() -> None:
    limits: dict[str, Range] = {"conv1": (0, 100), "conv2": (0, 1)}
    for count, severity in ((1, ""), (4, "error")):
        kernel = np.ones((1, 1, 6, 20), np.float32)
        kernel[:, :, :3, :count] = 0  # these read the narrow input only
        found = inspect(joined("concat1"), limits, float_arrays={"conv4/kernel": kernel})
        assert severities(found) == expected(severity, "concat1")


def test_joins_of_one_kind_and_severity_are_told_together() -> None:
    residual = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        *(build_layer(f"conv{n}", inputs=["conv1"]) for n in (2, 3)),
        build_layer("ew_add1", inputs=["conv1", "conv2"]),
        build_layer("ew_add2", inputs=["ew_add1", "conv3"]),
        build_layer("conv4", inputs=["ew_add2"]),
        build_layer("output_layer1", inputs=["conv4"]),
    ]
    wide = dict.fromkeys(("conv1", "ew_add1", "ew_add2"), (0.0, 100.0))
    found = inspect(residual, wide | {"conv2": (0.0, 10.0), "conv3": (0.0, 5.0)})
    layers = ("net/conv2", "net/conv3", "net/ew_add1", "net/ew_add2")
    assert severities(found) == [("join-range-imbalance", "info", layers)]
    assert found[0].evidence.index("ew_add2") < found[0].evidence.index("ew_add1")
    found = inspect(residual, wide | {"conv2": (0.0, 10.0), "conv3": (0.0, 1.0)})
    assert [f.severity.label for f in found] == ["warning", "info"]


@quiet("join-range-imbalance")
@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_join_nothing(name: str) -> None:
    assert RangeBalanceInspector().should_skip(build_context(sample_model(name)))
