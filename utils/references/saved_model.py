"""TensorFlow's SavedModels, run by their default signature; what is inside stays hidden."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import DiagnosticError
from utils.references import OPEN, Arrays, ReferenceInput
from utils.references.batches import in_batches
from utils.references.importing import imported, said_by, told_on_failure
from utils.wording import listed, printable

_SIGNATURE = "serving_default"
_GRAPH = "saved_model.pb"
# Operators that reach beyond the model: into files, and into Python.
_HARMFUL = (b"ReadFile", b"WriteFile", b"PyFunc", b"EagerPyFunc", b"PyFuncStateless")


class SavedModel:
    """A SavedModel; see `utils.references.Reference`."""

    is_channels_first = False
    normalizes_batches = False  # not known
    kernels: Arrays = {}  # noqa: RUF012 - nobody changes it; variables do not say who reads them
    biases: Arrays = {}  # noqa: RUF012

    def __init__(self, path: str) -> None:
        """Read a folder.

        Raises
        ------
        DiagnosticError : it cannot be read, has no signature, or touches files.
        """
        self.path = path
        (tensorflow,) = imported(path, "tensorflow")
        self._check_harmless()
        self._tensorflow = tensorflow
        try:
            # What is not held is collected, with the variables that the signature reads.
            self._held = tensorflow.saved_model.load(path)
            self._call = self._held.signatures[_SIGNATURE]
        except Exception as error:
            raise DiagnosticError(
                f"{printable(path)} cannot be loaded as a SavedModel with the signature "
                f"{_SIGNATURE} ({said_by(error)})",
                "Export it to ONNX, and give that.",
            ) from error
        entering = self._call.structured_input_signature[1]
        self.inputs = tuple(
            ReferenceInput(name, _sizes(spec.shape[1:]), np.dtype(spec.dtype.as_numpy_dtype))
            for name, spec in entering.items()
        )
        fixed = [spec.shape[0] for spec in entering.values() if spec.shape.rank]
        self._batch = max((int(size) for size in fixed if size is not None), default=OPEN)
        self.outputs = self.tensors = tuple(self._call.structured_outputs)

    def _check_harmless(self) -> None:
        with open(os.path.join(self.path, _GRAPH), "rb") as stream:
            graph = stream.read()
        found = [operator.decode() for operator in _HARMFUL if operator in graph]
        if found:
            raise DiagnosticError(
                f"{printable(self.path)} uses {listed(found)}, which reach beyond the model and "
                "are not run",
                "Export it to ONNX, and give that.",
            )

    def tensor_of(self, name: str) -> str:
        """See `Reference`."""
        return name if name in (*self.outputs, *(each.name for each in self.inputs)) else ""

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """See `Reference`."""
        names = [name for name in dict.fromkeys(wanted) if name in self.outputs]
        given = {each.name: samples[each.name].astype(np.float32) for each in self.inputs}

        def call(batch: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
            tensors = {n: self._tensorflow.convert_to_tensor(a) for n, a in batch.items()}
            results = self._call(**tensors)
            return [results[name].numpy() for name in names]

        with told_on_failure(self.path):
            found = in_batches(call, samples, names, self._batch)
        return {**found, **{name: given[name] for name in wanted if name in given}}


def _sizes(shape: Sequence[int | None]) -> tuple[int, ...]:
    return tuple(OPEN if size is None else int(size) for size in shape)
