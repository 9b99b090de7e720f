"""What may be otherwise at a layer than in the original, each as a change that is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import Floats
from utils.backends.stages.original.rearranged import other_kernels, other_orders
from utils.backends.stages.original.segments import Change, Segment
from utils.backends.stages.original.weights import (
    affine_between,
    arranged,
    has_same_weights,
    is_in_order,
)
from utils.har.network import Layer, Network, Shape
from utils.har.parameters import Parameters
from utils.references import Arrays, Reference
from utils.wording import rounded

OTHER_WEIGHTS = "other-weights"
_TRIED = ("relu", "sigmoid", "relu6", "silu", "tanh", "hardswish", "gelu")
_ACTIVATED = (
    "conv dw deconv dense activation normalization batch_norm ew_add ew_sub ew_mult concat maxpool "
    "avgpool output_layer"
).split()
# What hands values on, so that an activation behind it may be the second one.
_WITHOUT_SUMS = ("activation", "softmax", "maxpool", "output_layer")
# A second one of these changes nothing, so that one whose removal mends is no second one.
_IDEMPOTENT = ("relu", "relu6")
_PADDED = ("conv", "dw", "maxpool", "avgpool")
_MODES = ("SAME_TENSORFLOW", "SAME", "VALID")
_MARGINS = {"reflect": "reflected", "edge": "repeated"}
_RESIZES = (
    ("nearest_neighbor", "disabled"),
    ("bilinear", "disabled"),
    ("bilinear", "half_pixels"),
    ("bilinear", "align_corners"),
)


@dataclass(frozen=True, eq=False)
class Mend:
    """One change with what it would mean.

    Parameters
    ----------
    word : of the reason; see `utils.stages.Reason`.
    layer : that it is about.
    said : what the original has there, and the archive has not; a clause.
    change : to be tried.
    """

    word: str
    layer: str
    said: str
    change: Change


@dataclass(frozen=True, eq=False)
class Place:
    """Where both networks part, with what may be changed there.

    Parameters
    ----------
    network, parameters : of the archive.
    reference : the original.
    segment : what computes the layer.
    values : of the original at its border.
    expected : of the original behind it.
    """

    network: Network
    parameters: Parameters
    reference: Reference
    segment: Segment
    values: dict[str, Floats]
    expected: Floats

    def mends(self) -> Iterator[Mend]:
        """All changes, those first that take the least to explain."""
        layers = (*reversed(self.segment.layers), *self.segment.border)
        # That kernels differ is seen without a trial.
        for layer in reversed(self.segment.layers):
            yield from self._transposed(layer)
            yield from self._weights(layer)
        for layer in reversed(self.segment.layers):
            yield from self._paddings(layer)
            yield from _resizes(layer)
            yield from _orders(layer)
        for layer in layers:
            yield from self._activations(layer)
        yield from self._folded()
        for layer in reversed(self.segment.layers):
            yield from self._transposed(layer, is_named=False)

    def added(self) -> list[Mend]:
        """Every layer that the original may lack, taken out: it has no name there."""
        found = []
        for layer in self.segment.layers:
            shapes = {source.output_shape for source in self.network.predecessors(layer)}
            if layer.original_names or len(layer.inputs) != 1 or shapes != {layer.output_shape}:
                continue
            is_activation = layer.type in ("activation", "softmax")
            has = "softmax" if layer.type == "softmax" else layer.activation
            word = "layer-added"
            if is_activation:
                word = "activation-twice" if self._follows(layer, has) else "activation-added"
            said = f"no {has if is_activation else layer.type}"
            found.append(_activation(word, layer, said, "activation", "linear"))
        return found

    def _activations(self, layer: Layer) -> Iterator[Mend]:
        if layer.type == "softmax":
            word = "activation-twice" if self._follows(layer, "softmax") else "activation-added"
            yield _activation(word, layer, "no softmax", "activation", "linear")
        if layer.type not in _ACTIVATED:
            return
        has = layer.activation
        type_ = "activation" if layer.type == "output_layer" else layer.type
        if has != "linear":
            word = "activation-twice" if self._follows(layer, has) else "activation-added"
            yield _activation(word, layer, f"no {has}", type_, "linear")
        for tried in _TRIED:
            if tried != has:
                word = "activation-missing" if has == "linear" else "other-activation"
                said = tried if has == "linear" else f"{tried} instead of {has}"
                yield _activation(word, layer, said, type_, tried)
        if layer.type == "output_layer":
            yield _activation("activation-missing", layer, "softmax", "softmax", "linear")

    def _follows(self, layer: Layer, activation: str) -> bool:
        """Whether a layer applies an activation to what has just passed it.

        Behind sums of its own it is applied for the first time.
        """
        if layer.type not in _WITHOUT_SUMS or activation in _IDEMPOTENT:
            return False
        pending = list(self.network.predecessors(layer))
        while pending:
            source = pending.pop()
            if activation in (source.activation, source.type):
                return True
            if source.is_pass_through:
                pending.extend(self.network.predecessors(source))
        return False

    def _paddings(self, layer: Layer) -> Iterator[Mend]:
        if layer.type not in _PADDED:
            return
        has = layer.params.get("padding")
        for mode in _MODES:
            if mode != has:
                changed = replace(layer, params={**layer.params, "padding": mode})
                said = f"{mode} padding instead of {has}"
                yield Mend("other-padding", layer.name, said, Change({layer.name: changed}))
        if len(self.segment.layers) == 1 and layer.type in ("conv", "dw") and has != "VALID":
            for margin, said in _MARGINS.items():
                change = Change(margin=margin)
                yield Mend("other-padding", layer.name, f"{said} pixels at the edges", change)

    def _folded(self) -> Iterator[Mend]:
        """A scale and an offset for each channel, where no sum is fused behind them."""
        layer = self.network[self.segment.last]
        arrays = self.parameters.layer(layer.name)
        if "kernel" not in arrays or layer.params.get("elementwise_add"):
            return
        fitted = self._fitted(layer, np.asarray(arrays["kernel"]), _bias(arrays))
        if fitted is None:
            return
        scale, change = fitted
        if np.allclose(scale, 1.0, atol=1e-3):
            yield Mend(OTHER_WEIGHTS, layer.name, "another bias", change)
            return
        said = f"channels scaled by {rounded(float(scale.min()))} to {rounded(float(scale.max()))}"
        yield Mend("batch-norm-not-folded", layer.name, said, change)

    def _weights(self, layer: Layer) -> Iterator[Mend]:
        kernel = self._other_kernel(layer)
        if kernel is None:
            return
        bias = self._named(layer, self.reference.biases)
        kept = _bias(self.parameters.layer(layer.name))
        arrays: dict[str, NDArray[Any]] = {"kernel": kernel}
        if bias is not None and bias.shape == kept.shape:
            arrays["bias"] = bias
        change = Change(arrays={layer.name: arrays})
        yield Mend(OTHER_WEIGHTS, layer.name, "another kernel", change)
        if layer.name == self.segment.last and not layer.params.get("elementwise_add"):
            fitted = self._fitted(layer, kernel, kept)
            if fitted is not None:
                yield Mend(OTHER_WEIGHTS, layer.name, "another kernel and bias", fitted[1])

    def _transposed(self, layer: Layer, *, is_named: bool = True) -> Iterator[Mend]:
        """Kernels whose axes are exchanged; of one that is known nothing but that is tried."""
        arrays, known = self.parameters.layer(layer.name), self._kernel_of_the_original(layer)
        if "kernel" not in arrays or is_named != (known is not None):
            return
        own = np.asarray(arrays["kernel"])
        if known is not None and is_in_order(known, own):
            return
        for said, kernel in other_kernels(layer, own, self._entering(layer)):
            if known is None or is_in_order(known, kernel):
                change = Change(arrays={layer.name: {"kernel": np.ascontiguousarray(kernel)}})
                yield Mend("kernel-transposed", layer.name, said, change)

    def _other_kernel(self, layer: Layer) -> NDArray[np.float32] | None:
        """The kernel of the original where it is another one than the archive's."""
        kernel = self._kernel_of_the_original(layer)
        own = self.parameters.layer(layer.name)
        return None if kernel is None or has_same_weights(kernel, own["kernel"]) else kernel

    def _kernel_of_the_original(self, layer: Layer) -> NDArray[np.float32] | None:
        """The kernel of the original with the shape of the archive's; None where it has none."""
        arrays = self.parameters.layer(layer.name)
        named = self._named(layer, self.reference.kernels)
        if "kernel" not in arrays or named is None:
            return None
        return arranged(named, np.asarray(arrays["kernel"]), self._entering(layer), self.reference)

    def _entering(self, layer: Layer) -> Shape | None:
        before = next(iter(self.network.predecessors(layer)), None)
        return before.output_shape if before else None

    def _named(self, layer: Layer, arrays: Arrays) -> NDArray[np.float32] | None:
        """What the original holds under a name of the layer."""
        names = (*layer.original_names, *map(self.reference.tensor_of, layer.original_names))
        return next((arrays[name] for name in names if name in arrays), None)

    def _fitted(
        self, layer: Layer, kernel: NDArray[Any], bias: NDArray[Any]
    ) -> tuple[NDArray[np.float64], Change] | None:
        """Scale and offset of each channel that lead from the archive's sums to the original."""
        linear = replace(layer, params={**layer.params, "activation": "linear"})
        change = Change({layer.name: linear}, {layer.name: {"kernel": kernel, "bias": bias}})
        sums = self.segment.run(self.parameters, self.values, change)
        fitted = None if sums is None else affine_between(sums, self.expected, layer.activation)
        if fitted is None:
            return None
        scale, offset = fitted
        factor = scale.reshape(-1, 1) if layer.type == "dw" else scale
        if layer.type == "dw" and kernel.shape[2:] != (len(scale), 1):
            return None
        arrays = {
            "kernel": (kernel * factor).astype(np.float32),
            "bias": (bias * scale + offset).astype(np.float32),
        }
        return scale, Change(arrays={layer.name: arrays})


def _activation(word: str, layer: Layer, said: str, type_: str, activation: str) -> Mend:
    params = {**layer.params, "activation": activation}
    if type_ == "softmax":
        params = {"groups": 1}
    changed = replace(layer, type=type_, params=params)
    return Mend(word, layer.name, said, Change({layer.name: changed}))


def _resizes(layer: Layer) -> Iterator[Mend]:
    if layer.type != "resize":
        return
    has = (layer.params.get("method"), layer.params.get("resize_bilinear_pixels_mode"))
    for method, mode in _RESIZES:
        if (method, mode) != has and not (method == has[0] == "nearest_neighbor"):
            params = {**layer.params, "method": method, "resize_bilinear_pixels_mode": mode}
            changed = replace(layer, params=params)
            said = method if method == "nearest_neighbor" else f"{method} with {mode}"
            yield Mend("other-resize", layer.name, said, Change({layer.name: changed}))


def _orders(layer: Layer) -> Iterator[Mend]:
    for said, changed in other_orders(layer):
        yield Mend("other-order", layer.name, said, Change({layer.name: changed}))


def _bias(arrays: Any) -> NDArray[Any]:
    return np.asarray(arrays["bias"]) if "bias" in arrays else np.zeros(1, np.float32)
