"""The calibration set: one array of samples for each input of the network.

An npy file serves a network with one input; an npz file holds one array per input. Both are read
in batches, so that memory does not grow with the number of samples.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.arrays import StoredArray, open_npy, unreadable_as_dataset_error
from utils.dataset.facts import DatasetFacts, InputInfo
from utils.dataset.headers import ArrayHeader, UnusableValuesError
from utils.dataset.npz_inputs import npz_arrays
from utils.dataset.refusals import count_refusal, shape_refusal, single_array_refusal
from utils.dataset.unusable_values import values_refusal
from utils.errors import DatasetError
from utils.har.network import Layer, Shape

# Squares of larger values overflow float32, in which the network is run and measured.
LARGEST_VALUE = 1e18
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # with members, without


Batch = Mapping[str, NDArray[Any]]  # samples (n, ...) by scoped name of the input layer


def sample_count(batch: Batch) -> int:
    """Number of samples in a batch."""
    return len(next(iter(batch.values())))


@dataclass(frozen=True)
class CalibrationSet(DatasetFacts):
    """Samples on disk that fit the network's inputs; `batches` yields those that are used.

    Parameters
    ----------
    arrays : where the samples lie, by scoped name of the input layer.
    """

    arrays: Mapping[str, StoredArray] = field(default_factory=dict)

    @property
    def facts(self) -> DatasetFacts:
        """What is known without the samples."""
        return DatasetFacts(self.path, self.samples, self.used, self.inputs, self.notes)

    def batches(self, batch_size: int, chosen: NDArray[np.int64] | None = None) -> Iterator[Batch]:
        """Samples in order, each read once: (n, H, W, C) by input.

        Parameters
        ----------
        batch_size : samples per batch, at least 1; the last batch may have fewer.
        chosen : ascending indices of samples in the file, by default of those that are used.

        Raises
        ------
        DatasetError : the file is damaged behind its headers.
        """
        indices = self.indices if chosen is None else chosen
        with ExitStack() as stack:
            streams = [
                stack.enter_context(closing(array.batches(indices, batch_size)))
                for array in self.arrays.values()
            ]
            for batch in zip(*streams, strict=True):
                yield dict(zip(self.arrays, batch, strict=True))


def open_dataset(
    path: str,
    inputs: Sequence[Layer],
    count: int,
    converted: Mapping[str, Shape] | None = None,
    whole: int = 0,
) -> CalibrationSet:
    """Find each input's array and check its type and shape; no samples are read yet.

    Parameters
    ----------
    path : npy or npz file.
    inputs : the network's input layers.
    count : how many samples to use at most; at least 1.
    converted : shape of a sample, by input, that fits as well as the input's own.
    whole : files of no more samples than this are used as a whole.

    Raises
    ------
    DatasetError : the file cannot be read, or does not fit the inputs.
    """
    found, notes = _found(path, inputs, converted or {})
    headers = {name: array.header for name, (_, array) in found.items()}
    names = {name: own for name, (own, _) in found.items()}
    shapes = _fitting_shapes(inputs, headers, converted or {})
    if len(shapes) < len(inputs):
        raise shape_refusal(path, inputs, names, headers, shapes)
    if len({header.shape[0] for header in headers.values()}) > 1:
        raise count_refusal(path, inputs, names, headers)
    number = headers[inputs[0].name].shape[0]
    return CalibrationSet(
        path=path,
        samples=number,
        used=number if number <= max(count, whole) else count,
        inputs={
            name: InputInfo(shape, headers[name].native_dtype.name, names[name])
            for name, shape in shapes.items()
        },
        arrays={name: array for name, (_, array) in found.items()},
        notes=notes,
    )


def _fitting_shapes(
    inputs: Sequence[Layer], headers: Mapping[str, ArrayHeader], converted: Mapping[str, Shape]
) -> dict[str, Shape]:
    """Shape of a sample by input, as far as the arrays have one that fits."""
    fitting: dict[str, Shape] = {}
    for layer in inputs:
        got = headers[layer.name].shape[1:]
        for shape in (converted.get(layer.name), layer.output_shape):
            if got == shape:
                fitting.setdefault(layer.name, shape)
    return fitting


def _found(
    path: str, inputs: Sequence[Layer], converted: Mapping[str, Shape]
) -> tuple[dict[str, tuple[str, StoredArray]], tuple[str, ...]]:
    """Array of each input with its name in the file, and what was ignored."""
    if not inputs:
        raise DatasetError(
            "The network has no input layer",
            evidence=path,
            remedy="Pass an archive of a network with inputs.",
        )
    _check_is_file(path)
    if _is_zip(path):
        return npz_arrays(path, inputs, converted)
    try:
        array = open_npy(path)
    except UnusableValuesError as error:
        raise values_refusal(path, error, inputs) from error
    if len(inputs) > 1:
        raise single_array_refusal(path, array.header, inputs)
    return {inputs[0].name: ("", array)}, ()


def _check_is_file(path: str) -> None:
    if not os.path.exists(path):
        raise DatasetError(
            "The data file does not exist",
            evidence=path,
            remedy="Pass the path of an npy or npz file with -d.",
        )
    if not os.path.isfile(path):
        raise DatasetError(
            "The data are not a regular file",
            evidence=path,
            remedy="Pass an npy or npz file with -d.",
        )


def _is_zip(path: str) -> bool:
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        return stream.read(len(ZIP_MAGICS[0])) in ZIP_MAGICS
