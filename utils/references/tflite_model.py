"""TFLite models, run by LiteRT where it is installed, else by TensorFlow's own interpreter."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import DiagnosticError
from utils.references import OPEN, Arrays, ReferenceInput
from utils.references.batches import in_batches
from utils.references.importing import imported, said_by, told_on_failure
from utils.wording import printable


class TfliteModel:
    """A TFLite model of floats; see `utils.references.Reference`."""

    is_channels_first = False
    normalizes_batches = False  # the converter folds them
    kernels: Arrays = {}  # noqa: RUF012 - nobody changes it; what multiplies by which is private
    biases: Arrays = {}  # noqa: RUF012

    def __init__(self, path: str) -> None:
        """Read a file.

        Raises
        ------
        DiagnosticError : it cannot be read or run here, or is quantized itself.
        """
        self.path = path
        self._interpreter = self._made()
        entering = self._interpreter.get_input_details()
        leaving = self._interpreter.get_output_details()
        self._check_floats([*entering, *leaving])
        self.inputs = tuple(
            ReferenceInput(
                str(each["name"]),
                tuple(max(int(size), OPEN) for size in _signature(each)[1:]),
                np.dtype(each["dtype"]),
            )
            for each in entering
        )
        self._indexes = {str(each["name"]): int(each["index"]) for each in entering}
        self._sizes: dict[str, tuple[int, ...]] = {}
        self._by_name = self._computed([int(each["index"]) for each in entering])
        self._by_name |= {str(each["name"]): int(each["index"]) for each in leaving}
        self.tensors = tuple(self._by_name)
        self.outputs = tuple(str(each["name"]) for each in leaving)

    def _made(self) -> Any:
        make = _interpreter_class(self.path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is about to move, and takes memory
                made = make(model_path=self.path, experimental_preserve_all_tensors=True)
            made.allocate_tensors()
        except Exception as error:
            raise DiagnosticError(
                f"{printable(self.path)} is not run by TFLite's interpreter ({said_by(error)})",
                "Convert it again with built-in operators alone.",
            ) from error
        return made

    def _check_floats(self, details: Sequence[dict[str, Any]]) -> None:
        if any(np.dtype(each["dtype"]) in (np.int8, np.int16) for each in details):
            raise DiagnosticError(
                f"{printable(self.path)} is quantized itself, so it is not the original",
                "Give the model of floats that it was converted from.",
            )

    def _computed(self, entering: Sequence[int]) -> dict[str, int]:
        """Tensors of floats for samples, by name; those of constants cannot be told apart here."""
        return {
            str(each["name"]): int(each["index"])
            for each in self._interpreter.get_tensor_details()
            if each["name"]
            and np.dtype(each["dtype"]) == np.float32
            and int(each["index"]) not in entering
            and len(_signature(each)) > 1
            and int(_signature(each)[0]) in (-1, 1)
        }

    def tensor_of(self, name: str) -> str:
        """See `Reference`; converters append what a tensor was fused from to its name."""
        if name in self._by_name or name in self._indexes:
            return name
        return next((t for t in self.tensors if name and name in t.split(";")), "")

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """See `Reference`."""
        names = [name for name in dict.fromkeys(wanted) if name in self._by_name]
        given = {n: samples[n].astype(np.float32) for n in wanted if n in self._indexes}
        with told_on_failure(self.path):
            found = in_batches(lambda batch: self._invoked(batch, names), samples, names, 1)
        return {**found, **given}

    def _invoked(self, batch: dict[str, NDArray[Any]], names: Sequence[str]) -> list[NDArray[Any]]:
        sizes = {name: array.shape for name, array in batch.items()}
        if sizes != self._sizes:
            for name, shape in sizes.items():
                self._interpreter.resize_tensor_input(self._indexes[name], shape)
            self._interpreter.allocate_tensors()
            self._sizes = sizes
        for name, array in batch.items():
            self._interpreter.set_tensor(self._indexes[name], array)
        self._interpreter.invoke()
        return [np.array(self._interpreter.get_tensor(self._by_name[name])) for name in names]


def _signature(details: dict[str, Any]) -> Sequence[int]:
    found = details.get("shape_signature")
    return [int(n) for n in (details["shape"] if found is None or not len(found) else found)]


def _interpreter_class(path: str) -> Any:
    with suppress(Exception):
        return importlib.import_module("ai_edge_litert.interpreter").Interpreter
    (tensorflow,) = imported(path, "tensorflow")
    return tensorflow.lite.Interpreter
