"""Activations by the name the graph gives them.

A name without definition here is refused: taking it for linear would falsify all that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import tensorflow as tf

from utils.emulator.operations.attributes import as_float, unsupported
from utils.emulator.operations.contract import Parameters
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.har.network import Layer

Activation = Callable[[tf.Tensor], tf.Tensor]
Assume = Callable[[str], None]

# Arrays and groups of arrays that belong to a layer's operation, never to its activation.
_OPERATION_ARRAYS = frozenset(
    "kernel bias padding_const_value epsilon eps const_data gamma beta scale offset mean variance "
    "moving_mean moving_variance running_mean running_var running_variance var".split()
)
_OPERATION_GROUPS = frozenset(
    "layer_params stats output_stage piecewise act_op conv_op bias_add_op".split()
)


@dataclass(frozen=True)
class _Numbers:
    """Finds the numbers of one layer's activation."""

    layer: Layer
    parameters: Parameters
    overrides: Mapping[str, float]
    assume: Assume

    def find(self, name: str) -> tf.Tensor | None:
        """From the archive, the user or common use, in this order; None if from nowhere."""
        parameter = ACTIVATION_PARAMETERS[name]
        stored = self._stored(parameter.words)
        if stored is not None:
            return stored
        if name in self.overrides:
            return np.float32(self.overrides[name])
        if parameter.default is None:
            return None
        self.assume(
            f"{parameter.meaning} is not in the archive; {parameter.default:g} is assumed, "
            f"--activation-parameter {name}=VALUE sets it"
        )
        return np.float32(parameter.default)

    def need(self, name: str) -> tf.Tensor:
        """Like find, but the layer is refused if there is no such number."""
        found = self.find(name)
        if found is None:
            raise unsupported(
                self.layer,
                f"{ACTIVATION_PARAMETERS[name].meaning} is not in the archive; "
                f"--activation-parameter {name}=VALUE sets it",
            )
        return found

    def _stored(self, words: tuple[str, ...]) -> tf.Tensor | None:
        sizes = {1, *(shape[2] for shape in self.layer.output_shapes)}
        for key in (key for word in words for key in self.parameters if _names(key, word)):
            value = as_float(self.layer, self.parameters, key).reshape(-1)
            if value.size in sizes and np.isfinite(value).all():
                return value if value.size > 1 else value[0]
        return None


def _names(key: str, word: str) -> bool:
    """Whether an array may hold the number that `word` stands for."""
    *groups, name = key.split("/")
    return (
        word in name.lower()
        and name not in _OPERATION_ARRAYS
        and _OPERATION_GROUPS.isdisjoint(groups)
    )


def activation_for(
    layer: Layer,
    parameters: Parameters,
    overrides: Mapping[str, float],
    assume: Assume,
) -> Activation:
    """The activation of a layer, to be applied to what its operation computes.

    Parameters
    ----------
    parameters : float arrays of the layer.
    overrides : numbers given by the user, by name (see ACTIVATION_PARAMETERS).
    assume : takes one sentence per assumption; sentences are the same for all layers, so that
        whoever listens can report each once.

    Raises
    ------
    UnsupportedLayerError : the name is unknown, or a number it needs is nowhere to be found.
    """
    name = layer.params.get("activation")
    name = "linear" if name is None else name
    if isinstance(name, str) and name in _FIXED:
        return _FIXED[name]
    if isinstance(name, str) and name in _WITH_NUMBERS:
        return _WITH_NUMBERS[name](_Numbers(layer, parameters, overrides, assume))
    raise unsupported(layer, f"its activation {name!r} is not known")


def _linear(tensor: tf.Tensor) -> tf.Tensor:
    return tensor


def _gelu(tensor: tf.Tensor) -> tf.Tensor:
    return tf.nn.gelu(tensor, approximate=False)


def _silu(tensor: tf.Tensor) -> tf.Tensor:
    # TensorFlow's own multiplies by a slope of 1 first, which takes a pass over the tensor.
    return tensor * tf.sigmoid(tensor)


def _hardswish(tensor: tf.Tensor) -> tf.Tensor:
    return tensor * tf.nn.relu6(tensor + 3.0) / 6.0


def _mish(tensor: tf.Tensor) -> tf.Tensor:
    return tensor * tf.tanh(tf.nn.softplus(tensor))


_FIXED: Mapping[str, Activation] = {
    "linear": _linear,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "silu": _silu,
    "tanh": tf.tanh,
    "exp": tf.exp,
    "log": tf.math.log,
    "sqrt": tf.sqrt,
    "inv_sqrt": tf.math.rsqrt,
    "inv_pos": tf.math.reciprocal,
    "abs": tf.abs,
    "neg": tf.negative,
    "minus": tf.negative,
    "gelu": _gelu,
    "hardswish": _hardswish,
    "mish": _mish,
    "softplus": tf.nn.softplus,
    "softsign": tf.nn.softsign,
}


def _leaky(numbers: _Numbers) -> Activation:
    return _sloped(numbers.need("leaky"))


def _prelu(numbers: _Numbers) -> Activation:
    return _sloped(numbers.need("prelu"))


def _sloped(slope: tf.Tensor) -> Activation:
    if np.ndim(slope) == 0:
        return partial(tf.nn.leaky_relu, alpha=float(slope))
    return lambda tensor: tf.where(tensor > 0, tensor, slope * tensor)


def _elu(numbers: _Numbers) -> Activation:
    scale = numbers.need("elu")
    return lambda tensor: tf.where(tensor > 0, tensor, scale * tf.math.expm1(tensor))


def _hardsigmoid(numbers: _Numbers) -> Activation:
    slope, offset = numbers.need("hardsigmoid.alpha"), numbers.need("hardsigmoid.beta")
    return lambda tensor: tf.clip_by_value(slope * tensor + offset, 0.0, 1.0)


def _clip(numbers: _Numbers) -> Activation:
    low, high = numbers.find("clip.min"), numbers.find("clip.max")
    if low is None and high is None:
        numbers.need("clip.min")
    low = np.float32(-np.inf) if low is None else low
    high = np.float32(np.inf) if high is None else high
    return lambda tensor: tf.minimum(tf.maximum(tensor, low), high)


def _threshold(numbers: _Numbers) -> Activation:
    threshold = numbers.need("threshold")
    return lambda tensor: tf.where(tensor > threshold, tensor, 0.0)


def _pow(numbers: _Numbers) -> Activation:
    exponent = numbers.need("pow")
    return lambda tensor: tf.pow(tensor, exponent)


def _comparison(
    name: str, compare: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], numbers: _Numbers
) -> Activation:
    value = numbers.need(name)
    return lambda tensor: tf.cast(compare(tensor, value), tf.float32)


_WITH_NUMBERS: Mapping[str, Callable[[_Numbers], Activation]] = {
    "leaky": _leaky,
    "prelu": _prelu,
    "elu": _elu,
    "hardsigmoid": _hardsigmoid,
    "clip": _clip,
    "threshold": _threshold,
    "pow": _pow,
    "delta": partial(_comparison, "delta", tf.equal),
    "equal": partial(_comparison, "equal", tf.equal),
    "less": partial(_comparison, "less", tf.less),
    "greater": partial(_comparison, "greater", tf.greater),
}

ACTIVATIONS = frozenset({*_FIXED, *_WITH_NUMBERS})
