"""ONNX models, run by onnxruntime; inner tensors are made outputs in memory."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import DiagnosticError
from utils.references import LARGEST_BYTES, OPEN, Arrays, ReferenceInput
from utils.references.batches import in_batches
from utils.references.importing import imported, said_by, told_on_failure
from utils.wording import listed, printable

# Domains of operators that onnxruntime has by itself; those of others are libraries of their own.
_KNOWN_DOMAINS = (
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.training",
    "com.microsoft",
    "org.pytorch.aten",
)
_MULTIPLYING = ("Conv", "ConvTranspose", "Gemm", "MatMul")


class OnnxModel:
    """An ONNX model; see `utils.references.Reference`."""

    is_channels_first = True

    def __init__(self, path: str) -> None:
        """Read a file and what it stores beside it.

        Raises
        ------
        DiagnosticError : it cannot be read, or run here.
        """
        self.path = path
        self._onnx, self._runtime = imported(path, "onnx", "onnxruntime")
        self._model = self._loaded()
        self._sessions: dict[tuple[str, ...], Any] = {}
        self._check_operators()
        stored = {tensor.name for tensor in self._model.graph.initializer}
        given = [value for value in self._model.graph.input if value.name not in stored]
        self._batch = _common_batch(given)
        self.inputs = tuple(self._input(value) for value in given)
        self.outputs = tuple(value.name for value in self._model.graph.output)
        self._session(self.outputs)

    def _loaded(self) -> Any:
        try:
            model = self._onnx.load(self.path, load_external_data=False)
        except Exception as error:
            raise DiagnosticError(
                f"{printable(self.path)} cannot be read as an ONNX model ({said_by(error)})",
                "Export it again.",
            ) from error
        self._load_what_lies_elsewhere(model)
        return model

    def _load_what_lies_elsewhere(self, model: Any) -> None:
        """Weights that were written into files beside the model's."""
        external = [
            {entry.key: entry.value for entry in tensor.external_data}
            for tensor in model.graph.initializer
            if tensor.data_location == self._onnx.TensorProto.EXTERNAL
        ]
        if not external:
            return
        try:
            _check_places(external)
            helper = importlib.import_module("onnx.external_data_helper")
            helper.load_external_data_for_model(model, os.path.dirname(self.path) or ".")
        except Exception as error:
            raise DiagnosticError(
                f"{printable(self.path)} keeps its weights in another file, which cannot be "
                f"read ({said_by(error)})",
                "Put that file beside it, as the export wrote both.",
            ) from error

    def _check_operators(self) -> None:
        foreign = {
            f"{node.domain}.{node.op_type}"
            for node in self._model.graph.node
            if node.domain not in _KNOWN_DOMAINS
            and node.domain not in {f.domain for f in self._model.functions}
        }
        if foreign:
            raise DiagnosticError(
                f"{printable(self.path)} uses operators that onnxruntime does not have: "
                f"{printable(listed(sorted(foreign), 3))}",
                "Give an export without them, up to the end nodes that the archive was parsed to.",
            )

        quantized = [n.op_type for n in self._model.graph.node if "Quant" in n.op_type]
        if quantized:
            raise DiagnosticError(
                f"{printable(self.path)} is quantized itself (it has a {printable(quantized[0])}), "
                "so it is not the original",
                "Give the model of floats that it was made from.",
            )

    def _input(self, value: Any) -> ReferenceInput:
        tensor = value.type.tensor_type
        dtype = self._onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        sizes = [max(dim.dim_value, OPEN) for dim in tensor.shape.dim]
        return ReferenceInput(value.name, tuple(sizes[1:]), np.dtype(dtype))

    @cached_property
    def tensors(self) -> tuple[str, ...]:
        """Results of all nodes, those of the main graph alone."""
        return tuple(name for node in self._model.graph.node for name in node.output if name)

    @cached_property
    def _tensor_by_name(self) -> dict[str, str]:
        by_node = {node.name: node.output[0] for node in self._model.graph.node if node.name}
        own = {name: name for name in (*self.tensors, *(each.name for each in self.inputs))}
        return {**by_node, **own}

    def tensor_of(self, name: str) -> str:
        """See `Reference`; a node gives its first result."""
        return self._tensor_by_name.get(name, "")

    @cached_property
    def normalizes_batches(self) -> bool:
        """See `Reference`."""
        return any(node.op_type == "BatchNormalization" for node in self._model.graph.node)

    @cached_property
    def kernels(self) -> Arrays:
        """See `Reference`; by the node's name, and by that of its result."""
        return dict(self._weights(place=1))

    @cached_property
    def biases(self) -> Arrays:
        """See `Reference`; by the node's name, and by that of its result."""
        return dict(self._weights(place=2))

    def _weights(self, place: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Constant operands of the nodes that multiply, by name of the node and of its result."""
        stored = self._constants
        for node in self._model.graph.node:
            if node.op_type not in _MULTIPLYING or len(node.input) <= place:
                continue
            constant = stored.get(node.input[place])
            if constant is None:
                continue
            array = np.asarray(self._onnx.numpy_helper.to_array(constant), np.float32)
            attributes = {a.name: self._onnx.helper.get_attribute_value(a) for a in node.attribute}
            if place == 1:
                array = _as_archived(node.op_type, array, attributes)
            yield from ((name, array) for name in (node.name, node.output[0]) if name)

    @cached_property
    def _constants(self) -> dict[str, Any]:
        nodes = (node for node in self._model.graph.node if node.op_type == "Constant")
        given = {
            node.output[0]: attribute.t
            for node in nodes
            for attribute in node.attribute
            if attribute.name == "value"
        }
        return {**given, **{tensor.name: tensor for tensor in self._model.graph.initializer}}

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """See `Reference`."""
        names = tuple(dict.fromkeys(wanted))
        given = {each.name: samples[each.name] for each in self.inputs if each.name in names}
        names = tuple(name for name in names if name not in given)
        session = self._session(names)
        with told_on_failure(self.path):
            found = in_batches(lambda batch: session.run(names, batch), samples, names, self._batch)
        return {**found, **{name: array.astype(np.float32) for name, array in given.items()}}

    def _session(self, names: tuple[str, ...]) -> Any:
        """What computes some tensors; it has to be made anew for others."""
        if names not in self._sessions:
            self._sessions[names] = self._made_session(names)
        return self._sessions[names]

    def _made_session(self, names: tuple[str, ...]) -> Any:
        options = self._runtime.SessionOptions()
        options.log_severity_level = 4
        try:
            return self._runtime.InferenceSession(
                self._with_outputs(names), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise self._refusal(error) from error

    def _with_outputs(self, names: tuple[str, ...]) -> bytes:
        shown = {value.name: value for value in self._model.graph.output}
        graph = self._model.graph
        before = list(graph.output)
        del graph.output[:]
        make = self._onnx.helper.make_empty_tensor_value_info
        graph.output.extend([shown.get(name) or make(name) for name in names])
        try:
            return bytes(self._model.SerializeToString())
        finally:
            del graph.output[:]
            graph.output.extend(before)

    def _refusal(self, error: Exception) -> DiagnosticError:
        text = str(error)
        opset = max((o.version for o in self._model.opset_import if not o.domain), default=0)
        version = self._runtime.__version__
        if "opset" in text.lower() or "Unsupported model IR version" in text:
            return DiagnosticError(
                f"{printable(self.path)} is written in opset {opset}, which onnxruntime {version} "
                "does not take",
                "Install a newer onnxruntime, or export with an older opset.",
                ("pip install --upgrade onnxruntime",),
            )
        return DiagnosticError(
            f"{printable(self.path)} is not taken by onnxruntime {version} ({said_by(error)})",
            "Give an export that onnxruntime runs.",
        )


def _check_places(external: Sequence[dict[str, str]]) -> None:
    """Weights lie beside the model, and are no larger than a model may be."""
    for each in external:
        place = each.get("location", "")
        if not place or os.path.isabs(place) or ".." in place.replace("\\", "/").split("/"):
            raise ValueError(f"it is given as {place!r}")
    if sum(int(each.get("length", 0)) for each in external) > LARGEST_BYTES:
        raise ValueError("it is larger than 2 GiB")


def _common_batch(values: Sequence[Any]) -> int:
    """The size of the first axis that the file fixes; 0 where it leaves it open."""
    sizes = [
        max(v.type.tensor_type.shape.dim[0].dim_value, OPEN)
        for v in values
        if v.type.tensor_type.shape.dim
    ]
    return max(sizes, default=OPEN)


def _as_archived(
    type_: str, array: NDArray[np.float32], attributes: dict[str, Any]
) -> NDArray[np.float32]:
    """A kernel with its axes as archives have them."""
    if type_ == "Gemm":
        return array.T if attributes.get("transB") else array
    if type_ == "MatMul":
        return array
    if array.ndim == 3:  # along one axis
        array = array[..., np.newaxis]
    if array.ndim != 4:
        return array
    is_depthwise = attributes.get("group", 1) == len(array) and array.shape[1] == 1
    axes = (2, 3, 0, 1) if is_depthwise or type_ == "ConvTranspose" else (2, 3, 1, 0)
    kernel: NDArray[np.float32] = array.transpose(axes)
    return kernel
