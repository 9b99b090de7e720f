"""What a tensor loses where it is joined with others: bits of the 8-bit code it could have."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.joins.readers import readers_of
from inspectors.joins.tensors import tensor_width
from utils.har.network import Layer
from utils.har.quantization import HIGHEST_CODE
from utils.har.statistics import ChannelStatistics

Array = NDArray[np.float64]

# The yardstick, whatever the width of the join: what is lost of 8 bits.
CODES = HIGHEST_CODE[8]
# Activations of a product behind which its code is still that of the product.
PLAIN_ACTIVATIONS = ("linear", "relu")


@dataclass(frozen=True)
class Loss:
    """What one join costs.

    Parameters
    ----------
    join : the layer that joins.
    ratio : how many times coarser the code is than the 8-bit code that was possible.
    narrow : the input that loses; None for a product, or a difference, which loses as a whole.
    width : width of what loses, in real units.
    """

    join: Layer
    ratio: float
    narrow: Layer | None
    width: float

    @property
    def bits(self) -> float:
        """Bits lost, of the 8 there are."""
        return min(math.log2(self.ratio), 8.0)

    @property
    def codes(self) -> float:
        """Codes that are left, of the 255 that 8 bit have."""
        return CODES / self.ratio


def worst_loss(context: Context, join: Layer) -> Loss | None:
    """The greatest loss at a concat, ew_add, ew_sub or ew_mult; None if nothing is known of one."""
    if join.type == "ew_mult":
        return _product_loss(context, join)
    if join.type == "ew_sub":
        return _difference_loss(context, join)
    found = _concat_losses(context, join) if join.type == "concat" else _sum_losses(context, join)
    return max(found, key=lambda loss: loss.ratio, default=None)


def unknown_inputs(context: Context, join: Layer) -> list[Layer]:
    """Inputs of a join of whose range neither the archive nor the data say anything."""
    return [each for each in _inputs(context, join) if tensor_width(context, each) is None]


def _inputs(context: Context, join: Layer) -> list[Layer]:
    return [context.model.network[name] for name in dict.fromkeys(join.inputs)]


def _sum_losses(context: Context, join: Layer) -> list[Loss]:
    """Each summand has codes of its own; the sum keeps what its step leaves of them."""
    steps = _steps(context, join)
    if steps is None:
        return []
    found = []
    for layer in _inputs(context, join):
        codes = _codes(context, layer, steps)
        if codes and not _is_constant(context, layer):
            width = tensor_width(context, layer) or math.nan
            found.append(Loss(join, CODES / codes, layer, width))
    return found


def _concat_losses(context: Context, join: Layer) -> list[Loss]:
    """All inputs take the codes of the concat."""
    sources = context.model.network.predecessors(join)
    steps = _steps(context, join)
    if steps is None:
        return []
    places = _places(join)
    own_steps = places is not None and steps.size == places[-1].stop
    parts = [
        steps[place] if own_steps else steps for place in places or [slice(None)] * len(sources)
    ]
    widths = [tensor_width(context, layer) for layer in sources]
    readers = None if places is None else readers_of(context.model, join, places)
    found = []
    for index, (layer, part, width) in enumerate(zip(sources, parts, widths, strict=True)):
        codes = _codes(context, layer, part)
        if codes and width:
            ratio = CODES / codes
            if readers is not None:
                ratio = min(ratio, readers.ratio(widths, index, float(np.median(part))) * CODES)
            found.append(Loss(join, ratio, layer, width))
    return found


def _product_loss(context: Context, join: Layer) -> Loss | None:
    """Noise that the codes of both factors bring into a product, in 8-bit codes of it.

    Scales multiply, so the ratio of the ranges costs nothing: what counts is the step of one
    factor times the typical size of the other.
    """
    steps = _coarsest_steps(context, join)
    sizes = [_rms(context, layer) for layer in context.model.network.predecessors(join)]
    if len(steps) != 2 or sizes[0] is None or sizes[1] is None:
        return None
    return _blurred(context, join, math.hypot(steps[0] * sizes[1], steps[1] * sizes[0]))


def _difference_loss(context: Context, join: Layer) -> Loss | None:
    """Noise that the codes of both tensors bring into a difference, in 8-bit codes of it.

    Where they have much in common, as an offset, their codes are as wide as that.
    """
    steps = _coarsest_steps(context, join)
    return _blurred(context, join, math.hypot(*steps)) if len(steps) == 2 else None


def _coarsest_steps(context: Context, join: Layer) -> list[float]:
    """Of each input whose step is known, the widest of a channel."""
    found = [_steps(context, layer) for layer in context.model.network.predecessors(join)]
    return [float(steps.max()) for steps in found if steps is not None]


def _blurred(context: Context, join: Layer, noise: float) -> Loss | None:
    """What noise costs that is brought into the result of a join, as a whole."""
    width = tensor_width(context, join)
    plain = join.activation in PLAIN_ACTIVATIONS and not join.params.get("is_softmax_mask")
    if not width or not plain:
        return None
    ratio = noise * CODES / width
    return Loss(join, ratio, None, width) if math.isfinite(ratio) and ratio > 0 else None


def _steps(context: Context, layer: Layer) -> Array | None:
    """Real value of one code in every channel of a layer's output; one for all if unknown."""
    encoding = context.model.encoding(layer.name)
    if encoding is not None:
        scales = encoding.scales
        return scales if np.isfinite(scales).all() and (scales > 0).all() else None
    width = tensor_width(context, layer)
    if width is None and layer.inputs:
        widths = [tensor_width(context, each) for each in context.model.network.predecessors(layer)]
        width = max((each for each in widths if each is not None), default=None)
    return np.array([width / context.model.highest_code(layer.name)]) if width else None


def _codes(context: Context, layer: Layer, steps: Array) -> float | None:
    """How many codes of so many steps a tensor spans, in its best channel; None if unknown."""
    width = tensor_width(context, layer)
    if not width:
        return None
    statistics = _statistics(context, layer)
    if steps.size > 1 and statistics is not None and statistics.channels == steps.size:
        spans = np.maximum(statistics.maximum, 0.0) - np.minimum(statistics.minimum, 0.0)
        codes = float((np.minimum(spans, width) / steps).max())
    else:
        codes = width / float(np.median(steps))
    return codes if math.isfinite(codes) and codes > 0 else None


def _places(join: Layer) -> list[slice] | None:
    """Channels that each input gets in a concat; None where it joins along another axis."""
    channels = [shape[2] for shape in join.input_shapes]
    spatial = join.params.get("spatial_w_concat") or join.params.get("concat_axis") == "spatial_w"
    if spatial or len(channels) != len(join.inputs) or sum(channels) != join.output_shape[2]:
        return None
    ends = np.cumsum(channels)
    return [slice(int(end) - size, int(end)) for end, size in zip(ends, channels, strict=True)]


def _statistics(context: Context, layer: Layer) -> ChannelStatistics | None:
    """Of a layer's output, as calibration saw it, else as measured; None unless finite."""
    measured = context.measured(layer.name)
    stored = context.model.stored_statistics(layer.name, "output_0")
    found = stored or (measured.output if measured else None)
    if found is None:
        return None
    parts = (found.minimum, found.maximum, found.energy)
    return found if all(np.isfinite(part).all() for part in parts) else None


def _rms(context: Context, layer: Layer) -> float | None:
    statistics = _statistics(context, layer)
    return None if statistics is None else math.sqrt(max(float(statistics.energy.mean()), 0.0))


def _is_constant(context: Context, layer: Layer) -> bool:
    """Whether a tensor holds one value only: a sum that loses it is off by half a code."""
    statistics = _statistics(context, layer)
    return statistics is not None and statistics.low == statistics.high
