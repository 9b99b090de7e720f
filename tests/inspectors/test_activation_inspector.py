from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from inspectors.activation_inspector import ActivationInspector
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.har.network import Layer


def inspect(layers: Sequence[Layer], **arrays: np.ndarray) -> list[Finding]:
    model = build_model(layers, float_arrays={f"{k}/kernel": v for k, v in arrays.items()})
    return list(ActivationInspector().inspect(build_context(model)))


def summary(found: Sequence[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in found]


def row(*activations: str) -> list[Layer]:
    names = [f"conv{n}" for n in range(1, len(activations) + 1)]
    layers = [build_layer("input_layer1")]
    for name, activation in zip(names, activations, strict=True):
        layers.append(
            build_layer(name, inputs=[layers[-1].name], activation=activation)
            if activation
            else build_layer(name, inputs=[layers[-1].name])
        )
    return [*layers, build_layer("output_layer1", inputs=[layers[-1].name])]


def swish(
    source: str = "linear",
    gate: str = "sigmoid",
    gate_type: str = "normalization",
    operands: Sequence[str] = ("conv1", "normalization1"),
    product: str = "ew_mult",
) -> list[Layer]:
    return [
        build_layer("input_layer1"),
        build_layer("conv0", inputs=["input_layer1"], activation="linear"),
        build_layer("conv1", inputs=["conv0"], activation=source),
        build_layer("shortcut1", inputs=["conv1"]),
        build_layer("normalization1", type=gate_type, inputs=["conv1"], activation=gate),
        build_layer("ew_mult1", type=product, inputs=operands, activation="linear"),
        build_layer("output_layer1", inputs=["ew_mult1"]),
    ]


SWISH = ("swish-block", "warning", ("net/normalization1", "net/ew_mult1"))


@quiet("silu-activation")
@loud("silu-activation")
@pytest.mark.parametrize(
    ("activations", "expected"),
    [
        (["relu", "relu6", "linear", "leaky", "gelu", "hardswish", "mish"], []),
        ([""], []),
        (["silu"], [("silu-activation", "info", ("net/conv1",))]),
        (["silu", "relu", "silu"], [("silu-activation", "info", ("net/conv1", "net/conv3"))]),
    ],
)
def test_silu(activations: list[str], expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert summary(inspect(row(*activations))) == expected


@quiet("swish-block")
@pytest.mark.parametrize(
    "layers",
    [
        swish(gate="linear"),
        swish(gate_type="conv"),
        swish(source="relu"),
        swish(product="ew_add"),
        swish(operands=("conv0", "normalization1")),
        swish(operands=("normalization1", "normalization1")),
        swish(operands=("conv1", "conv1")),
        swish(operands=("normalization1",)),
    ],
    ids=[
        "gate without sigmoid",
        "attention by a conv",
        "source not linear",
        "sum",
        "other source",
        "gate squared",
        "square",
        "one operand",
    ],
)
def test_what_is_no_swish_block(layers: list[Layer]) -> None:
    assert inspect(layers) == []


@loud("swish-block")
@pytest.mark.parametrize(
    "operands",
    [("conv1", "normalization1"), ("normalization1", "conv1"), ("shortcut1", "normalization1")],
)
def test_swish_block(operands: tuple[str, str]) -> None:
    assert summary(inspect(swish(operands=operands))) == [SWISH]


def test_the_factor_is_told_where_it_is_stored() -> None:
    (found,) = inspect(swish(), normalization1=np.full((1, 1, 3, 1), 1.702, np.float32))
    assert found.measured["beta of net/normalization1"] == pytest.approx(1.702, rel=1e-6)
    assert "beta 1.702: net/ew_mult1 of net/normalization1" in found.evidence
    assert found.remedy.startswith("Train the network with SiLU")
    (found,) = inspect(swish(), normalization1=np.full((1, 1, 3, 1), np.nan, np.float32))
    assert found.measured == {"blocks": 1}


def test_one_finding_for_all_blocks() -> None:
    second = [
        build_layer("normalization2", inputs=["ew_mult1"], activation="sigmoid"),
        build_layer("ew_mult2", inputs=["normalization2", "ew_mult1"], activation="linear"),
        build_layer("output_layer2", inputs=["ew_mult2"]),
    ]
    (found,) = inspect([*swish(), *second])
    names = ("normalization1", "ew_mult1", "normalization2", "ew_mult2")
    assert found.layers == tuple(f"net/{name}" for name in names)
    assert found.measured == {"blocks": 2}


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_have_neither(name: str) -> None:
    assert list(ActivationInspector().inspect(build_context(sample_model(name)))) == []
