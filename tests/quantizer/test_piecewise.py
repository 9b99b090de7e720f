"""Tables of line segments against the functions that they stand for."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError
from utils.quantizer.piecewise import (
    activation_curve,
    exponent_base,
    fitted_curve,
    output_stage,
    slope_correction,
)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# Written with the math module, value by value, independent of the arrays of the code.
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "relu6": lambda x: min(max(x, 0.0), 6.0),
    "leaky": lambda x: x if x > 0 else 0.1 * x,
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "tanh": math.tanh,
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "hardswish": lambda x: x * min(max(x + 3, 0.0), 6.0) / 6,
    "hardsigmoid": lambda x: min(max(0.2 * x + 0.5, 0.0), 1.0),
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "mish": lambda x: x * math.tanh(math.log1p(math.exp(x))),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "exp": math.exp,
    "abs": abs,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("low", "high"), [(-4.0, 4.0), (-7.0, 3.0), (-0.5, 0.5)])
def test_curves_follow_their_functions(name: str, low: float, high: float) -> None:
    curve = activation_curve(name, low, high)
    x = np.linspace(low, high, 501)
    expected = np.array([FUNCTIONS[name](float(value)) for value in x])
    error = np.abs(curve(x) - expected).max()
    assert len(curve.slopes) == len(curve.thresholds) + 1 <= 9
    assert error <= 0.03 * max(np.ptp(expected), 0.3), error


@pytest.mark.parametrize(
    ("name", "numbers", "expected"),
    [
        ("leaky", {"alpha": 0.3}, {-2.0: -0.6, 2.0: 2.0}),
        ("leaky", {}, {-2.0: -0.2, 2.0: 2.0}),
        ("elu", {"alpha": 0.5}, {-2.0: 0.5 * math.expm1(-2.0), 2.0: 2.0}),
        # PyTorch's slope, and that of ONNX where nothing is said.
        ("hardsigmoid", {"alpha": 1 / 6}, {-2.0: 1 / 6, 1.5: 0.75, 2.9: 0.5 + 2.9 / 6}),
        ("hardsigmoid", {"alpha": 0.25, "beta": 0.3}, {-2.0: 0.0, 2.0: 0.8}),
        ("hardsigmoid", {}, {-2.0: 0.1, 1.5: 0.8, 2.9: 1.0}),
    ],
)
def test_curves_have_the_numbers_of_the_layer(
    name: str, numbers: dict[str, float], expected: dict[float, float]
) -> None:
    curve = activation_curve(name, -4.0, 4.0, numbers)
    x = np.array([*expected])
    assert curve(x) == pytest.approx([*expected.values()], abs=0.02)


def test_sigmoid_table_is_symmetric_and_saturates() -> None:
    curve = activation_curve("sigmoid", -1.0, 1.0)
    x = np.linspace(0.0, 20.0, 200)
    np.testing.assert_allclose(curve(x) + curve(-x), 1.0, atol=1e-7)
    assert curve(np.array([100.0]))[0] == 1.0


@pytest.mark.parametrize(
    ("name", "single", "homogeneous"),
    [
        ("linear", True, True),
        ("relu", True, True),
        ("relu6", True, False),
        ("leaky", False, True),
        ("sigmoid", False, False),
        ("silu", False, False),
    ],
)
def test_what_a_curve_allows(name: str, single: bool, homogeneous: bool) -> None:
    curve = activation_curve(name, -3.0, 3.0)
    assert (curve.has_single_slope, curve.is_homogeneous) == (single, homogeneous)


def test_unknown_activation_names_the_known_ones() -> None:
    with pytest.raises(UnsupportedLayerError, match=r"'wavelet'.*relu6"):
        activation_curve("wavelet", 0.0, 1.0)


def test_range_of_one_point() -> None:
    curve = fitted_curve(np.tanh, 0.5, 0.5)
    assert np.isfinite(curve.slopes).all()
    assert curve(np.array([0.5]))[0] == pytest.approx(math.tanh(0.5), abs=0.01)


@pytest.mark.parametrize(
    ("bits", "base"), [((8, 8), 10), ((16, 16), 14), ((8, 16), 6), ((16, 8), 18)]
)
def test_exponents(bits: tuple[int, int], base: int) -> None:
    assert exponent_base(*bits) == base


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from([(8, 8), (16, 16), (8, 16), (16, 8)]),
    st.floats(1e-3, 0.99),
    st.floats(1e-4, 10.0),
    st.integers(0, 200),
    st.sampled_from(["linear", "relu", "leaky", "sigmoid", "silu", "relu6"]),
)
def test_integer_tables_follow_the_curve(
    bits: tuple[int, int], fill: float, scale: float, zero_point: int, name: str
) -> None:
    """Codes from the stored integers against codes from the curve, on the whole accumulator."""
    limit, highest = (32767, 2**31 - 1)[bits[0] == 16], (255, 32767)[bits[1] == 16]
    accumulator = scale * highest * fill / limit
    curve = activation_curve(name, -limit * accumulator, limit * accumulator)
    scale *= 2 ** slope_correction(curve, accumulator / scale, bits)
    stored = output_stage(curve, accumulator, scale, zero_point, bits).stored()
    x, offsets, mantissas, exponents = (
        stored[key][0].astype(np.float64) for key in ("x_points", "offsets", "slopes_m", "slopes_e")
    )
    assert mantissas.max() <= 1023
    assert exponents.min() >= 0
    assert exponents.max() <= 15
    acc = np.rint(np.linspace(-limit, limit, 999))
    # Rounded breakpoints decide differently for their neighbours, and tables may jump there.
    acc = acc[(np.abs(acc[:, None] - x[None, 1:-1]) > 1 + 1e-6 * limit).all(axis=1)]
    index = np.searchsorted(x, acc, side="right")
    codes = acc * mantissas[index] * 2.0 ** -(exponent_base(*bits) + exponents[index])
    codes += offsets[index] / 8
    expected = curve(acc * accumulator) / scale + zero_point
    # Mantissas are rounded, and offsets to an eighth.
    unit = 2.0 ** -(exponent_base(*bits) + exponents[index])
    reach = 0.51 * unit * limit + 0.07
    assert (np.abs(np.clip(codes, 0, highest) - np.clip(expected, 0, highest)) <= reach).all()
