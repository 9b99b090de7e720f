"""Keras models (.keras, .h5), run by the Keras that TensorFlow brings."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import DiagnosticError
from utils.files.glimpse import ZIP, glimpse_of
from utils.references import OPEN, Arrays, ReferenceInput
from utils.references.batches import in_batches
from utils.references.importing import imported, said_by, told_on_failure
from utils.wording import printable

_CONFIG = "config.json"
_LARGEST_CONFIG = 1 << 26  # bytes
_RUNS_CODE = "Lambda"  # a layer whose code lies in the file


class KerasModel:
    """A Keras model; see `utils.references.Reference`."""

    is_channels_first = False

    def __init__(self, path: str) -> None:
        """Read a file; code that lies in it is never run.

        Raises
        ------
        DiagnosticError : it cannot be read, holds code, or layers that are defined elsewhere.
        """
        self.path = path
        (self._keras,) = imported(path, "tensorflow.keras")
        self._check_harmless()
        self._model = self._loaded()
        self._layers = {layer.name: layer for layer in _flat(self._model)}
        self.inputs = tuple(map(_as_input, self._model.inputs))
        self._batch = max(
            (int(t.shape[0]) for t in self._model.inputs if t.shape[0] is not None), default=OPEN
        )
        self._results = {_plain(tensor.name): tensor for tensor in self._model.outputs}
        for name, layer in self._layers.items():
            for tensor in _single_result(layer):
                self._results.setdefault(name, tensor)
        self.tensors = tuple(self._results)
        self.outputs = tuple(self._output_names())
        self.normalizes_batches = any(
            type(layer).__name__ == "BatchNormalization" for layer in self._layers.values()
        )

    def _check_harmless(self) -> None:
        if _RUNS_CODE in _class_names(self._config()):
            raise DiagnosticError(
                f"{printable(self.path)} holds code in a Lambda layer, which is not run",
                "Export it to ONNX, and give that.",
            )

    def _config(self) -> Any:
        try:
            if zipfile.is_zipfile(self.path):
                with zipfile.ZipFile(self.path) as archive, archive.open(_CONFIG) as stream:
                    return json.loads(stream.read(_LARGEST_CONFIG))
            (h5py,) = imported(self.path, "h5py")
            with h5py.File(self.path, "r") as file:
                return json.loads(file.attrs["model_config"])
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            raise DiagnosticError(
                f"{printable(self.path)} does not hold a whole Keras model ({said_by(error)})",
                "Save it with `model.save(path)`.",
            ) from error

    def _loaded(self) -> Any:
        glimpse = glimpse_of(self.path)
        is_zip = glimpse is not None and glimpse.head.startswith(ZIP)
        options = {"safe_mode": True} if is_zip else {}
        try:
            return self._keras.models.load_model(self.path, compile=False, **options)
        except Exception as error:
            raise DiagnosticError(
                f"{printable(self.path)} cannot be loaded by Keras ({said_by(error)})",
                "Export it to ONNX, and give that.",
            ) from error

    def _output_names(self) -> Iterator[str]:
        by_tensor = {id(tensor): name for name, tensor in reversed(self._results.items())}
        for tensor in self._model.outputs:
            yield by_tensor.get(id(tensor), _plain(tensor.name))

    def tensor_of(self, name: str) -> str:
        """See `Reference`; parsers name nodes as ``model/layer/Operation``."""
        if name in self._results or name in {each.name for each in self.inputs}:
            return name
        return next((part for part in reversed(name.split("/")) if part in self._results), "")

    @property
    def kernels(self) -> Arrays:
        """See `Reference`; by name of the layer."""
        return {name: arrays[0] for name, arrays in self._weights() if arrays[0].ndim in (2, 4)}

    @property
    def biases(self) -> Arrays:
        """See `Reference`; by name of the layer."""
        return {name: arrays[1] for name, arrays in self._weights() if len(arrays) > 1}

    def _weights(self) -> Iterator[tuple[str, list[NDArray[np.float32]]]]:
        for name, layer in self._layers.items():
            arrays = [np.asarray(array, np.float32) for array in layer.get_weights()]
            if arrays and (hasattr(layer, "kernel") or hasattr(layer, "depthwise_kernel")):
                yield name, arrays

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """See `Reference`."""
        entering = {each.name for each in self.inputs}
        names = [name for name in dict.fromkeys(wanted) if name in self._results]
        given = {n: samples[n].astype(np.float32) for n in wanted if n in entering}
        model = self._keras.Model(self._model.inputs, [self._results[name] for name in names])

        def call(batch: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
            result = model([batch[each.name] for each in self.inputs], training=False)
            results = result if isinstance(result, (list, tuple)) else [result]
            return [each.numpy() for each in results]

        with told_on_failure(self.path):
            found = in_batches(call, samples, names, self._batch) if names else {}
        return {**found, **given}


def _as_input(tensor: Any) -> ReferenceInput:
    sizes = tuple(OPEN if size is None else int(size) for size in tensor.shape[1:])
    dtype = getattr(tensor.dtype, "name", tensor.dtype)
    return ReferenceInput(_plain(tensor.name), sizes, np.dtype(dtype))


def _plain(name: str) -> str:
    return str(name).partition(":")[0]


def _flat(model: Any) -> Iterator[Any]:
    """All layers, but for those of models inside, whose tensors belong to another graph."""
    yield from (layer for layer in model.layers if not hasattr(layer, "layers"))


def _single_result(layer: Any) -> list[Any]:
    """The one tensor that leaves a layer; none where it is used several times."""
    try:
        output = layer.output
    except (AttributeError, ValueError, RuntimeError):
        return []
    return [] if isinstance(output, (list, tuple, dict)) else [output]


def _class_names(config: Any) -> set[str]:
    """Names of all classes that a configuration asks for."""
    found: set[str] = set()
    pending = [config]
    while pending:
        entry = pending.pop()
        if isinstance(entry, dict):
            found.update(v for k, v in entry.items() if k == "class_name" and isinstance(v, str))
            pending.extend(entry.values())
        elif isinstance(entry, list):
            pending.extend(entry)
    return found
