"""Which line is recommended in place of a wrong or a missing one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inspectors.base_inspector import Context
from inspectors.normalization import NormInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_statistics,
)
from tests.house.evidence import quiet
from tests.inspectors.normalization.contexts import (
    BY_IMAGENET,
    DIVIDE,
    IMAGE,
    LOUD,
    RAW,
    UNIT,
    UNITS,
    Summary,
    build,
    findings,
    stored_constants,
    summary,
)
from utils.har.network import Layer
from utils.measurements import LayerMeasurement
from utils.model_script import parse_model_script
from utils.model_script.merge import Addition, merge_commands


@pytest.mark.parametrize(
    ("name", "script", "first_std", "line", "asks", "default"),
    [
        ("net", None, 9.0, "normalization1 = normalization([0.0, 0.0", True, False),
        ("net", None, 99.0, "normalization1 = normalization([0.0, 0.0", True, False),
        ("yolox_s", None, 99.0, "normalization1 = normalization([0.0, 0.0", True, False),
        ("yolov8n", None, 9.0, "normalization1 = normalization([0.0, 0.0", True, False),
        ("yolov8n", None, 99.0, "normalization1 = normalization([0.0, 0.0", False, True),
        ("tinyclip", None, 99.0, "normalization1 = normalization([122.77, 116.75", False, True),
        (
            "net",
            'nms_postprocess("n.json", meta_arch=yolov8)',
            99.0,
            "normalization1 = normalization([0.0, 0.0",
            False,
            True,
        ),
        (
            "net",
            "normalization1 = change_output_activation(conv1, sigmoid)",
            99.0,
            "normalization2 = normalization([0.0, 0.0",
            True,
            False,
        ),
    ],
)
def test_recommended_recipe(
    name: str, script: str | None, first_std: float, line: str, asks: bool, default: bool
) -> None:
    (found,) = findings(build(RAW, script=script, first_std=first_std, model_name=name))
    assert found.recommendation is not None
    (command,) = found.recommendation.commands
    assert command.startswith(line)
    assert bool(found.recommendation.question) is asks
    assert found.recommendation.default is default
    assert len(parse_model_script(command).statements) == 1
    assert "ImageNet" in found.remedy
    assert "-1..1" in found.remedy
    if asks:
        question = found.recommendation.question
        assert "[123.675, 116.28, 103.53] / [58.395, 57.12, 57.375]" in question
        assert "[127.5, 127.5, 127.5]" in question
        assert "[0.0, 0.0, 0.0]" in question


@pytest.mark.parametrize("first_std", [9.0, 99.0])
def test_recipe_is_named_with_its_alternatives(first_std: float) -> None:
    (found,) = findings(build(RAW, first_std=first_std))
    assert found.recommendation is not None
    for text in (found.remedy, found.recommendation.question):
        places = [text.index(name) for name in ("division by 255", "ImageNet", "-1..1")]
        assert places == sorted(places)
    assert ("Some networks take 0..255 as they are" in found.why) is (first_std < 30.0)


@quiet("normalization-missing")
def test_a_network_that_was_trained_on_pixels_needs_no_line() -> None:
    (found,) = findings(build(RAW, first_std=1.3))
    assert found.asks_for_nothing
    assert "the first layer are as small as theirs" in found.why


@pytest.mark.parametrize("channels", [1, 4])
def test_recommended_recipe_has_the_channels_of_the_input(channels: int) -> None:
    data = build_statistics(0.0, 255.0, 118.0, 62.0, channels=channels)
    (found,) = findings(build(data, shape=(64, 64, channels), first_std=9.0))
    assert found.recommendation is not None
    zeros, whites = (", ".join([value] * channels) for value in ("0.0", "255.0"))
    assert found.recommendation.commands == (
        f"normalization1 = normalization([{zeros}], [{whites}])",
    )
    assert "123.675" not in found.message


@pytest.mark.parametrize(
    ("script", "constants", "line"),
    [
        (
            "norm, other = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], "
            "net/input_layer1)",
            None,
            "norm, other = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], "
            "net/input_layer1)",
        ),
        (
            "normalization([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])",
            None,
            "normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])",
        ),
        (
            None,
            stored_constants(*UNITS),
            "normalization2 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
        ),
        (
            "n = normalization([0, 0, 0], [0.00392, 0.00392, 0.00392])",
            None,
            "n = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
        ),
    ],
)
def test_corrected_line(script: str | None, constants: dict[str, Any] | None, line: str) -> None:
    found = findings(build(RAW, script=script, constants=constants))[0]
    assert found.id == "normalization-in-unit-range"
    assert found.recommendation is not None
    assert found.recommendation.commands == (line,)
    assert not found.recommendation.question


def test_exporters_units_behind_a_scripted_division_are_right() -> None:
    constants = stored_constants(*UNITS)
    script = "scaling = normalization([0, 0, 0], [255, 255, 255])"
    assert findings(build(RAW, script=script, constants=constants)) == []


def two_inputs(script: str | None = None) -> Context:
    def branch(number: int) -> list[Layer]:
        return [
            build_layer(f"input_layer{number}", shape=IMAGE),
            build_layer(f"conv{number}", inputs=[f"input_layer{number}"]),
        ]

    layers = [
        *branch(1),
        *branch(2),
        build_layer("concat1", inputs=["conv1", "conv2"]),
        build_layer("output_layer1"),
    ]
    network = build_network(layers)
    model = replace(build_model(script=script), network=network, float_network=network)
    measurements = build_measurements(
        input_layer1=LayerMeasurement(RAW), input_layer2=LayerMeasurement(RAW)
    )
    return build_context(model, measurements)


def test_every_input_gets_a_line_of_its_own() -> None:
    found = findings(two_inputs())
    assert [finding.layers for finding in found] == [("net/input_layer1",), ("net/input_layer2",)]
    commands = [finding.recommendation.commands[0] for finding in found if finding.recommendation]
    constants = "[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]"
    assert commands == [
        f"normalization1 = normalization({constants}, net/input_layer1)",
        f"normalization2 = normalization({constants}, net/input_layer2)",
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a = normalization([0, 0, 0], [255, 255, 255])", []),
        (
            "a = normalization([0, 0, 0], [255, 255, 255], input_layer2)",
            [("normalization-missing", "warning", ("net/input_layer1",))],
        ),
        (  # one line, one finding, though it is about both
            "a = normalization([0, 0, 0], [255, 255, 0])",
            [("normalization-malformed", "error", ("net/input_layer1",))],
        ),
    ],
)
def test_lines_and_inputs(script: str, expected: list[Summary]) -> None:
    assert summary(findings(two_inputs(script))) == expected


def test_a_script_that_cannot_be_parsed_may_hold_the_line() -> None:
    model = build(RAW).model
    unread = build_model(list(model.network), script="normalization1 = normalization([0, 0")
    measurements = build_measurements(input_layer1=LayerMeasurement(RAW))
    context = Context(unread, None, None, measurements, ask=lambda question: question.default)
    assert findings(context) == []
    assert "script cannot be read" in str(NormInspector().should_skip(context))
    other = build_model(list(model.network), script="quantization_param([conv1")
    readable_enough = replace(context, model=other)
    assert str(NormInspector().should_skip(readable_enough)) == ""
    assert [finding.id for finding in findings(readable_enough)] == ["normalization-missing"]


def test_swapped_lists_are_recommended_the_right_way_round() -> None:
    found = findings(LOUD["mean-and-std-swapped"][0])[0]
    assert found.recommendation is not None
    assert found.recommendation.commands == (BY_IMAGENET.replace("normalization1", "a"),)


def test_recommended_line_of_one_input_can_be_merged_beside_the_line_of_another() -> None:
    """The line that names no input has constants for the input with three channels only."""
    layers = [
        build_layer("input_layer1", shape=IMAGE),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("input_layer2", shape=(64, 64, 1)),
        build_layer("conv2", inputs=["input_layer2"]),
        build_layer("concat1", inputs=["conv1", "conv2"]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    network = build_network(layers)
    model = replace(build_model(script=DIVIDE), network=network, float_network=network)
    measurements = build_measurements(
        input_layer1=LayerMeasurement(RAW),
        input_layer2=LayerMeasurement(build_statistics(0.0, 255.0, 118.0, 62.0, channels=1)),
    )
    context = build_context(model, measurements)
    (found,) = findings(context)
    assert found.recommendation is not None
    (line,) = found.recommendation.commands
    assert line == "normalization2 = normalization([0.0], [255.0], net/input_layer2)"
    result = merge_commands(context.script, [Addition(line, "")], network)
    assert result.refused == ()
    assert result.text.split() == f"{DIVIDE}\n{line}".split()


def malformed_line(script: str) -> tuple[str, str]:
    """The remedy of constants that are malformed, and the line that it points to."""
    found = findings(build(RAW, script=script))[0]
    assert found.id == "normalization-malformed"
    return found.remedy, found.recommendation.commands[0] if found.recommendation else ""


@pytest.mark.parametrize(
    "constants",
    [
        "[0, 0, 0], [0, 0, 0]",
        "[127.5, 127.5, 127.5], [-127.5, -127.5, -127.5]",
        "[90, 80, 70, 0], [70, 60, 50]",
        "[123.675, 116.28, 103.53], [58.395, 61]",  # of no recipe
        "[123.675, 116.28, 103.53], [x]",
        "[103.53, 116.28, 123.675], [58.395, 57.12, 57.375]",  # who knows the order of the data?
    ],
)
def test_constants_that_do_not_tell_what_was_meant_have_no_line(constants: str) -> None:
    remedy, line = malformed_line(f"a = normalization({constants})")
    assert line == ""
    assert "this line" not in remedy


@pytest.mark.parametrize(
    ("constants", "meant"),
    [
        ("[0, 0, 0, 0], [255, 255, 255]", "[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]"),
        ("[0], [255]", "[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]"),
        ("[0, x, 0], [255, 255, 255]", "[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]"),
        ("[127.5] , [127.5, 127.5, 0]", "[127.5, 127.5, 127.5], [127.5, 127.5, 127.5]"),
        (
            "[123.675, 116.28, 103.53], [58.395, 57.375]",
            "[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]",
        ),
        (
            "[103.53, 116.28, 123.675], [57.375, 57.12, 0], input_layer1",
            "[103.53, 116.28, 123.675], [57.375, 57.12, 58.395], input_layer1",
        ),
        (
            "[116.28, 103.53], [58.395, 57.12, 57.375]",
            "[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]",
        ),
    ],
)
def test_the_step_is_the_line_with_the_constants_that_were_meant(
    constants: str, meant: str
) -> None:
    remedy, line = malformed_line(f"a = normalization({constants})")
    assert line == f"a = normalization({meant})"
    assert remedy.endswith(", as in this line, and quantize again.")
    assert ",," not in remedy
    assert [each.id for each in findings(build(RAW, script=line))] == []


@pytest.mark.parametrize(
    "constants",
    ["mean=[0, 0, 0], std=[255, 255, 255]", "std=[255, 255, 255], mean=[0, 0, 0]"],
)
def test_constants_with_keywords_are_constants(constants: str) -> None:
    assert findings(build(RAW, script=f"a = normalization({constants})")) == []
    (twice,) = findings(build(UNIT, script=f"a = normalization({constants})"))
    assert twice.id == "data-normalized-twice"
    wrong = constants.replace("[0, 0, 0]", "[0, 0, 0, 0]")
    assert malformed_line(f"a = normalization({wrong})")[1].startswith("a = normalization([0.0, ")
