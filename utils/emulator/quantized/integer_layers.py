"""Layers that run as the hardware runs them: sums of integers, then codes.

Where loops are compiled, they make codes of sums in one pass, and count on the way what passes a
limit. Elsewhere TensorFlow makes the same codes, and the counting is left until somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.floats.layer_function import LayerFunctions, Results
from utils.emulator.kernels.compiled import as_tensor, empty_bytes, serves, together, viewed
from utils.emulator.kernels.stages import Loop, Part
from utils.emulator.operations.byte_convolution import holds_bytes, is_exact
from utils.emulator.quantized.coded import HIGHEST_BYTE, Coded, held
from utils.emulator.quantized.integer_sums import LARGEST_SUM, addend, products
from utils.emulator.quantized.limits import Limits, counted, limits_of_sums
from utils.emulator.quantized.output_stage import OutputStage, stages_of
from utils.emulator.quantized.staged import Staged
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.quantizer.integers import CodedLayer, LayerIntegers


@dataclass(frozen=True, eq=False)
class LayerLoops:
    """The loops of one layer.

    Parameters
    ----------
    bias : (channels,).
    limit : sum at which the accumulator saturates.
    parts, loops : channels of every quantization group, and what makes their codes.
    """

    bias: NDArray[np.int32]
    limit: int
    parts: tuple[slice, ...]
    loops: tuple[Loop, ...]

    def staged(self, sums: tf.Tensor) -> Staged:
        """Codes of sums without bias; not inside of a graph."""
        samples, height, width, channels = sums.shape
        wide = together(height * width, channels) if len(self.parts) == 1 else 1
        given = viewed(sums).reshape(samples, height * width // wide, channels * wide)
        bias, parts = np.tile(self.bias, wide), self.parts if wide == 1 else (slice(None),)
        codes = empty_bytes(given.shape)
        clipped, saturated = np.zeros((2, samples), np.int64)
        for own, loop in zip(parts, self.loops, strict=True):
            loop(Part(given[..., own], bias[own], self.limit, codes[..., own], clipped, saturated))
        found = {"saturated": counted(saturated), "clipped": counted(clipped)}
        return Staged(as_tensor(codes.reshape(sums.shape)), lambda: found)


class IntegerLayers:
    """The layers of a network whose integers are known."""

    def __init__(self, network: Network, coded_layers: Mapping[str, CodedLayer]) -> None:
        """Take the network and what is stored of its layers."""
        self._network = network
        self._coded_layers = coded_layers
        self._stages: dict[str, list[OutputStage]] = {}
        self._known_loops: dict[str, LayerLoops | None] = {}

    def staged(
        self,
        functions: LayerFunctions,
        layer: Layer,
        entering: Encoding,
        operands: Sequence[Coded],
    ) -> Staged:
        """The codes of a layer.

        Parameters
        ----------
        entering : encoding of the first input.
        """
        if loops := self._loops(layer, operands[0].codes):
            return loops.staged(self.bare_sums(functions, layer, entering, operands))

        def results(given: Sequence[Coded]) -> Results:
            return self._in_graph(layer, self._sums(layer, entering, given))

        read = (entering, self._coded_layers[layer.name])
        sums, codes = _run(functions, (layer, *read), results, operands)
        return self._of_graph(layer, sums, codes)

    def bare_sums(
        self,
        functions: LayerFunctions,
        layer: Layer,
        entering: Encoding,
        operands: Sequence[Coded],
    ) -> tf.Tensor:
        """Sums before the shift, with all that is added but the bias."""

        def results(given: Sequence[Coded]) -> Results:
            return [self._sums(layer, entering, given)]

        integers = self._integers(layer)
        # All that is read of the layer, so that another bias makes no other function.
        read = (
            entering,
            self._coded_layers[layer.name].highest_input_code,
            integers.kernel,
            integers.mac_shift,
            integers.limit,
            integers.accumulator_scale,
            self._sums_bytes(layer, entering),
        )
        return _run(functions, (layer, *read), results, operands)[0]

    def staged_from(self, layer: Layer, bare_sums: tf.Tensor) -> Staged:
        """The codes that sums without the bias become; not inside of a graph."""
        if loops := self._loops(layer, bare_sums):
            return loops.staged(bare_sums)
        return self._of_graph(layer, *self._in_graph(layer, bare_sums))

    def _integers(self, layer: Layer) -> LayerIntegers:
        integers = self._coded_layers[layer.name].integers
        assert integers is not None, layer.name
        return integers

    def _sums(self, layer: Layer, entering: Encoding, operands: Sequence[Coded]) -> tf.Tensor:
        integers = self._integers(layer)
        codes = operands[0].codes_in(entering, self._coded_layers[layer.name].highest_input_code)
        held_in = tf.float64 if integers.needs_double else tf.float32
        if self._sums_bytes(layer, entering):
            held_in = tf.uint8
        sums = products(layer, integers, tf.cast(codes, held_in), _zero_point(entering))
        if layer.params.get("elementwise_add"):
            sums += addend(layer, integers, operands, sums.dtype)
        return sums

    def _sums_bytes(self, layer: Layer, entering: Encoding) -> bool:
        described, integers = self._coded_layers[layer.name], self._integers(layer)
        source = self._coded_layers[layer.inputs[0]]
        return (
            layer.type == "conv"
            and not integers.needs_double
            and max(described.highest_input_code, source.highest_code) <= HIGHEST_BYTE
            and _zero_point(entering) in range(HIGHEST_BYTE + 1)
            and integers.largest_sum <= LARGEST_SUM
            and holds_bytes(integers.kernel)
            and is_exact()
        )

    def _loops(self, layer: Layer, tensor: tf.Tensor) -> LayerLoops | None:
        """What makes the codes of a layer in one pass; None where `_in_graph` does."""
        if not serves(tensor):
            return None
        if layer.name not in self._known_loops:
            found = _loops_of(self._integers(layer), self.stages(layer.name))
            self._known_loops[layer.name] = found
        return self._known_loops[layer.name]

    def _in_graph(self, layer: Layer, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Sums with their bias, and the codes that they become."""
        sums = tf.cast(sums, tf.float32) if sums.dtype == tf.int32 else sums
        sums = tf.nn.bias_add(sums, tf.constant(self._integers(layer).bias, sums.dtype))
        parts = self._grouped(layer.name, sums)
        codes = [s.codes(part) for s, part in zip(self.stages(layer.name), parts, strict=True)]
        joined = codes[0] if len(codes) == 1 else tf.concat(codes, axis=3)
        return sums, held(joined, self._coded_layers[layer.name].highest_code)

    def _of_graph(self, layer: Layer, sums: tf.Tensor, codes: tf.Tensor) -> Staged:
        """What `_in_graph` gave, computed."""
        return Staged(codes, partial(self._limits, layer.name, sums))

    def _limits(self, name: str, sums: tf.Tensor) -> Limits:
        integers = self._coded_layers[name].integers
        if integers is None:
            return {}
        return limits_of_sums(
            sums, float(integers.sum_limit), self.stages(name), self._grouped(name, sums)
        )

    def stages(self, name: str) -> list[OutputStage]:
        """Output stages of a layer, one for each quantization group."""
        described = self._coded_layers[name]
        if name not in self._stages and described.integers is not None:
            self._stages[name] = stages_of(described.integers, described.highest_code)
        return self._stages.get(name, [])

    def _grouped(self, name: str, sums: tf.Tensor) -> list[tf.Tensor]:
        integers = self._coded_layers[name].integers
        sizes = integers.table.channels if integers is not None else ()
        return [sums] if len(sizes) < 2 else list(tf.split(sums, sizes, axis=3))


def _zero_point(encoding: Encoding) -> float:
    return float(encoding.zero_points.flat[0])


def _run(
    functions: LayerFunctions,
    depends_on: tuple[object, ...],
    compute: Callable[[Sequence[Coded]], Results],
    operands: Sequence[Coded],
) -> list[tf.Tensor | None]:
    """What the function for these operands gives, compiled when it is first asked for."""
    encodings = [operand.encoding for operand in operands]

    def results(codes: Sequence[tf.Tensor]) -> tuple[Results, None]:
        return compute([Coded(c, e) for c, e in zip(codes, encodings, strict=True)]), None

    tensors = [operand.codes for operand in operands]
    return functions.of((*depends_on, *encodings), results, tensors)(tensors)


def _loops_of(integers: LayerIntegers, stages: Sequence[OutputStage]) -> LayerLoops | None:
    loops = [loop for stage in stages if (loop := stage.loop) is not None]
    largest = max(integers.largest_sum, integers.sum_limit)
    if integers.needs_double or largest > LARGEST_SUM or len(loops) < len(stages):
        return None
    ends = list(accumulate(integers.table.channels, initial=0))
    parts = tuple(map(slice, ends, ends[1:]))
    return LayerLoops(integers.bias.astype(np.int32), integers.sum_limit, parts, tuple(loops))
