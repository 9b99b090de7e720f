from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.squeeze_excite import SqueezeExciteInspector
from inspectors.squeeze_excite.pools import division_factors, excite_layers
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_network,
    build_noise,
    build_noise_measurements,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.findings import Finding
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements.agreement import AgreementMeasurements
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

ID = "wide-average-pool"
REDUCTION = "pre_quantization_optimization(global_avgpool_reduction, layers=[{}], "
REDUCTION += "division_factors=[{}])"


def pool(
    name: str, source: str, height: int, width: int, type: str = "avgpool", **params: Any
) -> Layer:
    """A mean over a whole map, unless `params` say otherwise."""
    window = {"kernel_shape": [1, height, width, 1], "padding": "VALID"}
    return build_layer(name, type, [source], (1, 1, 8), **({**window, **params}))


def pointwise(name: str, source: str, activation: str = "relu", **params: Any) -> Layer:
    shape = {"kernel_shape": [1, 1, 8, 8], "activation": activation, **params}
    return build_layer(name, "", [source], (1, 1, 8), **shape)


def classifier(height: int, width: int, *tail: Layer, **params: Any) -> list[Layer]:
    """A conv, the pool of its map, and what follows: by default a dense layer."""
    return [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"], shape=(height, width, 8)),
        pool("avgpool1", "conv1", height, width, **params),
        *(tail or (build_layer("fc1", "dense", ["avgpool1"], (1, 1, 10)),)),
        build_layer("output_layer1", inputs=[tail[-1].name if tail else "fc1"]),
    ]


def excited(
    side: int, number: int = 1, source: str = "input_layer1", gate: str = "sigmoid"
) -> list[Layer]:
    """A conv and the block that weighs its channels, the product's name being ew_mult<number>."""
    shape, n = (side, side, 8), number
    return [
        build_layer(f"conv{n}0", inputs=[source], shape=shape),
        pool(f"avgpool{n}", f"conv{n}0", side, side),
        pointwise(f"conv{n}1", f"avgpool{n}"),
        pointwise(f"conv{n}2", f"conv{n}1", gate),
        build_layer(f"ew_mult{n}", "ew_mult", [f"conv{n}0", f"conv{n}2"], shape),
    ]


def network(*blocks: Sequence[Layer]) -> list[Layer]:
    body = [layer for block in blocks for layer in block]
    return [
        build_layer("input_layer1"),
        *body,
        build_layer("output_layer1", inputs=[body[-1].name]),
    ]


def inspected(layers: Sequence[Layer], **archive: Any) -> tuple[Model, list[Finding]]:
    model = build_model(layers, **archive)
    return model, list(SqueezeExciteInspector().inspect(build_context(model)))


def summary(layers: Sequence[Layer]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in inspected(layers)[1]]


@quiet("wide-average-pool")
@loud("wide-average-pool")
@pytest.mark.parametrize(
    ("height", "width", "severity"),
    [
        (6, 8, ""),
        (7, 7, "info"),
        (13, 15, "info"),
        (14, 14, "warning"),
        (1, 196, "warning"),
        (112, 112, "warning"),
    ],
)
@pytest.mark.parametrize("type", ["avgpool", "global_avg_pool", "reduce_mean"])
def test_severity_follows_the_area(height: int, width: int, severity: str, type: str) -> None:
    layers = classifier(height, width, type=type, reduce_axes=[1, 2])
    found = summary(layers)
    assert found == ([(ID, severity, ("net/avgpool1",))] if severity else [])


@quiet("wide-average-pool")
@pytest.mark.parametrize(
    "layers",
    [
        classifier(28, 28, kernel_shape=[1, 14, 28, 1]),
        classifier(28, 28, kernel_shape="28x28"),
        classifier(28, 28, kernel_shape=None),
        classifier(28, 28, type="maxpool"),
        classifier(28, 28, type="reduce_mean", reduce_axes=[3]),
        classifier(28, 28, type="reduce_mean", reduce_axes=[1]),
        classifier(28, 28, type="reduce_mean", reduce_axes="12"),
        classifier(28, 28, type="reduce_mean", reduce_axes=[[1], 2]),
        classifier(28, 28, type="reduce_mean"),
        classifier(28, 28, build_layer("softmax1", inputs=["avgpool1"], shape=(1, 1, 8))),
        classifier(28, 28, pointwise("conv2", "avgpool1", kernel_shape=[3, 3, 8, 8])),
        classifier(28, 28, pointwise("conv2", "avgpool1", kernel_shape=7)),
    ],
)
def test_quiet(layers: list[Layer]) -> None:
    assert summary(layers) == []
    assert SqueezeExciteInspector().should_skip(build_context(build_model(layers)))


@quiet("wide-average-pool")
@loud("wide-average-pool")
@pytest.mark.parametrize(("wrong", "severity"), [(0, "info"), (100, "warning")])
def test_nobody_splits_a_pool_behind_which_all_is_decided_as_in_float(
    wrong: int, severity: str
) -> None:
    floats = values(200, 1, 10)
    chip = np.concatenate([-floats[:wrong], floats[wrong:]])
    agreed = agreeing(batch_of(floats, coded(chip), range(200)), "classes")
    measured = build_noise_measurements(build_noise({"output_layer1": 20.0}), 200)
    measured = replace(measured, agreement=AgreementMeasurements({"net/output_layer1": agreed}))
    context = build_context(build_model(network(excited(14))), measured)
    (found,) = SqueezeExciteInspector().inspect(context)
    assert found.severity.label == severity
    assert found.asks_for_nothing is (severity == "info")


@loud("wide-average-pool")
def test_readers_are_found_behind_layers_that_hand_on() -> None:
    handed_on = [
        build_layer("shortcut1", inputs=["avgpool1"], shape=(1, 1, 8)),
        build_layer("format_conversion1", inputs=["shortcut1"], shape=(1, 1, 8)),
        pointwise("conv2", "format_conversion1"),
    ]
    assert summary(classifier(28, 28, *handed_on)) == [(ID, "warning", ("net/avgpool1",))]


@loud("wide-average-pool")
@pytest.mark.parametrize(
    ("gate", "known"),
    [("sigmoid", True), ("hardsigmoid", True), ("hard_sigmoid", True), ("relu", False)],
)
def test_squeeze_and_excite_is_named(gate: str, known: bool) -> None:
    (found,) = inspected(network(excited(14, gate=gate)))[1]
    assert ("squeeze-and-excite block" in found.headline) == known
    assert found.layers == (("net/avgpool1", "net/ew_mult1") if known else ("net/avgpool1",))
    assert found.recommendation is not None
    assert found.recommendation.default == known


@loud("wide-average-pool")
def test_a_gate_apart_from_its_conv_and_broadcast_is_a_gate() -> None:
    layers = excited(14, gate="linear")[:-1]
    layers += [
        build_layer("activation1", inputs=["conv12"], shape=(1, 1, 8), activation="sigmoid"),
        build_layer(
            "resize1", inputs=["activation1"], shape=(14, 14, 8), method="nearest_neighbor"
        ),
        build_layer("ew_mult1", inputs=["resize1", "conv10"], shape=(14, 14, 8)),
    ]
    (found,) = inspected(network(layers))[1]
    assert found.layers == ("net/avgpool1", "net/ew_mult1")


def test_a_product_with_another_map_is_none_of_it() -> None:
    layers = excited(14)
    layers[-1] = build_layer("ew_mult1", inputs=["input_layer1", "conv12"], shape=(14, 14, 8))
    (found,) = inspected(network(layers))[1]
    assert "squeeze" not in found.message


@loud("wide-average-pool")
def test_pools_are_told_together_and_each_size_gets_its_line() -> None:
    blocks = network(
        excited(112),
        excited(28, 2, "ew_mult1"),
        excited(14, 3, "ew_mult2"),
        excited(14, 4, "ew_mult3"),
        excited(7, 5, "ew_mult4"),
    )
    model, (wide, small) = inspected(blocks)
    assert wide.severity.label == "warning"
    assert wide.evidence == (
        "4 squeeze-and-excite blocks: 112x112 at net/avgpool1, 28x28 at net/avgpool2, 14x14 at "
        "net/avgpool3 and 1 more"
    )
    assert wide.remedy == "Split each pool into two stages with these lines and quantize again."
    assert wide.measured["area of net/avgpool1"] == 112 * 112
    assert (small.severity.label, small.layers) == ("info", ("net/avgpool5",))
    assert small.asks_for_nothing
    lines = (
        REDUCTION.format("net/avgpool1", "8, 14"),
        REDUCTION.format("net/avgpool2", "4, 4"),
        REDUCTION.format("net/avgpool3, net/avgpool4", "2, 2"),
    )
    script = recommended_script([wide, small], None, model.network, Prompter(interactive=False))
    assert script.added == lines
    assert [s.text for s in parse_model_script(script.text).statements] == list(lines)


def test_a_pool_outside_such_a_block_is_asked_for() -> None:
    model, found = inspected(classifier(28, 28))
    silent = recommended_script(found, None, model.network, Prompter(interactive=False))
    assert silent.added == ()
    assert silent.left_out[0][0] == REDUCTION.format("net/avgpool1", "4, 4")


@quiet("wide-average-pool")
@pytest.mark.parametrize("named", ["net/avgpool1", "avgpool1"])
def test_what_the_script_splits_is_left_alone(named: str) -> None:
    own = REDUCTION.format(named, "2, 2")
    assert inspected(network(excited(14)), script=own)[1] == []
    other = REDUCTION.format("avgpool7", "2, 2")
    assert len(inspected(network(excited(14)), script=other)[1]) == 1


@pytest.mark.parametrize(
    ("size", "factors"),
    [
        ((14, 14), (2, 2)),
        ((28, 28), (4, 4)),
        ((56, 56), (8, 8)),
        ((112, 112), (8, 14)),
        ((15, 20), (3, 4)),
        ((7, 28), (1, 4)),
        ((1, 256), (1, 64)),
        ((13, 13), None),
        ((17, 14), None),
        ((256, 256), None),
    ],
)
def test_factors_divide_the_map_into_small_stages(
    size: tuple[int, int], factors: tuple[int, int] | None
) -> None:
    assert division_factors(size, stage=7, area=196) == factors


@loud("wide-average-pool")
def test_sides_without_divisors_get_no_line() -> None:
    (found,) = inspected(classifier(17, 17))[1]
    assert found.recommendation is None
    assert "at net/avgpool1 have no divisors" in found.why
    assert found.remedy.startswith("Choose an input size")
    both = network(excited(14), excited(17, 2, "ew_mult1"))
    (found,) = inspected(both)[1]
    assert found.recommendation is not None
    assert found.recommendation.commands == (REDUCTION.format("net/avgpool1", "2, 2"),)
    assert "at net/avgpool2 have no divisors" in found.why
    assert found.remedy.startswith("Split the other pools into two stages with these lines, and")
    assert "gives the map at net/avgpool2 sides such as 14 or 28" in found.remedy


@quiet("wide-average-pool")
@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_have_no_such_pool(name: str) -> None:
    assert SqueezeExciteInspector().should_skip(build_context(sample_model(name)))


def squeezing(*tail: Layer) -> frozenset[str]:
    return excite_layers(build_network(classifier(32, 32, *tail)))


def test_what_reads_the_means_of_a_block_is_found_whatever_map_it_scales() -> None:
    gate = [pointwise("conv2", "avgpool1"), pointwise("conv3", "conv2", activation="sigmoid")]
    for scaled in ("conv1", "input_layer1"):
        product = build_layer("ew_mult1", inputs=[scaled, "conv3"], shape=(32, 32, 8))
        assert "net/conv2" in squeezing(*gate, product)


def test_the_layers_of_a_classifier_squeeze_nothing() -> None:
    assert squeezing() == frozenset()
    hidden = [pointwise("conv2", "avgpool1"), pointwise("conv3", "conv2", activation="sigmoid")]
    assert squeezing(*hidden) == frozenset()
    added = build_layer("ew_add1", inputs=["conv1", "conv3"], shape=(32, 32, 8))
    assert squeezing(*hidden, added) == frozenset()
