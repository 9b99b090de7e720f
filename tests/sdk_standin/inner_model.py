"""Stand-in for contract tests: what the inner Keras models of both generations share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tests.sdk_standin import chatter, faults
from tests.sdk_standin.flavours import Flavour
from tests.sdk_standin.layers import KerasLayer, keras_layer
from tests.sdk_standin.networks import Computed, Runnable, as_tensors
from utils.har.network import Layer

IS_STAND_IN = True
IsOpen = Callable[[], bool]


class InnerModel:
    """A network with its layers by name, callable on a batch."""

    def __init__(self, network: Runnable, flavour: Flavour, is_open: IsOpen) -> None:
        """Make the layers.

        Parameters
        ----------
        is_open : whether the context that the model belongs to was not left yet.
        """
        self._runnable = network
        self._graph = {
            _public_name(layer): layer
            for layer in network.network
            if not faults.concerns("layer_missing", layer.name) and _has_entry(layer, flavour)
        }
        self._by_name = {name: keras_layer(layer, flavour) for name, layer in self._graph.items()}
        if not faults.is_on("no_layers"):
            self.layers: dict[str, KerasLayer] = self._by_name
        self._is_open = is_open
        self._batches = 0

    def compute(self, data: Any) -> tuple[Any, Computed]:
        """What leaves the network, and what is inside."""
        if faults.is_on("model_dies_with_context") and not self._is_open():
            raise RuntimeError("the model belongs to a context that was left")
        chatter.on_use(f"calling the {self._runnable.kind} model")
        self._raise_at_once()
        inputs = as_tensors(self._runnable.network, data)
        name = next(iter(inputs))
        watched = tf.numpy_function(self._watch, [inputs[name]], tf.float32)
        inputs[name] = tf.ensure_shape(watched, inputs[name].shape)
        computed = self._runnable.run(inputs)
        for name, layer in self._by_name.items():
            scoped = self._graph[name].name
            layer.keep(computed.inner[scoped][0], computed.preactivations.get(scoped))
        ends = self._runnable.network.output_layers
        outputs = [computed.parts[layer.name][0] for layer in ends]
        return (outputs[0] if len(outputs) == 1 else outputs), computed

    def captured(self, computed: Computed, names: Iterable[str]) -> dict[str, list[tf.Tensor]]:
        """Tensors of inner layers, as many for each as it has outputs."""
        found = {}
        for name in names:
            layer = self._graph[name]
            if not faults.concerns("layer_left_out", layer.name):
                parts = computed.inner[layer.name][: self._by_name[name].num_outputs]
                found[name] = [_spoiled(layer, part) for part in parts]
        return found

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of the names that layers of this model have."""
        return [name for name in names if name in self._graph]

    def _raise_at_once(self) -> None:
        if faults.is_on(f"{self._runnable.kind}_raises"):
            raise AttributeError(f"{chatter.MARK}: the {self._runnable.kind} model is broken")

    def _watch(self, batch: Any) -> Any:
        """Pass a batch on while the graph runs, unless it is to fail there."""
        chatter.on_batch()
        self._batches += 1
        if faults.is_on("gpu_exhausted"):
            raise MemoryError("OOM when allocating tensor with shape[64,512,512,64]")
        if faults.is_on("cuda_memory"):
            raise RuntimeError("failed to allocate 7.4GiB: CUDA_ERROR_OUT_OF_MEMORY: out of memory")
        if self._batches > 1 and faults.is_on(f"{self._runnable.kind}_raises_later"):
            raise RuntimeError(f"the {self._runnable.kind} model fails at batch {self._batches}")
        return batch


def run_over(
    model: Callable[[Any], Any], dataset: Any, batch_size: int, data_count: int | None
) -> Any:
    """Outputs of a model for a whole dataset: an array, or a list of them in output order.

    Parameters
    ----------
    dataset : array, dictionary of arrays, path of an npy file, or tf.data.Dataset whose samples
        are data or pairs of data and information.
    """
    found: list[list[Any]] = []
    batches = _batches(dataset, batch_size, data_count)
    with chatter.bar(data_count or 0) as bar:
        for batch in batches:
            outputs = model(batch)
            outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
            found.append([np.asarray(output, np.float32) for output in outputs])
            bar.update(len(found[-1][0]))
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return joined[0] if len(joined) == 1 else joined


def _batches(dataset: Any, size: int, count: int | None) -> Iterable[Any]:
    if isinstance(dataset, str):
        dataset = np.load(dataset)
    if not isinstance(dataset, tf.data.Dataset):
        dataset = tf.data.Dataset.from_tensor_slices(dataset)
    dataset = dataset.take(count) if count is not None else dataset
    for batch in dataset.batch(size):
        yield batch[0] if isinstance(batch, tuple) else batch


def _public_name(layer: Layer) -> str:
    is_renamed = faults.concerns("layer_renamed", layer.name)
    return f"{layer.name}_renamed" if is_renamed else layer.name


def _has_entry(layer: Layer, flavour: Flavour) -> bool:
    if layer.type == "input_layer":
        return flavour.inner_inputs
    return flavour.inner_outputs or layer.type != "output_layer"


def _spoiled(layer: Layer, tensor: tf.Tensor) -> tf.Tensor:
    if layer.type == "dense" and faults.is_on("rank2_dense"):
        tensor = tf.reshape(tensor, [-1, tensor.shape[-1]])
    if faults.concerns("wrong_shape", layer.name):
        tensor = tf.concat([tensor, tensor], axis=1)
    if faults.concerns("nan_at", layer.name):
        tensor = tensor + np.float32(np.nan)
    return tensor


def unpacked(tensors: Mapping[str, list[tf.Tensor]]) -> dict[str, tf.Tensor | list[tf.Tensor]]:
    """One tensor where a layer has one output, else the list of them."""
    return {name: found[0] if len(found) == 1 else found for name, found in tensors.items()}


def in_order(tensors: Mapping[str, list[tf.Tensor]]) -> Sequence[Any]:
    """The same without names; tuples in place of lists."""
    return [found[0] if len(found) == 1 else tuple(found) for found in tensors.values()]
