"""The integers with which the hardware runs a layer, and the encodings around it.

``acc = (sum(q_in * kernel) + bias) * 2**-mac_shift`` with raw input codes: the bias already takes
back what the input's zero point adds. The accumulator saturates at `limit`; a table of lines then
gives the output code: ``round(slopes[i] * acc + offsets[i])`` with i = searchsorted(thresholds,
acc, side="right"), clipped to the codes of the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.parameters import LayerParameters
from utils.har.quantization import HIGHEST_CODE, Encoding, PrecisionMode, input_encoding
from utils.har.stored_numbers import check_whole, number, numbers
from utils.quantizer.piecewise import OFFSET_SHIFT, exponent_base
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.requantize import ACCUMULATOR_LIMIT, scale_grid

Array = NDArray[np.float64]

# Types whose integers were checked against public archives; the others follow them by analogy.
VERIFIED_TYPES = ("conv", "dense", "activation")
INTEGER_TYPES = (*VERIFIED_TYPES, "dw", "normalization")
# Layers with one weight for each channel.
CHANNEL_TYPES = ("activation", "normalization")
WEIGHTED_TYPES = ("conv", "dw", "deconv", "dense", "normalization", "batch_norm")
# Attributes that bring in something which the stored integers do not describe.
FOREIGN_ATTRIBUTES = (
    "dynamic_weights",
    "pre_layer_batch_norm",
    "transpose_output_width_features",
    "spatial_flatten_output",
)
# Energy of the float weights that integers may miss: 4 bit leave about 0.01, a wrong layout 1.
MAXIMUM_MISFIT = 0.2
# What the fields of the hardware can hold, and the arithmetic here exactly; more is damage.
MAXIMUM_WEIGHT = 2**16
MAXIMUM_BIAS = 2**48
MAXIMUM_SHIFT = 31
MAXIMUM_EXPONENT = 255
OUTPUT_SCALES = "layer_params/output_scales"
# Stands for an encoding that is stored but cannot be read; it fits no tensor.
UNREADABLE = Encoding(np.zeros(0), np.zeros(0), 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class OutputTable:
    """From accumulator to output code, by quantization group (usually one).

    Parameters
    ----------
    thresholds : float64 (groups, n), in codes of the accumulator, ascending.
    slopes, offsets : float64 (groups, n + 1), in codes of the output.
    channels : number of channels of every group.
    """

    thresholds: Array
    slopes: Array
    offsets: Array
    channels: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LayerIntegers:
    """What a layer multiplies, adds and looks up.

    Parameters
    ----------
    kernel : float32 array of integers, weights minus their zero point, laid out as the float one.
    bias : float64 array of integers (channels,), as it is added before the shift.
    mac_shift : right shift of the sum.
    limit : largest absolute value of the accumulator.
    table : the output stage.
    accumulator_scale : real value of an accumulator code (channels,); None where not known.
    bias_step : what the bias is a multiple of.
    """

    kernel: NDArray[np.float32]
    bias: Array
    mac_shift: int
    limit: int
    table: OutputTable
    accumulator_scale: Array | None = None
    bias_step: float = 1.0

    @property
    def needs_double(self) -> bool:
        """Whether sums pass 2**24, up to which float32 holds every integer.

        Sums of 8-bit layers stay below unless they exceed the accumulator's limit 32 times.
        """
        return self.limit > ACCUMULATOR_LIMIT[8]

    @property
    def sum_limit(self) -> int:
        """The sum, before the shift, at which the accumulator saturates."""
        return self.limit << self.mac_shift

    @cached_property
    def largest_sum(self) -> float:
        """No sum of codes of 8 bit is larger, nor is a bias."""
        kernel = np.abs(self.kernel.reshape(-1, self.kernel.shape[-1]))
        largest = float(kernel.sum(axis=0, dtype=np.float64).max(initial=0)) * HIGHEST_CODE[8]
        return max(largest, float(np.abs(self.bias).max(initial=0)))


@dataclass(frozen=True, eq=False)
class CodedLayer:
    """A layer as the quantized network runs it.

    Parameters
    ----------
    input : encoding of the first input; None where none is stored.
    output : encoding of the output; None where none is stored, so that values stay as they are.
    highest_code : largest code of the output.
    highest_input_code : largest code of the first input.
    integers : None for layers without, which run as float operation on dequantized inputs.
    in_float : why a layer with weights has no integers; "" for all others.
    """

    input: Encoding | None
    output: Encoding | None
    highest_code: int
    highest_input_code: int
    integers: LayerIntegers | None = None
    in_float: str = ""


def coded_layers(model: Model) -> dict[str, CodedLayer]:
    """Every layer of the quantized graph as the archive stores it, by name."""
    return {layer.name: _stored_layer(model, layer) for layer in model.network}


def _stored_layer(model: Model, layer: Layer) -> CodedLayer:
    stored = model.quantized.layer(layer.name)
    mode = model.precision_mode(layer.name)
    integers, reason = None, ""
    if layer.type in INTEGER_TYPES:
        try:
            integers = _integers(model, layer, stored, mode)
        except (ArchiveError, ValueError, LookupError, TypeError) as error:
            reason = str(error)
    elif layer.type in WEIGHTED_TYPES:
        reason = f"integer arithmetic is not defined for layers of type {layer.type}"
    return CodedLayer(
        input=input_encoding(stored),
        output=model.encoding(layer.name) or (UNREADABLE if OUTPUT_SCALES in stored else None),
        highest_code=model.highest_code(layer.name),
        highest_input_code=HIGHEST_CODE.get(mode.input_bits if mode else 8, HIGHEST_CODE[8]),
        integers=integers,
        in_float=reason if layer.type in WEIGHTED_TYPES else "",
    )


def _integers(
    model: Model, layer: Layer, stored: LayerParameters, mode: PrecisionMode | None
) -> LayerIntegers:
    foreign = [name for name in FOREIGN_ATTRIBUTES if layer.params.get(name)]
    if foreign:
        raise ArchiveError(f"its attribute {foreign[0]} has no known integer form")
    if mode is None or mode.input_bits not in HIGHEST_CODE or mode.output_bits not in HIGHEST_CODE:
        raise ArchiveError("no precision mode is recorded for it")
    channels = layer.output_shape[2]
    kernel = numbers(stored, "kernel") - number(stored, "zp_kernel", 0.0)
    check_whole("kernel", kernel, MAXIMUM_WEIGHT)
    if layer.type in CHANNEL_TYPES and kernel.size not in (1, channels):
        raise ArchiveError(f"its kernel has {kernel.size} integers for {channels} channels")
    if layer.type not in CHANNEL_TYPES and kernel.ndim < 2:
        raise ArchiveError(f"its kernel has the shape {kernel.shape}, without inputs and outputs")
    factor = number(stored, "bias_factor", 1.0) * number(stored, "bias_feed_repeat", 1.0)
    bias = numbers(stored, "bias_q").ravel() * factor
    check_whole("bias", bias, MAXIMUM_BIAS)
    if bias.size != channels:
        raise ArchiveError(f"its integer bias has {bias.size} values for {channels} channels")
    shift = number(stored, "output_stage/mult_shift")
    if shift not in range(MAXIMUM_SHIFT + 1):
        raise ArchiveError(f"its shift is {shift:g}, not one of 0 to {MAXIMUM_SHIFT}")
    scale = _accumulator_scale(model, layer)
    if layer.params.get("elementwise_add") and scale is None:
        raise ArchiveError("it adds an input, but the scale of its accumulator is not stored")
    found = LayerIntegers(
        kernel.astype(np.float32),
        bias,
        int(shift),
        ACCUMULATOR_LIMIT[mode.input_bits],
        _output_table(stored, mode, channels),
        scale,
        factor,
    )
    if layer.type not in VERIFIED_TYPES:
        _check_fit(model, layer, found.kernel)
    return found


def _output_table(stored: LayerParameters, mode: PrecisionMode, channels: int) -> OutputTable:
    prefix = "output_stage/piecewise/"
    names = ("x_points", "offsets", "slopes_m", "slopes_e")
    points, offsets, mantissas, exponents = (
        np.atleast_2d(numbers(stored, prefix + name)) for name in names
    )
    groups = len(points)
    expected = (groups, points.shape[1] + 1)
    if not offsets.shape == mantissas.shape == exponents.shape == expected or points.ndim != 2:
        raise ArchiveError("the arrays of its output stage do not fit together")
    if (np.diff(points, axis=1) < 0).any():
        raise ArchiveError("the thresholds of its output stage do not ascend")
    check_whole("output stage", exponents, MAXIMUM_EXPONENT)
    sizes = [channels]
    if groups > 1 or prefix + "size_splits" in stored:
        sizes = [int(size) for size in numbers(stored, prefix + "size_splits").ravel()]
    if len(sizes) != groups or sum(sizes) != channels or min(sizes) < 1:
        raise ArchiveError("the quantization groups of its output stage do not fit its channels")
    base = exponent_base(mode.input_bits, mode.output_bits)
    slopes = mantissas * 2.0 ** -(base + exponents)
    return OutputTable(points, slopes, offsets * 2.0**-OFFSET_SHIFT, tuple(sizes))


def _accumulator_scale(model: Model, layer: Layer) -> Array | None:
    stored = model.stored(layer.name, "conv_op/output_scale")
    if stored is None or stored.size != layer.output_shape[2]:
        return None
    scale = np.asarray(stored, dtype=np.float64).ravel()
    return scale if np.isfinite(scale).all() and (scale > 0).all() else None


def _check_fit(model: Model, layer: Layer, kernel: NDArray[np.float32]) -> None:
    """Refuse integers that are not the float weights times some factor, relative to the scales.

    Raises
    ------
    ArchiveError : so the layout of the integers is not the one that is assumed.
    """
    weights = model.float_parameters.layer(layer.name)
    encodings = input_encoding(model.quantized.layer(layer.name)), model.encoding(layer.name)
    if "kernel" not in weights or encodings[0] is None or encodings[1] is None:
        raise ArchiveError("its integers cannot be compared with its float weights")
    floats = numbers(weights, "kernel")
    if floats.shape != kernel.shape:
        raise ArchiveError("its integers are laid out otherwise than its float weights")
    grid = scale_grid(layer.type, kernel.shape, encodings[0].scales, encodings[1].scales)
    with np.errstate(all="ignore"):  # scales may be damaged; what is no number does not fit
        relative = (floats * grid.inputs / grid.outputs).ravel()
        codes = kernel.ravel().astype(np.float64)
        energy = float(relative @ relative)
        factor = float(relative @ codes) / max(float(codes @ codes), 1.0)
        misfit = relative - factor * codes
        fits = float(misfit @ misfit) <= MAXIMUM_MISFIT * energy
    if not fits:
        raise ArchiveError("its integers do not follow from its float weights as those of conv do")


def requantized_layer(found: QuantizedLayer) -> CodedLayer:
    """A layer that was quantized anew, as the quantized network runs it."""
    integers = _made_integers(found)
    lacks = integers is None and found.layer.type in WEIGHTED_TYPES
    return CodedLayer(
        input=found.inputs[0] if found.inputs else None,
        output=found.output,
        highest_code=HIGHEST_CODE[found.mode.output_bits],
        highest_input_code=HIGHEST_CODE[found.mode.input_bits],
        integers=integers,
        in_float="no integers could be made for it" if lacks else "",
    )


def _made_integers(found: QuantizedLayer) -> LayerIntegers | None:
    made = found.multiplication
    if made is None or found.layer.type not in INTEGER_TYPES:
        return None
    stage = made.stage.stored()
    base = exponent_base(found.mode.input_bits, found.mode.output_bits)
    kernel = made.quantized_kernel
    return LayerIntegers(
        (kernel.codes.astype(np.int64) - kernel.zero_point).astype(np.float32),
        made.quantized_bias.codes.astype(np.float64) * made.quantized_bias.factor,
        kernel.choice.mac_shift,
        ACCUMULATOR_LIMIT[found.mode.input_bits],
        OutputTable(
            stage["x_points"].astype(np.float64),
            stage["slopes_m"] * 2.0 ** -(base + stage["slopes_e"].astype(np.float64)),
            stage["offsets"] * 2.0**-OFFSET_SHIFT,
            (len(found.output.scales),),
        ),
        kernel.accumulator_scale,
        float(made.quantized_bias.factor),
    )
