from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, chain
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import commands, context_of, judged, merged, summary
from utils.findings import Location
from utils.har.network import Layer

LOST = "sixteen-bit-not-applied"
BROKEN = "sixteen-bit-chain-broken"
WIDE, NARROW, WIDENING = "a16_w16_a16", "a8_w8_a8", "a8_w8_a16"


def row(conv: str = NARROW, output: str = NARROW, **params: Any) -> list[Layer]:
    return chain(
        build_layer("input_layer1"),
        build_layer("conv1", mode=conv, **params),
        build_layer("output_layer1", mode=output),
    )


def codes(zero_point: Any) -> dict[str, Any]:
    return {
        "output_layer1/limvals_out": np.array([-4, 4], np.float32),
        "output_layer1/layer_params/output_scales": np.array([[0.1, 0.1]], np.float32),
        "output_layer1/layer_params/output_zero_points": np.asarray(zero_point),
    }


@quiet("sixteen-bit-not-applied")
@pytest.mark.parametrize(
    ("layers", "script", "zero_point"),
    [
        (row(), None, [[128.0, 255.0]]),
        (row(), "quantization_param([conv1], precision_mode=a16_w16_a8)", None),
        (row(), "quantization_param(output_layer1, precision_mode=a8_w8)", None),
        (row(WIDE, WIDE), "quantization_param({*}, precision_mode=a16_w16)", [[9000.0, 0.0]]),
        (row(WIDENING, WIDE), "quantization_param(output_layer1, precision_mode=a16_w16)", None),
        (
            row(WIDE),
            "quantization_param({*}, precision_mode=a16_w16)\n"
            "quantization_param({output_layer*}, precision_mode=a8_w8)",
            None,
        ),
        (row(output=""), "quantization_param([conv1], precision_mode=a16_w16)", None),
        (row(), "quantization_param([conv1], precision_mode=native)", None),
        (
            [
                build_layer("input_layer1"),
                build_layer("conv1", inputs=["input_layer1"]),
                build_layer("conv2", inputs=["input_layer1"]),
                build_layer("concat1", inputs=["conv1", "conv2"]),
                build_layer("output_layer1", inputs=["concat1"]),
            ],
            "quantization_param([conv1], precision_mode=a16_w16)",
            None,
        ),
        (
            chain(*row()[:2], build_layer("nms1"), build_layer("output_layer1")),
            "quantization_param({output_layer*}, precision_mode=a16_w16)",
            None,
        ),
        (row(), None, [[np.nan, np.inf]]),
        (row(), None, [["many", "points"]]),
        (row(), None, [[]]),
    ],
    ids=[
        "last 8-bit code",
        "8-bit output asked for",
        "8 bit asked for",
        "16 bit applied",
        "16 bit at the output applied",
        "taken back at the output",
        "nothing recorded",
        "no bits named",
        "asked of one of two",
        "a selection",
        "not finite",
        "text",
        "empty",
    ],
)
def test_outputs_as_they_were_asked_for(
    layers: list[Layer], script: str | None, zero_point: Any
) -> None:
    quantized = None if zero_point is None else codes(zero_point)
    found = judged(context_of(layers, script, quantized=quantized))
    assert [each for each in found if each.id == LOST] == []


@loud("sixteen-bit-not-applied")
@pytest.mark.parametrize(
    ("script", "zero_point"),
    [
        ("quantization_param([conv1], precision_mode=a16_w16)", None),
        ("quantization_param({conv*}, precision_mode=a8_w8_a16)", None),
        ("quantization_param(output_layer1, precision_mode=a16_w16)", None),
        ("quantization_param({output_layer*}, precision_mode=a16_w16)", [[18000.0, 0.0]]),
        (None, [[0.0, 256.0]]),
    ],
)
def test_outputs_that_were_demoted(script: str | None, zero_point: Any) -> None:
    quantized = None if zero_point is None else codes(zero_point)
    context = context_of(row(), script, quantized=quantized)
    (found,) = judged(context)
    assert summary([found]) == [(LOST, "error", ("output_layer1",))]
    assert found.measured == (
        {"zero point of net/output_layer1": max(zero_point[0])} if zero_point else {}
    )
    assert found.location == (Location("model script", 1, 1) if script else None)
    assert (found.recommendation is not None) is (script is not None)
    assert ("the model script asks" in found.headline) is (script is not None)
    assert ("these lines" in found.remedy) is (len(commands(found)) == 2)
    assert ("zero point" in found.evidence) is (zero_point is not None)
    if script:
        text, parsed = merged([found], context)
        assert text.left_out == ()
        assert LOST not in {f.id for f in judged(context_of(row(), str(parsed)))}


def test_probabilities_are_not_clipped() -> None:
    script = "quantization_param([conv1], precision_mode=a16_w16)"
    (linear,) = judged(context_of(row(), script))
    (sigmoid,) = judged(context_of(row(activation="sigmoid"), script, {"conv1": (0.0, 0.9)}))
    first = "quantization_param([net/output_layer1], precision_mode=a8_w8)"
    assert commands(linear) == (
        first,
        "pre_quantization_optimization(activation_clipping, layers=[net/conv1], mode=percentile, "
        "clipping_values=[0.01, 99.99])",
    )
    assert commands(sigmoid) == (first,)


def joined(
    *,
    first: str = NARROW,
    second: str = NARROW,
    joint: str = "concat1",
    between: str = WIDE,
    reader: str = WIDE,
    kind: str = "conv",
) -> list[Layer]:
    """Two producers, what joins them, and a convolution behind it."""
    return [
        build_layer("input_layer1"),
        build_layer("conv1", kind, inputs=["input_layer1"], mode=first),
        build_layer("conv2", inputs=["input_layer1"], mode=second),
        build_layer(joint, inputs=["conv1", "conv2"], mode=between),
        build_layer("maxpool1", inputs=[joint], mode=between),
        build_layer("conv3", inputs=["maxpool1"], mode=reader, original_names=["/head/Conv"]),
        build_layer("output_layer1", inputs=["conv3"], mode=NARROW if reader == NARROW else WIDE),
    ]


ASKED = "quantization_param([conv3], precision_mode=a16_w16)"


@quiet("sixteen-bit-chain-broken")
@pytest.mark.parametrize(
    ("layers", "script"),
    [
        (joined(between=NARROW, reader=NARROW), None),
        (joined(first=WIDENING, second=WIDE), None),
        (joined(first="a16_w8", second=WIDENING), None),
        (joined(first="", second=""), None),
        (joined(first="native", second=WIDENING), None),
        (joined(joint="ew_add1"), None),
        (row(NARROW, WIDE), None),
        (
            chain(
                build_layer("input_layer1"),
                build_layer("conv1"),
                build_layer("maxpool1", mode=WIDE),
                build_layer("conv2", mode=WIDE),
                build_layer("output_layer1", mode=WIDE),
            ),
            None,
        ),
        (
            chain(
                build_layer("input_layer1"),
                build_layer("shortcut1", mode=WIDE),
                build_layer("conv1", mode=WIDE),
                build_layer("output_layer1", mode=WIDE),
            ),
            None,
        ),
        (
            chain(
                build_layer("input_layer1"),
                build_layer("conv1"),
                build_layer("concat1"),
                build_layer("precision_change0", "activation", mode=WIDENING, activation="linear"),
                build_layer("conv2", mode=WIDE),
                build_layer("output_layer1", mode=WIDE),
            ),
            None,
        ),
    ],
    ids=[
        "8 bit",
        "producers write 16 bit",
        "other weights",
        "nothing recorded",
        "odd mode",
        "arithmetic between",
        "no joint",
        "pooling between",
        "behind an input",
        "the width is changed",
    ],
)
def test_chains_that_hold(layers: list[Layer], script: str | None) -> None:
    assert BROKEN not in {finding.id for finding in judged(context_of(layers, script))}


@loud("sixteen-bit-chain-broken")
@pytest.mark.parametrize(
    ("layers", "script", "named", "mode"),
    [
        (joined(), None, ("conv1", "conv2"), "a8_w8_a16"),
        (joined(joint="feature_splitter1"), None, ("conv1", "conv2"), "a8_w8_a16"),
        (joined(joint="shortcut1"), None, ("conv1", "conv2"), "a8_w8_a16"),
        (joined(second=WIDENING), None, ("conv1",), "a8_w8_a16"),
        (joined(first="a8_w4", second=WIDENING), None, ("conv1",), "a8_w4_a16"),
        (joined(first="a16_w16_a8", second=WIDENING), None, ("conv1",), "a16_w16_a16"),
        (joined(between=NARROW, reader=NARROW), ASKED, ("conv1", "conv2"), "a8_w8_a16"),
        (joined(between=""), None, ("conv1", "conv2"), "a8_w8_a16"),
    ],
)
def test_chains_with_a_hole(
    layers: list[Layer], script: str | None, named: tuple[str, ...], mode: str
) -> None:
    context = context_of(layers, script)
    (found,) = [finding for finding in judged(context) if finding.id == BROKEN]
    joint = layers[3].base_name
    assert summary([found]) == [(BROKEN, "warning", (*named, joint, "conv3"))]
    assert found.evidence.startswith(f"net/conv3 (/head/Conv) behind net/{joint}, fed by net/conv1")
    scoped = ", ".join(f"net/{name}" for name in named)
    assert commands(found) == (f"quantization_param([{scoped}], precision_mode={mode})",)
    text, _ = merged([found], context)
    assert text.left_out == ()


def test_readers_behind_the_same_joint_are_named_together() -> None:
    layers = [
        *joined(),
        build_layer("conv4", inputs=["concat1"], mode=WIDE),
        build_layer("output_layer2", inputs=["conv4"], mode=WIDE),
    ]
    (found,) = judged(context_of(layers))
    assert summary([found])[0][2] == ("conv1", "conv2", "concat1", "conv3", "conv4")


@loud("sixteen-bit-chain-broken")
def test_a_concat_at_a_16_bit_output() -> None:
    layers = [
        *joined()[:4],
        build_layer("output_layer1", inputs=["concat1"], mode=WIDE),
    ]
    (found,) = judged(context_of(layers))
    assert summary([found]) == [(BROKEN, "warning", ("conv1", "conv2", "concat1", "output_layer1"))]


@pytest.mark.parametrize(("target", "modes"), [("hailo8", 2), ("hailo10h", 1)])
def test_no_line_that_the_chip_rejects(target: str, modes: int) -> None:
    context = context_of(joined(kind="softmax"), target=target)
    (found,) = judged(context)
    (line,) = commands(found)
    assert line.count("net/conv") == modes
    assert ("crash the compiler's allocator" in found.why) is (modes == 1)


def test_what_the_script_asked_for_already_is_not_asked_for_again() -> None:
    script = "quantization_param([conv1, conv2], precision_mode=a8_w8_a16)"
    left_out, found = judged(context_of(joined(), script))
    assert left_out.id == "sixteen-bit-left-out"
    assert found.id == BROKEN
    assert found.recommendation is None
    assert "asks for 16 bit at net/conv1 and net/conv2, and the archive has 8 bit" in found.why
    assert "another release of the compiler" in found.remedy


def test_where_no_producer_can_write_16_bit_the_reader_goes_back_to_8() -> None:
    layers = joined(kind="softmax", second=WIDENING)
    (found,) = judged(context_of(layers, target="hailo10h"))
    assert found.recommendation is None
    assert found.remedy == "Go back to 8 bit at net/conv3."
