from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from inspectors.normalization.on_chip import (
    addressed_inputs,
    channel_counts,
    normalization_steps,
    script_steps,
    values_are_converted,
)
from inspectors.normalization.steps import NormalizationStep
from tests.fixtures.builders import build_layer, build_model, build_network, replaced
from tests.fixtures.members import npz_member
from utils.har.model import Model
from utils.har.network import Layer
from utils.model_script import ModelScript, parse_model_script
from utils.model_script.free_names import free_layer_names
from utils.model_script.settings import settings_of

Constants = tuple[Sequence[float], Sequence[float]]
DIVISION: Constants = ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
UNITS: Constants = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
IMAGENET: Constants = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
SHAPE = (64, 64, 3)


def arrays(**layers: Constants) -> dict[str, Any]:
    """What a compiler stores: y = kernel * x + bias, as float32."""
    stored = {}
    for name, (mean, std) in layers.items():
        kernel = 1.0 / np.asarray(std)
        stored[f"{name}/kernel"] = kernel.reshape(1, 1, -1, 1).astype(np.float32)
        stored[f"{name}/bias"] = (-np.asarray(mean) * kernel).astype(np.float32)
    return stored


def build(
    *behind: Layer, script: str | None = None, stored: Mapping[str, Any] | None = None
) -> tuple[Model, ModelScript | None]:
    layers = [
        build_layer("input_layer1", shape=SHAPE),
        *behind,
        build_layer("conv1"),
        build_layer("output_layer1"),
    ]
    model = build_model(layers, float_arrays=stored, script=script)
    return model, None if script is None else parse_model_script(script)


def steps_of(*args: Layer, **kwargs: Any) -> tuple[NormalizationStep, ...]:
    model, script = build(*args, **kwargs)
    return normalization_steps(model, script, model.network.input_layers[0])


def summary(steps: Sequence[NormalizationStep]) -> list[tuple[int, tuple[str, ...]]]:
    return [(step.line, step.layers) for step in steps]


NORM1, NORM2 = (build_layer(f"normalization{n}", shape=SHAPE) for n in (1, 2))
LINE = "normalization1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])"
FIRST, SECOND = "net/normalization1", "net/normalization2"


@pytest.mark.parametrize(
    ("behind", "script", "stored", "expected"),
    [
        pytest.param((), None, {}, [], id="none"),
        pytest.param((), "model_optimization_flavor(optimization_level=0)", {}, [], id="other"),
        pytest.param((), LINE, {}, [(1, ())], id="fused"),
        pytest.param((NORM1,), None, {"normalization1": IMAGENET}, [(0, (FIRST,))], id="graph"),
        pytest.param((NORM1,), LINE, {"normalization1": IMAGENET}, [(1, (FIRST,))], id="both"),
        pytest.param((NORM1,), LINE, {}, [(1, (FIRST,))], id="both-by-name"),
        pytest.param((NORM2,), LINE, {"normalization2": IMAGENET}, [(1, (SECOND,))], id="equal"),
        pytest.param(
            (NORM2,), LINE, {"normalization2": UNITS}, [(1, ()), (0, (SECOND,))], id="fused-before"
        ),
        pytest.param(
            (NORM1, NORM2),
            LINE,
            {"normalization1": IMAGENET, "normalization2": UNITS},
            [(1, (FIRST,)), (0, (SECOND,))],
            id="line-before-own-layer",
        ),
        pytest.param(
            (NORM1, NORM2),
            None,
            {"normalization1": DIVISION, "normalization2": UNITS},
            [(0, (FIRST, SECOND))],
            id="exporters-layers-are-one",
        ),
        pytest.param(
            (NORM1, NORM2), None, {}, [(0, (FIRST,)), (0, (SECOND,))], id="no-constants-stored"
        ),
        pytest.param(
            (build_layer("shortcut1", shape=SHAPE), NORM1),
            None,
            {"normalization1": IMAGENET},
            [(0, (FIRST,))],
            id="behind-a-pass-through",
        ),
        pytest.param(
            (build_layer("conv0", "conv"), NORM1),
            None,
            {"normalization1": IMAGENET},
            [],
            id="behind-a-conv",
        ),
        pytest.param(
            (replaced(NORM1, params={"activation": "sigmoid"}),),
            None,
            {"normalization1": IMAGENET},
            [],
            id="an-activation-is-no-normalization",
        ),
        pytest.param(
            (),
            "a = normalization([0, 0, 0], [255, 255, 255])\n"
            "b = normalization([1, 1, 1], [2, 2, 2])",
            {},
            [(2, ()), (1, ())],
            id="later-lines-stand-nearer-to-the-data",
        ),
        pytest.param((), "a = normalization([1], [2], net/other)", {}, [], id="another-input"),
        pytest.param(
            (), "a = normalization([0, 0, 0], [1, 1, 1], input_layer1)", {}, [(1, ())], id="named"
        ),
    ],
)
def test_steps(
    behind: Sequence[Layer],
    script: str | None,
    stored: Mapping[str, Constants],
    expected: list[tuple[int, tuple[str, ...]]],
) -> None:
    found = steps_of(*behind, script=script, stored=arrays(**stored))
    assert summary(found) == expected


def test_constants_are_read_back_from_the_layer() -> None:
    (found,) = steps_of(NORM1, stored=arrays(normalization1=IMAGENET))
    np.testing.assert_allclose((found.mean, found.std), IMAGENET, rtol=1e-6)


def test_layers_in_a_row_are_composed() -> None:
    (found,) = steps_of(NORM1, NORM2, stored=arrays(normalization1=DIVISION, normalization2=UNITS))
    np.testing.assert_allclose((found.mean, found.std), IMAGENET, rtol=1e-6)


def test_a_channel_that_is_wiped_out_leaves_no_constants() -> None:
    stored = arrays(normalization1=IMAGENET)
    stored["normalization1/kernel"][0, 0, 1, 0] = 0.0
    (found,) = steps_of(NORM1, stored=stored)
    assert (found.mean, found.std) == ((), ())


def test_an_input_that_is_also_used_as_it_is_has_no_normalization() -> None:
    layers = [
        build_layer("input_layer1", shape=SHAPE),
        build_layer("normalization1", inputs=["input_layer1"], shape=SHAPE),
        build_layer("ew_mult1", inputs=["normalization1", "input_layer1"], shape=SHAPE),
        build_layer("output_layer1"),
    ]
    model = build_model(layers, float_arrays=arrays(normalization1=IMAGENET))
    assert normalization_steps(model, None, model.network.input_layers[0]) == ()


def native_hn() -> dict[str, Any]:
    def entry(kind: str, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
        shape = [[-1, *SHAPE]]
        return {
            "type": kind,
            "input": inputs,
            "output": outputs,
            "input_shapes": shape,
            "output_shapes": shape,
        }

    return {
        "name": "net",
        "layers": {
            "net/input_layer1": entry("input_layer", [], ["net/mul_and_add1"]),
            "net/mul_and_add1": entry("normalization", ["net/input_layer1"], ["net/conv1"]),
            "net/conv1": entry("conv", ["net/mul_and_add1"], []),
        },
    }


@pytest.mark.parametrize(
    ("hn", "expected"),
    [(native_hn(), [(0, ("net/mul_and_add1",))]), ({"layers": []}, []), (None, [])],
)
def test_normalization_of_the_parsed_graph_counts_though_it_was_fused(
    hn: object, expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    model, _ = build()
    archive = replaced_archive(model, hn)
    found = normalization_steps(archive, None, archive.network.input_layers[0])
    assert summary(found) == expected
    if found:
        np.testing.assert_allclose((found[0].mean, found[0].std), IMAGENET, rtol=1e-6)


def replaced_archive(model: Model, hn: object) -> Model:
    stream = io.BytesIO()
    stored = arrays(mul_and_add1=IMAGENET)
    np.savez(stream, **{f"net/{key}:0": value for key, value in stored.items()})
    member = npz_member(stream.getvalue())
    return replace(
        model, archive=replace(model.archive, json={"native_hn": hn}, arrays={"params": member})
    )


TWO_INPUTS = [
    build_layer("input_layer1", shape=(64, 64, 3)),
    build_layer("conv1", inputs=["input_layer1"]),
    build_layer("input_layer2", inputs=(), shape=(64, 64, 1)),
    build_layer("conv2", inputs=["input_layer2"]),
    build_layer("concat1", inputs=["conv1", "conv2"]),
    build_layer("output_layer1"),
]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a = normalization([0, 0, 0], [1, 1, 1])", ["net/input_layer1"]),
        ("a = normalization([0], [1])", ["net/input_layer2"]),
        ("a = normalization([0, 0], [1, 1])", ["net/input_layer1", "net/input_layer2"]),
        ("a = normalization([0], [1], input_layer2)", ["net/input_layer2"]),
        ("a = normalization([0], [1], net/input_layer1)", ["net/input_layer1"]),
        ("a = normalization([0], [1], conv1)", []),
        ("a = normalization([0], [1], nowhere)", []),
    ],
)
def test_inputs_that_a_line_is_about(script: str, expected: list[str]) -> None:
    network = build_network(TWO_INPUTS)
    parsed = parse_model_script(script)
    (line,) = script_steps(parsed)
    assert list(addressed_inputs(line, parsed, network)) == expected
    if not line.input_argument:  # merging lines into a script goes by the same rule
        assert settings_of(parsed.statements[0], network).scope == frozenset(expected)


@pytest.mark.parametrize(
    ("script", "converted", "channels"),
    [
        (None, False, {4}),
        ("", False, {4}),
        ("a = input_conversion(bgr_to_rgb)", False, {4}),
        ("a = input_conversion(net/input_layer1, rgb_to_bgr)", False, {4}),
        ("a, b = input_conversion(nv12_to_rgb, emulator_support=True)", True, {3, 4}),
        ("a = input_conversion(input_layer1, tf_rgbx_to_hailo_rgb)", True, {3, 4}),
        ("a = yuv_to_rgb(input_layer1)", True, {3, 4}),
    ],
)
def test_conversions_before_the_normalization(
    script: str | None, converted: bool, channels: set[int]
) -> None:
    parsed = None if script is None else parse_model_script(script)
    layer = build_layer("input_layer1", shape=(64, 64, 4))
    assert values_are_converted(parsed) is converted
    assert channel_counts(parsed, layer) == channels


@pytest.mark.parametrize(
    ("script", "rejected"),
    [
        ("a = normalization([0, 1.5, -2], [1e2, 1, 1])", ()),
        ("a = normalization([0, abc, 0], [1, 1, 1])", ("abc",)),
        ("a = normalization([True, 0, 0], [1, nan, '1'])", ("True", "nan", "1")),
    ],
)
def test_constants_that_are_no_numbers(script: str, rejected: tuple[str, ...]) -> None:
    (line,) = script_steps(parse_model_script(script))
    assert line.not_numbers == rejected


def test_new_names_are_not_used_already() -> None:
    script = "normalization2, net/normalization4 = normalization([0, 0, 0], [1, 1, 1])"
    model, parsed = build(NORM1, script=script)
    names = free_layer_names(model, parsed, "normalization")
    assert list(islice(names, 2)) == ["normalization3", "normalization5"]
    assert next(free_layer_names(build()[0], None, "input_conversion")) == "input_conversion1"
