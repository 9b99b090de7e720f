"""Precision modes and encodings: how real numbers become codes and back.

An activation x of channel c is stored as ``q = clip(round(x / scale_c + zero_point), 0, n)``.
Codes are unsigned and asymmetric, with n = 255 at 8 bit and 32767 at "16" bit, of which the
hardware uses 15.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.parameters import LayerParameters

_PRECISION_MODE = re.compile(r"a(\d+)_w(\d+)(_exp|_non_zero)?(?:_a(\d+))?")
HIGHEST_CODE = {8: 255, 16: 32767}


@dataclass(frozen=True)
class PrecisionMode:
    """Bit widths of one layer, e.g. ``a8_w4_a16``.

    Parameters
    ----------
    text : as written in the archive or script.
    input_bits, weight_bits, output_bits : nominal widths; the third field of the text is the
        output's and defaults to the first.
    variant : "exp", "non_zero" or "".
    """

    text: str
    input_bits: int
    weight_bits: int
    output_bits: int
    variant: str = ""


def parse_precision_mode(text: str) -> PrecisionMode | None:
    """Read a precision mode; None for words such as ``native`` that name no bit widths."""
    match = _PRECISION_MODE.fullmatch(text)
    if match is None:
        return None
    inputs, weights, variant, outputs = match.groups()
    return PrecisionMode(
        text, int(inputs), int(weights), int(outputs or inputs), (variant or "").lstrip("_")
    )


def precision_commands(modes: Mapping[str, str]) -> tuple[str, ...]:
    """Model-script statements that give layers their precision modes, one for each mode.

    Parameters
    ----------
    modes : precision mode by scoped layer name.
    """
    by_mode: dict[str, list[str]] = {}
    for name, mode in modes.items():
        by_mode.setdefault(mode, []).append(name)
    return tuple(
        f"quantization_param([{', '.join(layers)}], precision_mode={mode})"
        for mode, layers in by_mode.items()
    )


@dataclass(frozen=True, eq=False)
class Encoding:
    """How a layer's output is coded.

    Parameters
    ----------
    scales, zero_points : float64 arrays of shape (channels,).
    low, high : the range that the codes of the widest channel span.
    """

    scales: NDArray[np.float64]
    zero_points: NDArray[np.float64]
    low: float
    high: float

    @cached_property
    def is_sane(self) -> bool:
        """Whether every scale is above 0, has a zero point, and both are finite."""
        scales, zero_points = self.scales, self.zero_points
        if zero_points.shape != scales.shape:
            return False
        return bool((scales > 0).all() and np.isfinite([scales, zero_points]).all())

    def steps(self, channels: int) -> NDArray[np.float64]:
        """What one code is worth in each of so many channels, (channels,).

        0 where that is not known: the archive names other channels, or no finite scales.
        """
        fits = self.scales.size in (1, channels) and np.isfinite(self.scales).all()
        return np.zeros(channels) + (np.maximum(self.scales, 0.0) if fits else 0.0)


def output_encoding(parameters: LayerParameters) -> Encoding | None:
    """Encoding of a layer's output from its translated parameters.

    ``layer_params/output_scales`` is the authority: ``qp_out`` holds scale 0 as soon as the
    channels differ.

    Returns
    -------
    None if it is not stored, or stored as anything but numbers that fit together.
    """
    limits = _floats(parameters, "limvals_out")
    return None if limits.size < 2 else _encoding(parameters, "output", limits)


def input_encoding(parameters: LayerParameters) -> Encoding | None:
    """Encoding of a layer's first input, likewise; without recorded limits these are 0."""
    limits = np.append(_floats(parameters, "limvals_in"), [0.0, 0.0])
    return _encoding(parameters, "input", limits)


def _encoding(
    parameters: LayerParameters, side: str, limits: NDArray[np.float64]
) -> Encoding | None:
    scales = _floats(parameters, f"layer_params/{side}_scales")
    zero_points = np.zeros_like(scales)
    if f"layer_params/{side}_zero_points" in parameters:
        zero_points = _floats(parameters, f"layer_params/{side}_zero_points")
    if not scales.size or zero_points.size != scales.size:
        return None
    return Encoding(scales, zero_points, float(limits[0]), float(limits[1]))


def _floats(parameters: LayerParameters, key: str) -> NDArray[np.float64]:
    """An array as numbers; empty where there is none, or one of something else."""
    array: NDArray[Any] = parameters[key] if key in parameters else np.zeros(0)
    numbers = array if array.dtype.kind in "fiub" else np.zeros(0)
    return np.asarray(numbers, dtype=np.float64).ravel()
