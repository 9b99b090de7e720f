from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.builders import build_layer, chain
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import context_of, judged, summary
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.har.network import Layer

REPEATED = "activation-repeated"
VECTOR = (1, 1, 6)


def row(*layers: Layer) -> list[Layer]:
    return chain(build_layer("input_layer1"), *layers, build_layer("output_layer1"))


def conv(activation: str = "sigmoid") -> Layer:
    return build_layer("conv1", activation=activation, original_names=["/head/Conv"])


def sigmoid(name: str = "activation1", **options: Any) -> Layer:
    return build_layer(name, activation="sigmoid", **options)


def softmax(number: int = 1, groups: int = 1, **options: Any) -> Layer:
    return build_layer(f"softmax{number}", shape=VECTOR, groups=groups, **options)


def found_in(layers: list[Layer], script: str | None = None) -> list[Finding]:
    return [f for f in judged(context_of(layers, script)) if f.id == REPEATED]


def gate(last: Layer) -> list[Layer]:
    """What two sigmoids in a row put out, multiplied with features, in front of a last layer."""
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"], activation="sigmoid"),
        sigmoid(inputs=["conv1"]),
        build_layer("ew_mult1", inputs=["input_layer1", "activation1"]),
        last,
        build_layer("output_layer1", inputs=[last.base_name]),
    ]


def silu() -> list[Layer]:
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        sigmoid(inputs=["conv1"]),
        build_layer("ew_mult1", inputs=["conv1", "activation1"]),
        sigmoid("activation2", inputs=["ew_mult1"]),
        build_layer("output_layer1", inputs=["activation2"]),
    ]


@quiet("activation-repeated")
@pytest.mark.parametrize(
    "layers",
    [
        row(conv()),
        row(conv("linear"), sigmoid()),
        row(conv(), build_layer("avgpool1")),
        row(conv(), build_layer("conv2", activation="sigmoid")),
        row(conv(), build_layer("fc1", "dense", activation="sigmoid")),
        row(conv("relu"), sigmoid()),
        row(conv("tanh"), softmax()),
        row(softmax(), build_layer("conv2"), softmax(2)),
        row(softmax(), build_layer("matmul1"), softmax(2)),
        row(softmax(), build_layer("format_conversion1"), softmax(2)),
        row(softmax(), softmax(2, groups=2)),
        row(conv(), build_layer("softmax1", shape=(8, 8, 1))),
        row(conv(), sigmoid(), build_layer("conv2")),
        gate(build_layer("conv2", inputs=["ew_mult1"])),
        gate(sigmoid("activation2", inputs=["ew_mult1"])),
        silu(),
    ],
    ids=[
        "one",
        "one behind logits",
        "means",
        "a conv between",
        "a dense layer between",
        "behind relu",
        "behind tanh",
        "attention",
        "attention of values",
        "another axis",
        "other groups",
        "one channel",
        "inside the network",
        "a gate",
        "a gate and the scores behind it",
        "silu",
    ],
)
def test_what_takes_logits(layers: list[Layer]) -> None:
    assert found_in(layers) == []


def products() -> list[Layer]:
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"], activation="sigmoid"),
        build_layer("conv2", inputs=["input_layer1"], activation="sigmoid"),
        build_layer("ew_mult1", inputs=["conv1", "conv2"]),
        sigmoid(inputs=["ew_mult1"]),
        build_layer("output_layer1", inputs=["activation1"]),
    ]


@loud("activation-repeated")
@pytest.mark.parametrize(
    ("layers", "named", "said"),
    [
        (row(conv(), sigmoid()), ("conv1", "activation1"), "all values lie in 0.50 to 0.73"),
        (row(conv("hardsigmoid"), sigmoid()), ("conv1", "activation1"), "put"),
        (row(conv(), sigmoid(), build_layer("nms1")), ("conv1", "activation1"), "0.73"),
        (row(conv(), sigmoid(), build_layer("avgpool1")), ("conv1", "activation1"), "0.73"),
        (row(conv(), build_layer("resize1"), sigmoid()), ("conv1", "activation1"), "0.73"),
        (row(softmax(), softmax(2)), ("softmax1", "softmax2"), "none of 6 classes gets more"),
        (row(softmax(), build_layer("avgpool1"), softmax(2)), ("softmax1", "softmax2"), "0.35"),
        (row(conv(), softmax()), ("conv1", "softmax1"), "net/softmax1 applies a softmax to what"),
        (row(softmax(), sigmoid()), ("softmax1", "activation1"), "puts out of a softmax"),
        (products(), ("conv1", "conv2", "activation1"), "net/conv1 and net/conv2 put out of a"),
    ],
)
def test_probabilities_that_are_taken_for_logits(
    layers: list[Layer], named: tuple[str, ...], said: str
) -> None:
    (found,) = found_in(layers)
    assert summary([found]) == [(REPEATED, "error", named)]
    assert said in found.evidence
    assert found.remedy.startswith("Remove the ")
    assert all(f"net/{name}" in found.remedy for name in named)
    assert found.location is None
    assert_well_worded(found)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("change_output_activation(conv1, sigmoid)", 1),
        ("\nchange_output_activation(activation1, sigmoid)", 2),
        ("change_output_activation(output_layer1, sigmoid)", 1),
        ("change_output_activation(sigmoid)", 1),
        ("change_output_activation(conv1, linear)", 0),
        ("change_output_activation(conv9, sigmoid)", 0),
    ],
)
def test_the_line_of_the_script_that_may_add_it_is_named(script: str, line: int) -> None:
    (found,) = found_in(row(conv(), sigmoid()), script)
    assert (found.location.line if found.location else 0) == line
    assert (f"Delete line {line} of the model script" in found.remedy) == (line > 0)
    assert_well_worded(found)


@quiet("activation-repeated")
def test_a_line_that_made_the_only_sigmoid_is_in_order() -> None:
    assert found_in(row(conv()), "change_output_activation(conv1, sigmoid)") == []
