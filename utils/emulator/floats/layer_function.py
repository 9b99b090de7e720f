"""One layer as a compiled function: traced once, for any number of samples and every phase.

A network is run layer by layer, each by its own function. That is as fast as one graph of the
whole network, takes a fraction of its tracing, and tensors are freed as soon as nobody needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Results = Sequence["tf.Tensor | None"]
# What a layer computes, and what is to be remembered of it: something that no data change.
Compute = Callable[[Sequence["tf.Tensor"]], "tuple[Results, Any]"]


class LayerFunction:
    """A compiled function of the operands of a layer.

    A result that is an operand stays the very tensor, and results that are one tensor stay one:
    what only passes a tensor on costs nothing, and is known to do so.

    Attributes
    ----------
    specs : shape and type of every result; None where there is none.
    note : what the computation gave beside its results.
    """

    def __init__(self, compute: Compute, operands: Sequence[tf.TensorSpec]) -> None:
        """Trace a layer; raises what `compute` raises.

        Parameters
        ----------
        operands : shape and type of every operand, with an open number of samples.
        """
        self._places: list[tuple[bool, int] | None] = []
        self.specs: list[tf.TensorSpec | None] = []
        self.note: Any = None

        def distinct(*tensors: tf.Tensor) -> list[tf.Tensor]:
            self._places, self.specs = [], []
            results, self.note = compute(tensors)
            return self._sorted_out(tensors, results)

        # No control flow depends on tensors, and AutoGraph would spend seconds to find that out.
        traced = tf.function(distinct, input_signature=operands, autograph=False)
        self._run = called_directly(traced.get_concrete_function())
        self._computes = any(place is not None and not place[0] for place in self._places)

    def _sorted_out(self, operands: Sequence[tf.Tensor], results: Results) -> list[tf.Tensor]:
        """The results that are computed, each once; remembers where every result comes from."""
        own: list[tf.Tensor] = []
        for result in results:
            if result is None:
                self._places.append(None)
                self.specs.append(None)
                continue
            self.specs.append(tf.TensorSpec(result.shape, result.dtype))
            position = _position(result, operands)
            if position is not None:
                self._places.append((True, position))
                continue
            position = _position(result, own)
            if position is None:
                position = len(own)
                own.append(result)
            self._places.append((False, position))
        return own

    def __call__(self, operands: Sequence[tf.Tensor]) -> list[tf.Tensor | None]:
        """The results, in the order of `compute`."""
        computed = self._run(*operands) if self._computes else ()
        sources = (computed, operands)
        return [None if place is None else sources[place[0]][place[1]] for place in self._places]


def called_directly(function: Any) -> Callable[..., list[tf.Tensor]]:
    """A concrete function of tensors, without what TensorFlow's Python does around every call.

    That binds arguments by name, which takes ten times as long as the call itself.
    """
    types = [output.dtype for output in function.outputs]
    captured = function.captured_inputs
    options = tf.compat.v1.ConfigProto()
    options.graph_options.rewrite_options.disable_meta_optimizer = _is_without_optimizers()
    serialized = options.SerializeToString()

    def call(*operands: tf.Tensor) -> list[tf.Tensor]:
        found: list[tf.Tensor] = tf.raw_ops.PartitionedCall(
            args=[*operands, *captured], Tout=types, f=function, config_proto=serialized
        )
        return found

    return call


def _is_without_optimizers() -> bool:
    """Whether they were turned off for all functions; one that is called directly knows nothing."""
    return bool(tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer"))


def _position(tensor: tf.Tensor, among: Sequence[tf.Tensor]) -> int | None:
    return next((index for index, other in enumerate(among) if other is tensor), None)


def operand_specs(operands: Sequence[tf.Tensor]) -> list[tf.TensorSpec]:
    """Shapes and types of operands, for any number of samples."""
    return [tf.TensorSpec([None, *operand.shape[1:]], operand.dtype) for operand in operands]


class LayerFunctions:
    """The functions that were compiled so far, by what they depend on beside their operands."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[tuple[object, ...], LayerFunction]] = {}

    def of(
        self, depends_on: tuple[object, ...], compute: Compute, operands: Sequence[tf.Tensor]
    ) -> LayerFunction:
        """The function for operands of these shapes, compiled when it is first asked for.

        Parameters
        ----------
        depends_on : the very objects that `compute` reads; others that are equal are others.
        """
        shapes = ((tuple(operand.shape[1:]), operand.dtype) for operand in operands)
        key = (*map(id, depends_on), *shapes)
        if key not in self._known:
            function = LayerFunction(compute, operand_specs(operands))
            # The objects are held, since only then nothing else gets their ids.
            self._known[key] = (depends_on, function)
        return self._known[key][1]
