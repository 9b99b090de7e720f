"""Activation functions as the hardware computes them: piecewise-linear tables of integers.

Behind the accumulator, segment idx = searchsorted(x_points, acc, side="right") gives
``acc * slopes_m * 2**-(B + slopes_e) + offsets * 2**-3``, which is rounded and clipped to the
codes of the output. The slope covers the step from accumulator scale to output scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import UnsupportedLayerError
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.quantizer.requantize import ACCUMULATOR_LIMIT, MANTISSA_BITS

Array = NDArray[np.float64]

OFFSET_SHIFT = 3
MAX_SLOPE_EXPONENT = 15
# Numbers that an activation has, by the names of their arrays, with what is in common use.
ACTIVATION_NUMBERS: Mapping[str, Mapping[str, float]] = {
    "leaky": {"alpha": ACTIVATION_PARAMETERS["leaky"].default or 0.0},
    "elu": {"alpha": ACTIVATION_PARAMETERS["elu"].default or 0.0},
    "hardsigmoid": {
        name: ACTIVATION_PARAMETERS[f"hardsigmoid.{name}"].default or 0.0
        for name in ("alpha", "beta")
    },
}
# The compiler's own tables for smooth functions have this many segments.
FITTED_SEGMENTS = 9
# Slopes and ends of the compiler's table for the sigmoid, from its centre outwards.
_SIGMOID_ENDS = (0.99164015, 1.9061698, 3.099273, 5.5373344)
_SIGMOID_SLOPES = (0.23412192, 0.15622303, 0.07317875, 0.0162778)


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """``y = slopes[i] * x + offsets[i]`` with i = searchsorted(thresholds, x, side="right").

    Parameters
    ----------
    thresholds : float64 array (segments - 1,), ascending.
    slopes, offsets : float64 arrays (segments,).
    """

    thresholds: Array
    slopes: Array
    offsets: Array

    @property
    def has_single_slope(self) -> bool:
        """Whether all segments that are not flat have the same slope."""
        return len(set(self.slopes[self.slopes != 0])) <= 1

    @property
    def is_homogeneous(self) -> bool:
        """Whether scaling x by a positive number scales y alike, as equalization needs it."""
        return not self.offsets.any() and not self.thresholds.any()

    def __call__(self, x: Array) -> Array:
        """Values of the function."""
        index = np.searchsorted(self.thresholds, x, side="right")
        values: Array = self.slopes[index] * x + self.offsets[index]
        return values


def activation_curve(
    name: str, low: float, high: float, numbers: Mapping[str, float] | None = None
) -> PiecewiseLinear:
    """The table for an activation.

    Parameters
    ----------
    name : as in an HN graph.
    low, high : calibrated range of the pre-activation, over which smooth functions are fitted.
    numbers : of the activation, by the names of `ACTIVATION_NUMBERS`; those in common use where
        they are absent.

    Raises
    ------
    UnsupportedLayerError : no table is known for this activation.
    """
    known = {**ACTIVATION_NUMBERS.get(name, {}), **(numbers or {})}
    exact = {
        "linear": ((), (1.0,), (0.0,)),
        "relu": ((0.0,), (0.0, 1.0), (0.0, 0.0)),
        "relu6": ((0.0, 6.0), (0.0, 1.0, 0.0), (0.0, 0.0, 6.0)),
        "leaky": ((0.0,), (known.get("alpha", 1.0), 1.0), (0.0, 0.0)),
    }
    if name in exact:
        thresholds, slopes, offsets = exact[name]
        return PiecewiseLinear(np.array(thresholds), np.array(slopes), np.array(offsets))
    if name == "sigmoid":
        return _sigmoid_curve()
    if name not in FITTED:
        raise UnsupportedLayerError(
            f"no piecewise-linear table is known for activation {name!r}; "
            f"known are {', '.join(sorted((*exact, 'sigmoid', *FITTED)))}"
        )
    return fitted_curve(_smooth_function(name, known), low, high)


def _smooth_function(name: str, numbers: Mapping[str, float]) -> Callable[[Array], Array]:
    if name == "elu":
        return lambda x: np.where(x > 0, x, numbers["alpha"] * np.expm1(np.minimum(x, 0.0)))
    if name == "hardsigmoid":
        return lambda x: np.clip(numbers["alpha"] * x + numbers["beta"], 0.0, 1.0)
    return SMOOTH_FUNCTIONS[name]


def _sigmoid_curve() -> PiecewiseLinear:
    # The lines meet at the thresholds, except at the outermost, where the table jumps to 1.
    offsets = [0.5]
    for end, inner, outer in zip(_SIGMOID_ENDS, _SIGMOID_SLOPES, _SIGMOID_SLOPES[1:], strict=False):
        offsets.append(offsets[-1] + (inner - outer) * end)
    upper = np.array([*offsets[1:], 1.0])
    slopes = np.array([*_SIGMOID_SLOPES[1:], 0.0])
    ends = np.array(_SIGMOID_ENDS)
    return PiecewiseLinear(
        np.concatenate([-ends[::-1], ends]),
        np.concatenate([slopes[::-1], _SIGMOID_SLOPES[:1], slopes]),
        np.concatenate([1.0 - upper[::-1], [0.5], upper]),
    )


def _softplus(x: Array) -> Array:
    return np.logaddexp(x, 0.0)


def _logistic(x: Array) -> Array:
    return np.exp(-np.logaddexp(0.0, -x))


def _gelu(x: Array) -> Array:
    erf: Array = np.array([math.erf(value) for value in np.ravel(x) / math.sqrt(2.0)])
    return 0.5 * x * (1.0 + erf.reshape(x.shape))


SMOOTH_FUNCTIONS: Mapping[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "exp": np.exp,
    "gelu": _gelu,
    "hardswish": lambda x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "silu": lambda x: x * _logistic(x),
    "softplus": _softplus,
    "softsign": lambda x: x / (1.0 + np.abs(x)),
    "sqrt": lambda x: np.sqrt(np.maximum(x, 0.0)),
    "tanh": np.tanh,
}

# Activations whose tables are fitted over the range that calibration saw.
FITTED = frozenset({"elu", "hardsigmoid", *SMOOTH_FUNCTIONS})
# Activations that no few lines can be; the others are made of lines.
CURVED = frozenset(
    {"sigmoid", "log", "pow", "inv_pos", "inv_sqrt", *FITTED} - {"abs", "hardsigmoid"}
)


def fitted_curve(function: Callable[[Array], Array], low: float, high: float) -> PiecewiseLinear:
    """Fit joined lines to a function, each new joint where the lines were farthest off."""
    if high - low < 1e-6:
        low, high = low - 1.0, high + 1.0
    x: Array = np.linspace(low, high, 2049)
    y = function(x)
    chosen = [0, len(x) - 1]
    while len(chosen) <= FITTED_SEGMENTS:
        error = np.abs(y - np.interp(x, x[chosen], y[chosen]))
        if error.max() <= 1e-9 * np.abs(y).max():
            break
        chosen = sorted([*chosen, int(error.argmax())])
    knots = x[chosen]
    # Lines through points of a bent curve lie on one side of it; least squares centres them.
    hats = np.stack([np.interp(x, knots, unit) for unit in np.eye(len(knots))], axis=1)
    values = np.linalg.lstsq(hats, y, rcond=None)[0]
    slopes = np.diff(values) / np.diff(knots)
    return PiecewiseLinear(knots[1:-1], slopes, values[:-1] - slopes * knots[:-1])


@dataclass(frozen=True, eq=False)
class OutputStage:
    """A table as integers; all arrays have one row per quantization group, here one.

    Parameters
    ----------
    thresholds : float64 (1, segments + 1), with both limits of the accumulator.
    offsets, mantissas, exponents : float64 (1, segments); mantissas are not rounded yet.
    """

    thresholds: Array
    offsets: Array
    mantissas: Array
    exponents: Array

    def stored(self) -> dict[str, NDArray[Any]]:
        """Arrays as the hardware takes them: first and last segment reach beyond the limits."""
        return {
            "x_points": self.thresholds.astype(np.int32),
            "offsets": _padded(self.offsets).astype(np.int32),
            "slopes_m": np.rint(_padded(self.mantissas)).astype(np.int16),
            "slopes_e": _padded(self.exponents).astype(np.uint8),
        }


def _padded(row: Array) -> Array:
    return np.pad(row, ((0, 0), (1, 1)), mode="edge")


def exponent_base(input_bits: int, output_bits: int) -> int:
    """B of the slope's exponent, which follows from accumulator and output width.

    8 -> 8: 10, 16 -> 16: 14, 8 -> 16: 6; 16 -> 8 is 18 by the same pattern.
    """
    return {8: 10, 16: 14}[output_bits] + input_bits - output_bits


def slope_correction(curve: PiecewiseLinear, multiplier: float, bits: tuple[int, int]) -> int:
    """How often the output scale must be doubled for the steepest slope to fit its mantissa.

    Parameters
    ----------
    multiplier : accumulator scale / output scale.
    bits : of the input and of the output.
    """
    steepest = float(np.abs(curve.slopes).max()) * multiplier * 2.0 ** exponent_base(*bits)
    excess = steepest / (2**MANTISSA_BITS - 1)
    return max(int(np.ceil(np.log2(excess))), 0) if excess > 1 else 0


def output_stage(
    curve: PiecewiseLinear,
    accumulator_scale: float,
    output_scale: float,
    zero_point: float,
    bits: tuple[int, int],
) -> OutputStage:
    """Turn a table of real numbers into one from accumulator codes to output codes.

    Parameters
    ----------
    accumulator_scale, output_scale : of one channel; their ratio is the same for all.
    zero_point : code of 0 in the output.
    bits : of the input, which decides the accumulator, and of the output; 8 or 16.
    """
    limit = float(ACCUMULATOR_LIMIT[bits[0]])
    # The compiler computes in float32, which shows in 32-bit accumulators.
    points = np.rint(curve.thresholds / accumulator_scale).astype(np.float32)
    points = np.clip(points.astype(np.float64), -limit, limit)
    base = exponent_base(*bits)
    slopes = curve.slopes * accumulator_scale / output_scale * 2.0**base
    mantissas, exponents = _split_slopes(slopes)
    offsets = np.rint((curve.offsets / output_scale + zero_point) * 2**OFFSET_SHIFT)
    return OutputStage(
        np.concatenate([[-limit], points, [limit]])[None, :],
        offsets[None, :],
        mantissas[None, :],
        exponents[None, :],
    )


def _split_slopes(slopes: Array) -> tuple[Array, Array]:
    """Mantissas of 512 to 1023 where the exponents 0 to 15 allow, flat segments as (0, 1)."""
    sizes = np.where(slopes == 0, 1.0, np.abs(slopes))
    exponents = np.clip(MANTISSA_BITS - 1 - np.floor(np.log2(sizes)), 0, MAX_SLOPE_EXPONENT)
    # Rounding must not carry a mantissa into an eleventh bit.
    full = np.rint(sizes * 2.0**exponents) >= 2**MANTISSA_BITS
    exponents = np.where(full & (exponents > 0), exponents - 1, exponents)
    mantissas = slopes * 2.0**exponents
    return np.where(slopes == 0, 0.0, mantissas), np.where(slopes == 0, 1.0, exponents)
