"""Single ONNX operators run by onnxruntime: the independent opinion on what is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

_OPSET = 20
_IR_VERSION = 9


def run_onnx(
    operator: str,
    *inputs: NDArray[Any] | None,
    outputs: int = 1,
    opset: int = _OPSET,
    **attributes: Any,
) -> Any:
    """Results of one operator; inputs are given in the layout that the operator defines."""
    names = [f"in{index}" if array is not None else "" for index, array in enumerate(inputs)]
    given = {n: a for n, a in zip(names, inputs, strict=True) if a is not None}
    results = [f"out{index}" for index in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node(operator, names, results, **attributes)],
        "single",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
            )
            for name, array in given.items()
        ],
        [helper.make_empty_tensor_value_info(name) for name in results],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=_IR_VERSION
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    found = session.run(None, given)
    return found[0] if outputs == 1 else found


def nchw(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2))


def nhwc(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1))


def image_operator(
    operator: str, image: NDArray[Any], *rest: NDArray[Any], **attributes: Any
) -> Any:
    """An operator on NCHW images, given and answered in NHWC."""
    result = run_onnx(operator, nchw(image), *rest, **attributes)
    return nhwc(result)
