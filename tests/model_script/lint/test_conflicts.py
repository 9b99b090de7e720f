"""Lines that contradict or repeat each other, and lines that only look as if they did."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.house.evidence import loud, quiet
from utils.model_script.lint import Problem, lint_problems

PARAM, FLAVOR = "quantization_param", "model_optimization_flavor"
PRE, POST = "pre_quantization_optimization", "post_quantization_optimization"
NETWORK = build_network(
    chain(
        build_layer("input_layer1"),
        *(build_layer(name) for name in ("conv1", "conv2", "ew_add1", "output_layer1")),
    )
)


def found(text: str) -> list[tuple[str, str, int]]:
    return [(p.id, p.severity.label, p.line) for p in lint_problems(text, NETWORK)]


def only(text: str) -> Problem:
    (problem,) = lint_problems(text)
    return problem


@quiet("script-conflict", "script-repeated")
@pytest.mark.parametrize(
    "lines",
    [
        # A pattern, and then an exception from it.
        [
            f"{PARAM}({{ew_add*}}, precision_mode=a16_w16)",
            f"{PARAM}(ew_add1, precision_mode=a8_w8)",
        ],
        [
            f"{PARAM}({{conv*}}, precision_mode=a16_w16)",
            f"{PARAM}({{conv1*}}, precision_mode=a8_w8)",
        ],
        # A setting for all, and then another one for a layer.
        [
            f"{PRE}(equalization, policy=disabled)",
            f"{PRE}(equalization, layers=[conv1], policy=enabled)",
        ],
        ["change_output_activation(sigmoid)", "change_output_activation(conv1, linear)"],
        # Different settings, layers, features, inputs.
        [f"{PARAM}(conv1, precision_mode=a16_w16)", f"{PARAM}(conv1, weight_group_size=64)"],
        [f"{PARAM}(conv1, precision_mode=a16_w16)", f"{PARAM}(conv2, precision_mode=a8_w8)"],
        [f"{POST}(bias_correction, policy=enabled)", f"{POST}(finetune, policy=disabled)"],
        [
            "model_optimization_config(calibration, batch_size=8)",
            "model_optimization_config(calibration, calibset_size=64)",
        ],
        ["n1 = normalization([0, 0, 0], [1, 1, 1])", "n2 = normalization([5], [6])"],
        [
            f"{PARAM}(conv1, force_range_in=[0, 1], force_range_index=0)",
            f"{PARAM}(conv1, force_range_in=[0, 2], force_range_index=1)",
        ],
        ["i1 = input_conversion(yuv_to_rgb)", "i2 = input_conversion(yuy2_to_hailo_yuv)"],
        ['nms_postprocess("left.json", yolov5)', 'nms_postprocess("right.json", yolov5)'],
        # Only one of two that exclude each other is on.
        [f"{POST}(adaround, policy=enabled)", f"{POST}(finetune, policy=disabled)"],
        [
            f"{POST}(adaround, policy=enabled)",
            f"{POST}(finetune, policy=disabled, epochs=4)",
            f"{FLAVOR}(optimization_level=4)",
        ],
        [f"{PARAM}(conv1, force_range_out=[0, 1])", "change_output_activation(conv2, sigmoid)"],
        # What places the network on the chip is nobody's business here.
        ["allocator_param(a=1)", "allocator_param(a=2)", "allocator_param(a=2)"],
    ],
)
def test_no_conflict(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert lint_problems(text) == ()
    assert lint_problems(text, NETWORK) == ()


@loud("script-conflict")
@pytest.mark.parametrize(
    "lines",
    [
        [f"{PARAM}(conv1, precision_mode=a16_w16)", f"{PARAM}(conv1, precision_mode=a8_w8)"],
        [
            f"{PARAM}([conv1, conv2], precision_mode=a16_w16)",
            f"{PARAM}(conv2, precision_mode=a8_w8)",
        ],
        [
            f"{PARAM}({{conv*}}, precision_mode=a16_w16)",
            f"{PARAM}({{conv*}}, precision_mode=a8_w8)",
        ],
        # The pattern behind the exception undoes it.
        [f"{PARAM}(conv1, precision_mode=a8_w8)", f"{PARAM}({{conv*}}, precision_mode=a16_w16)"],
        [f"{PRE}(equalization, policy=disabled)", f"{PRE}(equalization, policy=enabled)"],
        [f"{PRE}(equalization, policy=False)", f"{PRE}(equalization, policy=enabled)"],
        [
            "model_optimization_config(calibration, batch_size=8)",
            "model_optimization_config(calibration, batch_size=4, calibset_size=64)",
        ],
        ["set_seed(seed=1)", "set_seed(seed=2)"],
        ["change_output_activation(conv2, sigmoid)", "change_output_activation(conv2, tanh)"],
        ["n1 = normalization([0], [1])", "n2 = normalization([0], [255])"],
        [f"{FLAVOR}(optimization_level=2)", f"{FLAVOR}(optimization_level=0)"],
        [f"{FLAVOR}(optimization_level=2)", f"{FLAVOR}(compression_level=0)"],
        [f"{POST}(adaround, policy=enabled)", f"{POST}(finetune, policy=enabled)"],
        [f"{POST}(finetune, policy=enabled)", f"{POST}(adaround, policy=enabled, epochs=100)"],
        ["change_output_activation(conv2, sigmoid)", f"{PARAM}([conv2], force_range_out=[0, 1])"],
        [f"{PARAM}({{conv*}}, force_range_out=[0, 1])", "change_output_activation(conv2, sigmoid)"],
        ["n1 = normalization([0], [1])", "n1 = input_conversion(bgr_to_rgb)"],
    ],
)
def test_conflict(lines: list[str]) -> None:
    text = "# heading\n" + "\n\n".join(lines)
    assert found(text) == [("script-conflict", "warning", 4)]
    assert [p.id for p in lint_problems(text)] == ["script-conflict"]
    problem = lint_problems(text)[0]
    assert f"{problem.headline} {problem.evidence}".count("line 2") == 1


@pytest.mark.parametrize(
    ("first", "second", "todo"),
    [
        ("(conv1, precision_mode=a8_w4)", "(conv1, precision_mode=a8_w8)", "delete line 1 if"),
        (
            "([conv1, conv2], precision_mode=a8_w4)",
            "(conv2, precision_mode=a8_w8)",
            "take the same out of line 1 if",
        ),
        (
            "(conv1, precision_mode=a8_w4, max_elementwise_feed_repeat=1)",
            "(conv1, precision_mode=a8_w8)",
            "take the same out of line 1 if",
        ),
    ],
)
def test_it_is_said_which_line_goes_and_what_of_it(first: str, second: str, todo: str) -> None:
    (problem,) = lint_problems(f"{PARAM}{first}\n{PARAM}{second}")
    assert todo in problem.advice


@loud("script-conflict")
def test_scoped_and_unscoped_names_are_one_layer_where_the_network_is_known() -> None:
    text = f"{PARAM}(net/conv1, precision_mode=a16_w16)\n{PARAM}(conv1, precision_mode=a8_w8)"
    assert lint_problems(text) == ()
    assert found(text) == [("script-conflict", "warning", 2)]


@loud("script-conflict")
def test_an_activation_for_all_outputs_meets_a_forced_range_where_the_network_is_known() -> None:
    text = f"change_output_activation(sigmoid)\n{PARAM}(ew_add1, force_range_out=[0, 1])"
    assert lint_problems(text) == ()
    assert found(text) == [("script-conflict", "warning", 2)]
    assert found(text.replace("ew_add1", "conv1")) == []


@loud("script-conflict")
def test_flavor_lines_are_put_into_one() -> None:
    text = (
        f"{FLAVOR}(optimization_level=2, batch_size=4)\n{FLAVOR}(compression_level=0, batch_size=2)"
    )
    problem = only(text)
    assert (problem.line, problem.column) == (2, 1)
    line = f"{FLAVOR}(optimization_level=2, batch_size=2, compression_level=0)"
    assert problem.suggestion == line


@loud("script-repeated")
@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        ([f"{PARAM}(conv1, precision_mode=a16_w16)"] * 2, "info"),
        ([f"{PARAM}({{conv*}}, precision_mode=a16_w16)"] * 2, "info"),
        (
            [
                f"{PARAM}([conv1, conv2], precision_mode=a16_w16)",
                f"{PARAM}(conv2, precision_mode=a16_w16)",
            ],
            "info",
        ),
        ([f"{FLAVOR}(optimization_level=2)"] * 2, "info"),
        ([f"{FLAVOR}(batch_size=2)", f"{FLAVOR}(optimization_level=2, batch_size=2)"], "info"),
        ([f"{PRE}(equalization, policy=enabled)", f"{PRE}(equalization, policy=True)"], "info"),
        (["change_output_activation(conv2, sigmoid)"] * 2, "info"),
        (["n1 = normalization([0, 0], [1, 1])", "n2 = normalization([0.0, 0], [1, 1])"], "warning"),
        (["c1 = input_conversion(bgr_to_rgb)", "c2 = input_conversion(bgr_to_rgb)"], "warning"),
        (["n1 = normalization([0, 0], [1, 1])"] * 2, "warning"),
        (['nms_postprocess("a.json", ssd)'] * 2, "info"),
    ],
)
def test_repeated(lines: list[str], severity: str) -> None:
    assert found("\n".join(lines)) == [("script-repeated", severity, 2)]
    assert "line 1" in lint_problems("\n".join(lines))[0].evidence


@loud("script-repeated", "script-conflict")
def test_the_same_twice_in_one_line() -> None:
    layers = only(f"{PARAM}([conv1, conv2, conv1], precision_mode=a8_w8)")
    assert (layers.id, layers.column) == ("script-repeated", 20)
    assert layers.suggestion == f"{PARAM}([conv1, conv2], precision_mode=a8_w8)"
    keyword = only("set_seed(seed=1, seed=1)")
    assert (keyword.id, keyword.column) == ("script-repeated", 18)
    contrary = only("set_seed(seed=1, seed=2)")
    assert (contrary.id, contrary.column) == ("script-conflict", 18)


def test_the_last_of_many_lines_is_compared_with_the_one_before() -> None:
    lines = [f"{PARAM}(conv1, precision_mode={mode})" for mode in ("a8_w8", "a16_w16", "a8_w8")]
    evidence = [problem.evidence for problem in lint_problems("\n".join(lines))]
    assert ["line 1 " in evidence[0], "line 2 " in evidence[1]] == [True, True]
