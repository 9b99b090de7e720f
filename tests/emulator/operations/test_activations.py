"""Activations against the ONNX operators of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.emulation import FloatArray, assert_close, floats, layer_of, noise
from tests.emulator.onnx_oracle import run_onnx
from utils.emulator.operations.activations import ACTIVATIONS, activation_for
from utils.errors import UnsupportedLayerError
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.har.network import Layer

VALUES = np.concatenate(
    [
        noise(2, 4, 4, 5) * 4,
        floats([-50, -3, 0, 3, 50])[None, None, None].repeat(2, 0).repeat(4, 2),
    ],
    axis=1,
)
POSITIVE = np.abs(VALUES) + np.float32(0.01)
WHOLE = np.round(VALUES)


def activated(
    layer: Layer,
    values: FloatArray,
    parameters: dict[str, Any] | None = None,
    assume: Callable[[str], None] = lambda sentence: None,
    **overrides: float,
) -> FloatArray:
    named = {name.replace("_", "."): value for name, value in overrides.items()}
    activation = activation_for(layer, parameters or {}, named, assume)
    return tf.function(activation, autograph=False)(tf.constant(values)).numpy()  # type: ignore[no-any-return]


def conv(activation: Any, channels: int = 5) -> Layer:
    return layer_of("conv", [(5, 4, channels)], activation=activation)


def scalar(value: float) -> FloatArray:
    return np.array(value, np.float32)


def swish(values: FloatArray) -> Any:
    return run_onnx("Mul", values, run_onnx("Sigmoid", values))


WITHOUT_NUMBERS: dict[str, tuple[FloatArray, Callable[[FloatArray], Any]]] = {
    "linear": (VALUES, lambda x: run_onnx("Identity", x)),
    "relu": (VALUES, lambda x: run_onnx("Relu", x)),
    "relu6": (VALUES, lambda x: run_onnx("Clip", x, scalar(0), scalar(6))),
    "sigmoid": (VALUES, lambda x: run_onnx("Sigmoid", x)),
    "silu": (VALUES, swish),
    "tanh": (VALUES, lambda x: run_onnx("Tanh", x)),
    "exp": (VALUES / 10, lambda x: run_onnx("Exp", x)),
    "log": (POSITIVE, lambda x: run_onnx("Log", x)),
    "sqrt": (POSITIVE, lambda x: run_onnx("Sqrt", x)),
    "inv_sqrt": (POSITIVE, lambda x: run_onnx("Reciprocal", run_onnx("Sqrt", x))),
    "inv_pos": (POSITIVE, lambda x: run_onnx("Reciprocal", x)),
    "abs": (VALUES, lambda x: run_onnx("Abs", x)),
    "neg": (VALUES, lambda x: run_onnx("Neg", x)),
    "minus": (VALUES, lambda x: run_onnx("Neg", x)),
    "gelu": (VALUES, lambda x: run_onnx("Gelu", x, approximate="none")),
    "hardswish": (VALUES, lambda x: run_onnx("HardSwish", x)),
    "mish": (VALUES, lambda x: run_onnx("Mish", x)),
    "softplus": (VALUES, lambda x: run_onnx("Softplus", x)),
    "softsign": (VALUES, lambda x: run_onnx("Softsign", x)),
}

SLOPES = noise(5, seed=7)

# Activation, arrays of the layer, values, what ONNX says.
WITH_STORED_NUMBERS: list[tuple[str, dict[str, Any], FloatArray, Any]] = [
    ("leaky", {"alpha": scalar(0.3)}, VALUES, lambda x: run_onnx("LeakyRelu", x, alpha=0.3)),
    ("leaky", {"leaky_slope": scalar(2.5)}, VALUES, lambda x: run_onnx("LeakyRelu", x, alpha=2.5)),
    ("leaky", {"alpha": SLOPES}, VALUES, lambda x: run_onnx("PRelu", x, SLOPES)),
    ("prelu", {"slope": SLOPES}, VALUES, lambda x: run_onnx("PRelu", x, SLOPES)),
    (
        "prelu",
        {"act/alphas": SLOPES.reshape(1, 1, 5)},
        VALUES,
        lambda x: run_onnx("PRelu", x, SLOPES),
    ),
    (
        "prelu",
        {"prelu_alpha": scalar(-0.5)},
        VALUES,
        lambda x: run_onnx("PRelu", x, floats([-0.5])),
    ),
    ("elu", {"alpha": scalar(0.7)}, VALUES, lambda x: run_onnx("Elu", x, alpha=0.7)),
    (
        "hardsigmoid",
        {"alpha": scalar(1 / 6), "beta_": scalar(0.4)},
        VALUES,
        lambda x: run_onnx("HardSigmoid", x, alpha=1 / 6, beta=0.4),
    ),
    (
        "clip",
        {"clip_min": scalar(-1.5), "clip_max": scalar(2.0)},
        VALUES,
        lambda x: run_onnx("Clip", x, scalar(-1.5), scalar(2.0)),
    ),
    ("clip", {"max_value": scalar(2.0)}, VALUES, lambda x: run_onnx("Clip", x, None, scalar(2.0))),
    ("clip", {"min_value": scalar(1.0)}, VALUES, lambda x: run_onnx("Clip", x, scalar(1.0))),
    (
        "threshold",
        {"threshold": scalar(3.0)},
        WHOLE,
        lambda x: run_onnx("ThresholdedRelu", x, alpha=3.0),
    ),
    ("pow", {"exponent": scalar(3.0)}, VALUES / 10, lambda x: run_onnx("Pow", x, scalar(3.0))),
    ("delta", {"delta_value": scalar(3.0)}, WHOLE, lambda x: run_onnx("Equal", x, scalar(3.0))),
    ("equal", {"threshold": scalar(-3.0)}, WHOLE, lambda x: run_onnx("Equal", x, scalar(-3.0))),
    ("less", {"threshold": scalar(0.0)}, WHOLE, lambda x: run_onnx("Less", x, scalar(0.0))),
    ("greater", {"threshold": scalar(1.0)}, WHOLE, lambda x: run_onnx("Greater", x, scalar(1.0))),
]

KNOWN = frozenset(
    """linear relu relu6 leaky sigmoid silu tanh inv_pos exp delta prelu elu gelu hardswish
    hardsigmoid mish softplus softsign sqrt log abs less greater equal clip threshold pow neg minus
    inv_sqrt""".split()
)


def test_every_known_activation_is_defined_and_compared() -> None:
    compared = {*WITHOUT_NUMBERS, *(name for name, *_ in WITH_STORED_NUMBERS)}
    assert compared == ACTIVATIONS == KNOWN


@pytest.mark.parametrize("name", WITHOUT_NUMBERS)
def test_activations_without_numbers(name: str) -> None:
    values, expected = WITHOUT_NUMBERS[name]
    assert_close(activated(conv(name), values), expected(values), 3e-6)


@pytest.mark.parametrize(("name", "arrays", "values", "expected"), WITH_STORED_NUMBERS)
def test_activations_with_stored_numbers(
    name: str, arrays: dict[str, Any], values: FloatArray, expected: Any
) -> None:
    said: list[str] = []
    result = activated(conv(name), values, arrays, said.append)
    assert_close(result, expected(values).astype(np.float32), 3e-6)
    assert not said


def test_no_activation_is_linear() -> None:
    for layer in (conv(None), layer_of("concat")):
        np.testing.assert_array_equal(activated(layer, VALUES), VALUES)


@pytest.mark.parametrize(
    ("name", "overrides", "expected"),
    [
        ("leaky", {"leaky": 0.01}, lambda x: run_onnx("LeakyRelu", x, alpha=0.01)),
        ("elu", {"elu": 0.5}, lambda x: run_onnx("Elu", x, alpha=0.5)),
        ("prelu", {"prelu": 0.2}, lambda x: run_onnx("LeakyRelu", x, alpha=0.2)),
        (
            "hardsigmoid",
            {"hardsigmoid.alpha": 1 / 6, "hardsigmoid.beta": 0.4},
            lambda x: run_onnx("HardSigmoid", x, alpha=1 / 6, beta=0.4),
        ),
        ("clip", {"clip.max": 1.0}, lambda x: run_onnx("Clip", x, None, scalar(1.0))),
        ("pow", {"pow": 2.0}, lambda x: run_onnx("Mul", x, x)),
        ("threshold", {"threshold": 1.0}, lambda x: run_onnx("ThresholdedRelu", x, alpha=1.0)),
        ("delta", {"delta": 50.0}, lambda x: run_onnx("Equal", x, scalar(50.0))),
        ("equal", {"equal": 50.0}, lambda x: run_onnx("Equal", x, scalar(50.0))),
        ("less", {"less": 0.5}, lambda x: run_onnx("Less", x, scalar(0.5))),
        ("greater", {"greater": 0.5}, lambda x: run_onnx("Greater", x, scalar(0.5))),
    ],
)
def test_the_user_gives_what_the_archive_lacks(
    name: str, overrides: dict[str, float], expected: Any
) -> None:
    said: list[str] = []
    activation = activation_for(conv(name), {}, overrides, said.append)
    assert_close(activation(VALUES).numpy(), expected(VALUES).astype(np.float32), 3e-6)
    assert not said


def test_what_the_archive_says_holds_against_the_user() -> None:
    result = activated(conv("leaky"), VALUES, {"alpha": scalar(0.3)}, leaky=0.9)
    assert_close(result, run_onnx("LeakyRelu", VALUES, alpha=0.3))


@pytest.mark.parametrize(
    ("name", "expected", "sentences"),
    [
        ("leaky", lambda x: run_onnx("LeakyRelu", x, alpha=0.1), ["0.1"]),
        ("elu", lambda x: run_onnx("Elu", x, alpha=1.0), ["1"]),
        ("hardsigmoid", lambda x: run_onnx("HardSigmoid", x), ["0.2", "0.5"]),
    ],
)
def test_common_numbers_are_assumed_and_said(
    name: str, expected: Any, sentences: list[str]
) -> None:
    said: list[str] = []
    assert_close(activated(conv(name), VALUES, assume=said.append), expected(VALUES), 3e-6)
    assert [sentence.split("; ")[1].split()[0] for sentence in said] == sentences
    assert all(
        "--activation-parameter" in sentence and "conv1" not in sentence for sentence in said
    )


@pytest.mark.parametrize(
    "name", ["prelu", "delta", "clip", "pow", "threshold", "less", "greater", "equal"]
)
def test_numbers_without_common_value_are_needed(name: str) -> None:
    with pytest.raises(UnsupportedLayerError, match="--activation-parameter") as caught:
        activated(conv(name), VALUES)
    assert "net/conv1" in str(caught.value)


@pytest.mark.parametrize(
    "arrays",
    [
        {"kernel": noise(5), "bias": noise(5), "epsilon": scalar(1), "const_data": scalar(1)},
        {"layer_params/negative_slopes_correction_factor": scalar(0)},
        {"act_op/slopes": noise(5)},
        {"slopes_of_something_else": noise(4)},
        {"alpha": scalar(np.nan)},
    ],
)
def test_other_arrays_are_not_taken_for_slopes(arrays: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedLayerError):
        activated(conv("prelu"), VALUES, arrays)


def test_arrays_of_the_operation_are_not_taken_for_numbers() -> None:
    with pytest.raises(UnsupportedLayerError):
        activated(conv("delta"), VALUES, {"padding_const_value": scalar(3.0)})
    result = activated(conv("hardsigmoid"), VALUES, {"beta": noise(5), "gamma": noise(5)})
    assert_close(result, run_onnx("HardSigmoid", VALUES))


@pytest.mark.parametrize("name", ["swash", "Relu", "", 3, ["relu"], {"name": "relu"}])
def test_an_unknown_activation_is_never_linear(name: Any) -> None:
    with pytest.raises(UnsupportedLayerError, match="is not known"):
        activated(conv(name), VALUES)


def test_every_number_can_be_given_by_the_user() -> None:
    for name in ACTIVATION_PARAMETERS:
        activation_for(conv(name.split(".")[0]), {}, {name: 0.5}, lambda sentence: None)
