from __future__ import annotations

import math

import pytest

from inspectors.output_contract.forced_ranges import share_outside
from tests.fixtures.builders import build_layer, chain
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import (
    Head,
    Range,
    commands,
    context_of,
    detector_layers,
    judged,
    merged,
    summary,
)
from utils.findings import Location
from utils.har.network import Layer

FORCED = "linear-output-forced"
LOGITS = (-12.0, 4.5)


def row(*layers: Layer) -> list[Layer]:
    return chain(build_layer("input_layer1"), *layers, build_layer("output_layer1"))


LINEAR = row(build_layer("conv1"))
SIGMOID = row(build_layer("conv1", activation="sigmoid"))
MEANS = row(build_layer("conv1", activation="sigmoid"), build_layer("avgpool1"))
FORCE = "quantization_param([conv1], force_range_out=[0.0, 1.0])"
NMS = "nms_postprocess(meta_arch=yolov8)"


@quiet("linear-output-forced")
@pytest.mark.parametrize(
    ("layers", "script", "seen"),
    [
        (LINEAR, None, LOGITS),
        (LINEAR, "quantization_param([conv1], force_range_out=[-12, 4.5])", LOGITS),
        (LINEAR, "quantization_param([conv1], force_range_in=[0.0, 1.0])", LOGITS),
        (LINEAR, "quantization_param([conv1], precision_mode=a16_w16)", LOGITS),
        (LINEAR, "quantization_param([conv7], force_range_out=[0.0, 1.0])", LOGITS),
        (LINEAR, f"{FORCE}\nquantization_param([conv1], force_range_out=[-12, 5])", LOGITS),
        (LINEAR, f"change_output_activation(sigmoid)\n{FORCE}", LOGITS),
        (LINEAR, f"{FORCE}\n{NMS}", LOGITS),
        (LINEAR, FORCE, (0.0, 1.0)),
        (LINEAR, FORCE, (-0.1, 1.15)),
        (LINEAR, FORCE, (0.5, 0.5)),
        (SIGMOID, FORCE, (0.0, 0.9)),
        (MEANS, "quantization_param(avgpool1, force_range_out=[0, 1])", None),
        (row(build_layer("softmax1")), "quantization_param({*}, force_range_out=[0, 1])", None),
    ],
    ids=[
        "no script",
        "own range",
        "input",
        "other setting",
        "unknown layer",
        "taken back",
        "sigmoid by script",
        "sigmoid by nms",
        "fits",
        "overshoots",
        "constant",
        "sigmoid",
        "means of sigmoids",
        "softmax",
    ],
)
def test_ranges_that_cut_nothing_off(
    layers: list[Layer], script: str | None, seen: Range | None
) -> None:
    ranges = {"conv1": seen} if seen else {}
    assert FORCED not in {f.id for f in judged(context_of(layers, script, ranges))}


@loud("linear-output-forced")
@pytest.mark.parametrize(
    ("script", "seen"),
    [
        (FORCE, LOGITS),
        ("quantization_param(net/conv1, force_range_out=[0, 1])", LOGITS),
        ("quantization_param({conv*}, force_range_out=[0, 1])", LOGITS),
        ("quantization_param(output_layer1, force_range_out=[0.0, 1.0])", LOGITS),
        (FORCE, (-0.1, 1.2)),
        (FORCE, (7.0, 7.0)),
        (FORCE, None),
        (FORCE, (-math.inf, 3.0)),
    ],
)
def test_a_linear_layer_that_is_cut(script: str, seen: Range | None) -> None:
    context = context_of(LINEAR, script, {"conv1": seen} if seen else {})
    (found,) = judged(context)
    assert summary([found]) == [(FORCED, "error", ("conv1",))]
    assert found.location == Location("model script", 1, 1)
    is_known = seen is not None and math.isfinite(seen[0])
    assert len(commands(found)) == is_known
    assert ("with this line" in found.remedy) is is_known
    assert ("in line 1 of the model script" in found.remedy) is not is_known
    values = f"saw {seen[0]:g} to {seen[1]:g}" if seen and is_known else "is unknown"
    assert found.evidence.startswith("net/conv1, ")
    assert found.evidence.endswith(values)
    if is_known:
        text, parsed = merged([found], context)
        assert text.left_out == ()
        assert judged(context_of(LINEAR, str(parsed), {"conv1": seen} if seen else {})) == []


def test_the_place_in_the_script_is_named() -> None:
    script = f"# scores\n\n   {FORCE}"
    (found,) = judged(context_of(LINEAR, script, {"conv1": LOGITS}))
    assert found.location == Location("model script", 3, 4)
    assert commands(found) == ("quantization_param([net/conv1], force_range_out=[-12, 4.5])",)


@loud("linear-output-forced")
def test_boxes_stay_linear_beside_scores_that_nms_gives_a_sigmoid() -> None:
    layers = detector_layers(Head(64), Head(3))
    script = f"{NMS}\nquantization_param([conv1, conv2], force_range_out=[0, 1])"
    ranges = {"conv1": LOGITS, "conv2": LOGITS, "conv4": LOGITS, "conv6": LOGITS}
    found = judged(context_of(layers, script, ranges))
    assert summary(found) == [(FORCED, "error", ("conv1",))]


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [
        (0.0, 1.0, 0.0),
        (0.2, 0.3, 0.0),
        (-1.0, 1.0, 0.5),
        (0.0, 4.0, 0.75),
        (2.0, 3.0, 1.0),
        (1.0, 1.0, 0.0),
        (-2.0, -2.0, 1.0),
    ],
)
def test_share_outside(low: float, high: float, share: float) -> None:
    assert share_outside(low, high) == pytest.approx(share)
