"""The float and the quantized network side by side, one layer at a time.

A layer is handed out as soon as both have computed it, and its tensors are freed when no later
layer needs them: memory holds a front that moves through the network, not the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf

from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.emulator.measuring.background import in_background
from utils.emulator.measuring.measured_networks import MeasuredFloats, MeasuredQuantized
from utils.emulator.quantized.quantized_run import QuantizedEmulator, QuantizedTensors
from utils.har.network import Layer

Tensors = Mapping[str, tf.Tensor]


@dataclass(frozen=True, eq=False)
class Step:
    """A layer while its tensors are there.

    Parameters
    ----------
    name : of the layer.
    floats : what the float network computes; None where it has no such layer.
    reference : float tensors that the quantized layer is held against; None where there are none.
    quantized : what the quantized network computes; None where it was not run.
    same_floats, same_codes : layer that made the very tensor of `floats`, or of `quantized`, and
        was handed out before; the layer itself if nobody did.
    """

    name: str
    floats: LayerTensors | None
    reference: LayerTensors | None = None
    quantized: QuantizedTensors | None = None
    same_floats: str = ""
    same_codes: str = ""

    @property
    def held_bytes(self) -> int:
        """What its tensors take, each counted once."""
        floats = () if self.floats is None else (self.floats.output, self.floats.preactivation)
        coded = () if self.quantized is None else (self.quantized.output.codes,)
        tensors = {id(t): t for t in (*floats, *coded) if t is not None}
        return sum(math.prod(t.shape) * t.dtype.size for t in tensors.values())


@dataclass(frozen=True)
class _Turn:
    """A layer's turn: in which network it is computed, and whose tensors are freed behind it."""

    name: str
    float_layer: Layer | None
    quantized_layer: Layer | None
    freed_floats: tuple[str, ...] = ()
    freed_codes: tuple[str, ...] = ()


class Lockstep:
    """Our own networks, whose layers can be run one by one."""

    def __init__(self, floats: FloatEmulator, quantized: QuantizedEmulator | None) -> None:
        """Work out the turns; without `quantized` only the float network is run."""
        self._floats = floats
        self._quantized = quantized
        self._turns = _with_lifetimes(list(_turns(floats, quantized)))

    def steps(self, inputs: Tensors) -> Iterator[Step]:
        """Run a batch; every layer of both networks comes once."""
        reals: dict[str, LayerTensors] = {}
        codes: dict[str, QuantizedTensors] = {}
        same_floats: dict[str, str] = {}
        same_codes: dict[str, str] = {}

        def in_float(turn: _Turn) -> _Turn:
            if turn.float_layer is not None:
                reals[turn.name] = self._floats.evaluated(turn.float_layer, inputs, reals)
            return turn

        # The float network needs nothing from the other one, and runs a few layers ahead.
        for turn in in_background(in_float, self._turns):
            name, layer = turn.name, turn.float_layer
            if layer is not None:
                same_floats[name] = _maker(layer, reals, same_floats)
            quantized = self._quantized_step(turn, inputs, reals, codes)
            if turn.quantized_layer is not None:
                same_floats.setdefault(name, _maker(turn.quantized_layer, reals, same_floats))
                same_codes[name] = _maker(turn.quantized_layer, codes, same_codes)
            yield Step(
                name,
                None if layer is None else reals[name],
                None if turn.quantized_layer is None else reals.get(name),
                quantized,
                same_floats[name],
                same_codes.get(name, name),
            )
            for freed in turn.freed_floats:
                reals.pop(freed, None)
            for freed in turn.freed_codes:
                codes.pop(freed, None)

    def _quantized_step(
        self,
        turn: _Turn,
        inputs: Tensors,
        reals: dict[str, LayerTensors],
        codes: dict[str, QuantizedTensors],
    ) -> QuantizedTensors | None:
        layer = turn.quantized_layer
        if layer is None or self._quantized is None:
            return None
        if turn.float_layer is None and layer.name not in reals:
            passed_on = self._quantized.passed_on(layer, reals)
            if passed_on is not None:
                reals[layer.name] = passed_on
        self._quantized.compute(layer, inputs, codes)
        return codes.get(layer.name)


def all_at_once(
    floats: MeasuredFloats, quantized: MeasuredQuantized | None, inputs: Tensors
) -> Iterator[Step]:
    """The same for networks that give all of their layers together.

    A quantized layer that makes no tensor of its own comes all the same.
    """
    computed = floats.forward(inputs)
    # In this order: some tell codes from real numbers by what they are held against.
    references = quantized.references(computed) if quantized is not None else {}
    codes = quantized.forward(inputs) if quantized is not None else {}
    float_makers: dict[int, str] = {}
    code_makers: dict[int, str] = {}
    for name in dict.fromkeys([*(layer.name for layer in floats.layers), *codes]):
        real, coded = computed.get(name), codes.get(name)
        tensors = real or references.get(name)
        yield Step(
            name,
            real,
            references.get(name),
            coded,
            float_makers.setdefault(id(tensors.output), name) if tensors else name,
            code_makers.setdefault(id(coded.output.codes), name) if coded else name,
        )


def _turns(floats: FloatEmulator, quantized: QuantizedEmulator | None) -> Iterator[_Turn]:
    """Both networks in one order: no quantized layer comes before the float one of its name."""
    waiting = {layer.name: layer for layer in floats.layers}
    for layer in quantized.network if quantized is not None else ():
        own = None
        while layer.name in waiting:
            name = next(iter(waiting))
            own = waiting.pop(name)
            if name != layer.name:
                yield _Turn(name, own, None)
        yield _Turn(layer.name, own, layer)
    for name, layer in waiting.items():
        yield _Turn(name, layer, None)


def _with_lifetimes(turns: Sequence[_Turn]) -> list[_Turn]:
    """The turns, each with the layers whose tensors are read for the last time in it."""
    last_floats: dict[str, int] = {}
    last_codes: dict[str, int] = {}
    for position, turn in enumerate(turns):
        float_inputs = turn.float_layer.inputs if turn.float_layer is not None else ()
        coded_inputs = turn.quantized_layer.inputs if turn.quantized_layer is not None else ()
        # What the compiler inserted takes its reference from the layer before it.
        for name in (turn.name, *float_inputs, *coded_inputs):
            last_floats[name] = position
        for name in (turn.name, *coded_inputs):
            last_codes[name] = position
    freed_floats, freed_codes = _by_position(last_floats), _by_position(last_codes)
    return [
        replace(
            turn,
            freed_floats=tuple(freed_floats.get(position, ())),
            freed_codes=tuple(freed_codes.get(position, ())),
        )
        for position, turn in enumerate(turns)
    ]


def _by_position(last: Mapping[str, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for name, position in last.items():
        found.setdefault(position, []).append(name)
    return found


def _maker(layer: Layer, computed: Mapping[str, Any], makers: Mapping[str, str]) -> str:
    """Who made the tensor that a layer hands out: one that it received, or itself."""
    own = computed.get(layer.name)
    for source in layer.inputs:
        if own is not None and source in computed and _tensor(computed[source]) is _tensor(own):
            return makers.get(source, source)
    return layer.name


def _tensor(tensors: LayerTensors | QuantizedTensors) -> tf.Tensor:
    return tensors.output.codes if isinstance(tensors, QuantizedTensors) else tensors.output
