"""The calibration set: one array of samples for each input of the network.

An npy file serves a network with one input; an npz file holds one array per input; what else may
hold samples is found by `utils.dataset.sources`. All are read in batches, so that memory does not
grow with the number of samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.appended import refuse_appended
from utils.dataset.arrays import StoredArray, open_npy, unreadable_as_dataset_error
from utils.dataset.facts import ARRAY_FILE, DatasetFacts, InputInfo
from utils.dataset.headers import ArrayHeader, UnusableValuesError
from utils.dataset.input_names import match_names
from utils.dataset.npz_inputs import npz_arrays
from utils.dataset.read_as import ReadAs
from utils.dataset.refusals import count_refusal, shape_refusal, single_array_refusal
from utils.dataset.sources.opening import open_source
from utils.dataset.sources.source import without_effect
from utils.dataset.stamps import LOOKED_AT_PER_BATCH, Stamp, check_unchanged, stamps_of
from utils.dataset.unusable_values import values_refusal
from utils.errors import DatasetError
from utils.files.glimpse import ZIP
from utils.har.network import Layer, Shape

# Squares of larger values overflow float32, in which the network is run and measured.
LARGEST_VALUE = 1e18
BATCH_BYTES = 32 << 20
LOOKED_AT = 8  # samples, of an array whose shape does not fit


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
    stamps : of their files, when these were found.
    """

    arrays: Mapping[str, StoredArray] = field(default_factory=dict)
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def facts(self) -> DatasetFacts:
        """What is known without the samples."""
        return DatasetFacts(
            **{each.name: getattr(self, each.name) for each in fields(DatasetFacts)}
        )

    @property
    def bounded_batch_size(self) -> int:
        """Samples of a batch of bounded size, for those that are only looked at or copied."""
        size = sum(a.header.nbytes // max(a.header.shape[0], 1) for a in self.arrays.values())
        return max(1, BATCH_BYTES // max(size, 1))

    def batches(self, batch_size: int, chosen: NDArray[np.int64] | None = None) -> Iterator[Batch]:
        """Samples in order, each read once: (n, H, W, C) by input.

        Parameters
        ----------
        batch_size : samples per batch, at least 1; the last batch may have fewer.
        chosen : ascending indices of samples in the file, by default of those that are used.

        Raises
        ------
        DatasetError : the file is damaged behind its headers, or was changed since it was found.
        """
        is_looked_at = len(self.stamps) <= LOOKED_AT_PER_BATCH
        try:
            for batch in self._batches(self.indices if chosen is None else chosen, batch_size):
                if is_looked_at:
                    check_unchanged(self.stamps)
                yield batch
        except DatasetError:
            check_unchanged(self.stamps)  # which tells more than the damage that came of it
            raise
        check_unchanged(self.stamps)

    def _batches(self, indices: NDArray[np.int64], batch_size: int) -> Iterator[Batch]:
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
    read_as: ReadAs | None = None,
) -> CalibrationSet:
    """Find each input's array and check its type and shape; no samples are read yet.

    Parameters
    ----------
    path : npy or npz file, or what else `open_source` finds samples in.
    inputs : the network's input layers.
    count : how many samples to use at most; at least 1.
    converted : shape of a sample, by input, that fits as well as the input's own.
    whole : files of no more samples than this are used as a whole.
    read_as : what the user decides about pictures and raw values.

    Raises
    ------
    DatasetError : the file cannot be read, or does not fit the inputs.
    """
    if not inputs:
        raise DatasetError(
            "The network has no input layer",
            evidence=path,
            remedy="Pass an archive of a network with inputs.",
        )
    how = read_as or ReadAs()
    source = open_source(path, inputs, converted or {}, how, match_names)
    names: dict[str, str] = {}
    if source is None:
        found, notes = _found(path, inputs, converted or {})
        arrays = {name: array for name, (_, array) in found.items()}
        names = {name: own for name, (own, _) in found.items()}
    else:
        arrays, notes = dict(source.arrays), source.notes
    headers = {name: array.header for name, array in arrays.items()}
    shapes = _fitting_shapes(inputs, headers, converted or {})
    if len(shapes) < len(inputs):
        unfit = {name: array for name, array in arrays.items() if name not in shapes}
        raise shape_refusal(path, inputs, names, headers, shapes, _some(unfit))
    if len({header.shape[0] for header in headers.values()}) > 1:
        raise count_refusal(path, inputs, names, headers)
    number = headers[inputs[0].name].shape[0]
    kind = source.kind if source else ARRAY_FILE
    unused = without_effect(how, kind)
    return CalibrationSet(
        path=path,
        samples=number,
        used=number if number <= max(count, whole) else count,
        inputs={
            name: InputInfo(shape, headers[name].native_dtype.name, names.get(name, ""))
            for name, shape in shapes.items()
        },
        arrays=arrays,
        stamps=stamps_of(file for array in arrays.values() for file in array.files),
        notes=(*notes, unused) if unused else notes,
        kind=kind,
        names=source.names if source else (),
    )


def _some(arrays: Mapping[str, StoredArray]) -> dict[str, NDArray[Any]]:
    """The first samples of arrays, as far as they can be read."""
    found = {}
    for name, array in arrays.items():
        count = min(array.header.shape[0], LOOKED_AT)
        if not 0 < count * array.header.nbytes <= BATCH_BYTES * array.header.shape[0]:
            continue
        first = np.arange(count)
        with suppress(DatasetError), closing(array.batches(first, LOOKED_AT)) as batches:
            found[name] = next(batches)
    return found


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
    if _is_zip(path):
        return npz_arrays(path, inputs, converted)
    try:
        array = open_npy(path)
    except UnusableValuesError as error:
        raise values_refusal(path, error, inputs) from error
    refuse_appended(path, array.header, inputs)
    if len(inputs) > 1:
        raise single_array_refusal(path, array.header, inputs)
    return {inputs[0].name: ("", array)}, ()


def _is_zip(path: str) -> bool:
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        return stream.read(len(ZIP[0])) in ZIP
