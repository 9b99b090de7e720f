"""The procedure of onnxruntime's `qdq_loss_debug`: what quantization does to every activation.

A float model and the same with its activations and weights quantized and dequantized (QDQ) give
all of their tensors to a list; then a signal-to-noise ratio of each activation is computed, pooled
over all values as ours is. The quantized model is made before, as our archive is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization import qdq_loss_debug as steps

from benchmarks.float_graph import FloatGraph
from benchmarks.onnx_graph import to_onnx
from benchmarks.own_process import peak_memory_mib, seconds_of

CALIBRATION_IMAGES = 4
FLOAT, QDQ, AUGMENTED = "float.onnx", "qdq.onnx", "augmented"

# SNR in dB by activation and kind of error.
Losses = dict[str, dict[str, float]]


@dataclass(frozen=True)
class QdqLoss:
    """What the procedure took.

    Parameters
    ----------
    seconds : from two models on the disk to the ratios.
    activations : whose ratio is told.
    """

    seconds: float
    peak_mib: float
    activations: int


def qdq_loss(net: FloatGraph, images: NDArray[Any]) -> QdqLoss:
    """Run the procedure on these images, one at a time as its readers do."""
    columns = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    with tempfile.TemporaryDirectory() as name:
        folder, found = Path(name), dict[str, dict[str, float]]()
        write_models(net, columns[:CALIBRATION_IMAGES], folder)
        seconds = seconds_of(lambda: found.update(losses(net.input_name, columns, folder)))
    return QdqLoss(seconds, peak_memory_mib(), len(found))


def write_models(net: FloatGraph, columns: NDArray[Any], folder: Path) -> None:
    """Write the float model and the quantized one."""
    (folder / FLOAT).write_bytes(to_onnx(net))
    quantize_static(
        folder / FLOAT,
        folder / QDQ,
        _Reader(net.input_name, columns),
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def losses(input_name: str, columns: NDArray[Any], folder: Path) -> Losses:
    """The steps that its documentation names."""
    collected = []
    for model in (FLOAT, QDQ):
        augmented = folder / f"{AUGMENTED}_{model}"
        steps.modify_model_output_intermediate_tensors(folder / model, augmented)
        reader = _Reader(input_name, columns)
        collected.append(steps.collect_activations(str(augmented), reader))
    floats, quantized = collected
    matching = steps.create_activation_matching(quantized, floats)
    return {str(name): found for name, found in steps.compute_activation_error(matching).items()}


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Images one by one."""

    def __init__(self, input_name: str, columns: NDArray[Any]) -> None:
        self._batches = _one_by_one(input_name, columns)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next image, or None after the last."""
        return next(self._batches, None)


def _one_by_one(input_name: str, columns: NDArray[Any]) -> Iterator[dict[str, NDArray[np.float32]]]:
    for index in range(len(columns)):
        yield {input_name: columns[index : index + 1].astype(np.float32)}
