"""When a warning is due, what it recommends, and when nothing can be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import inspectors
from inspectors.channel_order import ChannelOrderInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_statistics,
    chain,
    scoped,
)
from tests.house.evidence import loud, quiet
from utils.findings import InspectorResult
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.channel_order import ChannelOrder, Confidence, HeadConfidence
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

SAMPLES = 32
IMAGE = (64, 64, 3)


def classifier(*behind: Layer, script: str | None = None, channels: int = 4) -> Model:
    """An image, a convolution, and what is behind it; a softmax by default."""
    shape = (1, 1, channels)
    layers = chain(
        build_layer("input_layer1", shape=IMAGE),
        build_layer("conv1", shape=(8, 8, 8), activation="relu"),
        *(behind or (build_layer("softmax1", shape=shape),)),
        build_layer("output_layer1", shape=shape),
    )
    return build_model(layers, script=script)


def confidence(as_is: float, turned: float, errors: float = 10.0, samples: int = SAMPLES) -> Any:
    """Confidence whose gain is so many standard errors; 0 where there is none."""
    spread = np.linspace(-1, 1, samples)
    spread = spread / spread.std(ddof=1) * np.sqrt(samples)
    noise = spread * abs(turned - as_is) / errors if errors else spread * 0
    return Confidence.of(np.full(samples, as_is), turned + noise)


def head(
    found: Confidence, as_is: Sequence[int] = (16, 16), turned: Sequence[int] = (16, 16)
) -> HeadConfidence:
    """The same confidence in both readings; how often each class wins in either order."""
    return HeadConfidence(found, found, dict(enumerate(as_is)), dict(enumerate(turned)))


def measured(
    heads: Mapping[str, HeadConfidence], samples: int = SAMPLES, grey: int = 0
) -> Measurements:
    named = {scoped(name): found for name, found in heads.items()}
    order = ChannelOrder(("net/input_layer1",), samples, grey, named)
    return Measurements(SAMPLES, {}, channel_order=order)


def run(model: Model, measurements: Measurements | None) -> InspectorResult:
    result = inspectors.run(ChannelOrderInspector, build_context(model, measurements))
    assert result.crashed == ""
    return result


def told(model: Model, **heads: HeadConfidence) -> list[tuple[str, str, tuple[str, ...]]]:
    found = run(model, measured(heads)).findings
    return [(f.id, f.severity.label, f.layers) for f in found]


WARNING = ("channels-look-swapped", "warning", ("net/input_layer1", "net/softmax1"))


@quiet("channels-look-swapped")
@pytest.mark.parametrize(
    "found",
    [
        confidence(0.9, 0.6),
        confidence(0.8, 0.8),
        confidence(0.8, 0.879),
        confidence(0.6, 0.9, errors=2.9),
        confidence(0.30, 0.43),
        confidence(0.6, 0.9, errors=0),
    ],
    ids=["surer as is", "alike", "a little", "by chance", "never sure", "copies of one sample"],
)
def test_quiet(found: Confidence) -> None:
    assert told(classifier(), softmax1=head(found)) == []


@loud("channels-look-swapped")
@pytest.mark.parametrize(
    "found",
    [
        confidence(0.6, 0.9),
        confidence(0.8, 0.881),
        confidence(0.6, 0.9, errors=3.1),
        confidence(0.30, 0.44),
        confidence(0.0, 0.5),
    ],
    ids=["much", "just enough", "just beyond chance", "just sure", "never as is"],
)
def test_loud(found: Confidence) -> None:
    if not found.mean_as_is:  # nothing to divide by
        found = Confidence(found.samples, 1e-9, found.reversed, found.squares)
    assert told(classifier(), softmax1=head(found)) == [WARNING]


@pytest.mark.parametrize(
    ("classes", "just_sure"), [(2, 0.625), (4, 0.4375), (10, 0.325), (1000, 0.25075)]
)
def test_a_network_that_guesses_in_both_orders_is_not_told(classes: int, just_sure: float) -> None:
    model = classifier(channels=classes)
    guesses = head(confidence(0.8 * just_sure, just_sure - 0.001))
    knows = head(confidence(0.8 * just_sure, just_sure + 0.001))
    assert told(model, softmax1=guesses) == []
    assert told(model, softmax1=knows) == [WARNING]


def test_one_score_of_yes_or_no_is_half_sure_by_chance() -> None:
    score = build_layer("conv2", shape=(1, 1, 1), activation="sigmoid")
    model = classifier(score, channels=1)
    assert told(model, conv2=head(confidence(0.52, 0.6))) == []
    assert [f[0] for f in told(model, conv2=head(confidence(0.52, 0.7)))] == [WARNING[0]]


def test_confidence_of_exactly_0_does_not_divide() -> None:
    (finding,) = run(classifier(), measured({"softmax1": head(confidence(0.0, 0.5))})).findings
    assert finding.measured["confidence_as_is"] == 0


def test_the_message_has_the_numbers() -> None:
    (finding,) = run(classifier(), measured({"softmax1": head(confidence(0.6, 0.9))})).findings
    assert "net/softmax1 0.900 instead of 0.600, over 32 samples" in finding.evidence
    assert finding.measured == pytest.approx(
        {
            "confidence_as_is": 0.6,
            "confidence_reversed": 0.9,
            "standard_error": 0.03,
            "samples": 32,
        }
    )


def three_scales() -> Model:
    layers = [build_layer("input_layer1", shape=IMAGE)]
    for index, side in enumerate((8, 4, 2), start=1):
        head = build_layer(
            f"conv{index}", inputs=["input_layer1"], shape=(side, side, 3), activation="sigmoid"
        )
        layers += [head, build_layer(f"output_layer{index}", inputs=[f"conv{index}"])]
    return build_model(layers)


@pytest.mark.parametrize(
    ("as_is", "turned", "loud"),
    [
        ((16, 16), (20, 12), True),  # variety 0.97
        ((16, 16), (22, 10), False),  # 0.93
        ((16, 16), (32, 0), False),
        ((32, 0), (16, 16), True),
        ((32, 0), (0, 32), True),
        ((), (), True),
    ],
)
def test_answers_that_collapse_into_few_classes_are_no_proof(
    as_is: Sequence[int], turned: Sequence[int], loud: bool
) -> None:
    found = head(confidence(0.6, 0.9), as_is, turned)
    assert bool(told(classifier(), softmax1=found)) is loud


def test_the_classes_of_score_maps_are_noise() -> None:
    better = head(confidence(0.4, 0.6), (1000, 1000), (2000, 0))
    assert len(told(three_scales(), conv1=better, conv2=better, conv3=better)) == 1


@quiet("channels-look-swapped")
def test_outputs_that_contradict_each_other_prove_nothing() -> None:
    better, worse = head(confidence(0.4, 0.6)), head(confidence(0.6, 0.4))
    assert told(three_scales(), conv1=better, conv2=worse, conv3=better) == []


@loud("channels-look-swapped")
def test_one_scale_is_enough() -> None:
    better, same = head(confidence(0.4, 0.6)), head(confidence(0.5, 0.5))
    layers = ("net/input_layer1", "net/conv2")
    assert told(three_scales(), conv1=same, conv2=better, conv3=same) == [
        ("channels-look-swapped", "warning", layers)
    ]


# What is recommended.


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (None, "input_conversion1 = input_conversion(input_layer1, bgr_to_rgb)"),
        (
            "input_conversion1 = resize(input_layer1, [64, 64])\n",
            "input_conversion2 = input_conversion(input_layer1, bgr_to_rgb)",
        ),
    ],
)
def test_a_conversion_is_offered_and_not_taken_unasked(script: str | None, line: str) -> None:
    model = classifier(script=script)
    result = run(model, measured({"softmax1": head(confidence(0.6, 0.9))}))
    (finding,) = result.findings
    assert finding.recommendation is not None
    assert finding.recommendation.commands == (line,)
    assert not finding.recommendation.default
    own = None if script is None else parse_model_script(script)
    declined = recommended_script(result.findings, own, model.network, Prompter(interactive=False))
    assert [command for command, _ in declined.left_out] == [line]


class Yes(Prompter):
    def __init__(self) -> None:
        super().__init__(interactive=True)

    def confirm(self, question: str, default: bool) -> bool:
        return True


def test_an_accepted_conversion_stands_behind_the_normalization() -> None:
    script = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
    model = classifier(script=script)
    result = run(model, measured({"softmax1": head(confidence(0.6, 0.9))}))
    merged = recommended_script(result.findings, parse_model_script(script), model.network, Yes())
    commands = [statement.command for statement in parse_model_script(merged.text).statements]
    assert commands == ["normalization", "input_conversion"]
    assert merged.left_out == ()


@pytest.mark.parametrize("conversion", ["bgr_to_rgb", "rgb_to_bgr"])
def test_a_conversion_that_is_there_is_to_be_dropped(conversion: str) -> None:
    model = classifier(script=f"c = input_conversion(input_layer1, {conversion})\n")
    (finding,) = run(model, measured({"softmax1": head(confidence(0.6, 0.9))})).findings
    assert finding.recommendation is None
    assert f"Drop the input_conversion of the model script ({conversion})" in finding.remedy


# Where nothing can be said.


def test_without_data_it_says_so() -> None:
    skipped = run(classifier(), None).skipped
    assert skipped is not None
    assert skipped.remedy == "pass the calibration set with -d"


@pytest.mark.parametrize(
    ("shape", "measured_input", "reason"),
    [
        ((1, 1, 80), True, "no input holds images of three colours"),
        ((64, 64, 1), True, "no input holds images of three colours"),
        ((31, 31, 3), True, "no input holds images of three colours"),
        ((64, 64, 3), True, "the data of net/input_layer1 do not look like pictures"),
        ((64, 64, 3), False, "the inputs were not measured"),
    ],
)
def test_inputs_that_are_no_colour_images(
    shape: tuple[int, int, int], measured_input: bool, reason: str
) -> None:
    model = build_model([build_layer("input_layer1", shape=shape), build_layer("output_layer1")])
    sparse = LayerMeasurement(build_statistics(non_zero_share=0.1))
    found = {"net/input_layer1": sparse} if measured_input else {}
    assert str(run(model, Measurements(SAMPLES, found)).skipped).startswith(reason)


@pytest.mark.parametrize(("samples", "skips"), [(0, True), (7, True), (8, False)])
def test_grey_images_have_no_order(samples: int, skips: bool) -> None:
    found = confidence(0.6, 0.9, samples=max(samples, 2))
    result = run(classifier(), measured({"softmax1": head(found)}, samples, grey=40))
    assert bool(str(result.skipped or "")) is skips
    if skips:
        assert f"of {samples + 40}" in str(result.skipped or "")
        assert "in colour" in str(result.skipped or "")


def test_data_in_another_colour_format_have_no_red_and_blue() -> None:
    model = classifier(script="c = input_conversion(input_layer1, yuv_to_rgb)\n")
    result = run(model, measured({"softmax1": head(confidence(0.6, 0.9))}))
    assert "another colour format" in str(result.skipped or "")
