"""The calibration set: one array of samples for each input of the network.

An npy file serves a network with one input; an npz file holds one array per input; what else may
hold samples is found by `utils.dataset.sources`. All are read in batches, so that memory does not
grow with the number of samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.arrays import (
    StoredArray,
    npz_members,
    open_npy,
    open_npz_member,
    unreadable_as_dataset_error,
)
from utils.dataset.facts import ARRAY_FILE, DatasetFacts, InputInfo
from utils.dataset.read_as import ReadAs
from utils.dataset.shapes import shape_difference, shape_remedy
from utils.dataset.sources.opening import open_source
from utils.dataset.sources.source import without_effect
from utils.errors import DatasetError
from utils.har.network import Layer, Shape
from utils.wording import listed

# Squares of larger values overflow float32, in which the network is run and measured.
LARGEST_VALUE = 1e18
BATCH_BYTES = 32 << 20
NAMES_LISTED = 10  # in messages, of lists that may be long
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
        raise DatasetError(f"{path} cannot be used: the network has no input layer")
    how = read_as or ReadAs()
    found = open_source(path, inputs, converted or {}, how, match_names)
    arrays, notes = (dict(found.arrays), found.notes) if found else _arrays(path, inputs)
    kind = found.kind if found else ARRAY_FILE
    unused = without_effect(how, kind)
    shapes = _checked_shapes(path, inputs, arrays, converted or {})
    samples = {name: array.header.shape[0] for name, array in arrays.items()}
    if len(set(samples.values())) > 1:
        counts = ", ".join(f"{number} for {name}" for name, number in samples.items())
        raise DatasetError(
            f"{path} holds different numbers of samples: {counts}; save as many for every input"
        )
    number = next(iter(samples.values()))
    return CalibrationSet(
        path=path,
        samples=number,
        used=number if number <= max(count, whole) else count,
        inputs={
            name: InputInfo(shape, arrays[name].header.native_dtype.name)
            for name, shape in shapes.items()
        },
        arrays=arrays,
        notes=(*notes, unused) if unused else notes,
        kind=kind,
        names=found.names if found else (),
    )


def _checked_shapes(
    path: str,
    inputs: Sequence[Layer],
    arrays: Mapping[str, StoredArray],
    converted: Mapping[str, Shape],
) -> dict[str, Shape]:
    fitting: dict[str, Shape] = {}
    differences: list[str] = []
    remedies: dict[str, str] = {}
    for layer in inputs:
        shape = arrays[layer.name].header.shape
        if shape[1:] == converted.get(layer.name):
            fitting[layer.name] = converted[layer.name]
        elif shape[1:] == layer.output_shape:
            fitting[layer.name] = layer.output_shape
        else:
            differences.append(f"{layer.name}: {shape_difference(shape, layer.output_shape)}")
            remedies[layer.name] = shape_remedy(shape, layer.output_shape)
    if differences:
        raise DatasetError(
            "The samples do not have the shape of the network's input",
            finding_id="calibration-shape",
            evidence=f"{path}, {'; '.join(differences)}",
            remedy=_remedy_in_words(remedies),
        )
    return fitting


def _remedy_in_words(remedies: Mapping[str, str]) -> str:
    """One sentence of what to do about each input; its name only where there are several."""
    if len(remedies) == 1:
        (remedy,) = remedies.values()
        return f"{remedy[0].upper()}{remedy[1:]}."
    return f"Of {', of '.join(f'{name} {remedy}' for name, remedy in remedies.items())}."


def _arrays(path: str, inputs: Sequence[Layer]) -> tuple[dict[str, StoredArray], tuple[str, ...]]:
    if _is_zip(path):
        return _npz_arrays(path, inputs)
    array = open_npy(path)
    if len(inputs) > 1:
        raise DatasetError(
            "The file holds one array, but the network has several inputs",
            finding_id="calibration-input-names",
            evidence=f"{path}, {len(inputs)} inputs",
            remedy=f"Save an npz file with arrays named {_listed(layer.name for layer in inputs)}.",
        )
    return {inputs[0].name: array}, ()


def _is_zip(path: str) -> bool:
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        return stream.read(len(ZIP_MAGICS[0])) in ZIP_MAGICS


def _npz_arrays(
    path: str, inputs: Sequence[Layer]
) -> tuple[dict[str, StoredArray], tuple[str, ...]]:
    members = npz_members(path)
    matched = match_names(tuple(members), inputs)
    missing = [layer for layer in inputs if layer.name not in matched]
    if missing:
        raise DatasetError(
            "The file lacks the array of an input",
            finding_id="calibration-input-names",
            evidence=f"{path} holds {_listed(members) or 'nothing'}; "
            f"missing: {_listed(layer.name for layer in missing)}",
            remedy="Name the arrays after the inputs: "
            f"{_listed(_accepted_names(layer) for layer in inputs)}.",
        )
    ignored = [name for name in members if name not in matched.values()]
    notes = (f"{path}: ignored {_listed(ignored)}, as no input takes it",) if ignored else ()
    arrays = {name: open_npz_member(path, members[own]) for name, own in matched.items()}
    return {layer.name: arrays[layer.name] for layer in inputs}, notes


def match_names(names: Sequence[str], inputs: Sequence[Layer]) -> dict[str, str]:
    """Name of an array by scoped name of the input that it is for; inputs without are absent.

    An array is named by the input's scoped name, its name without scope, or its name in the
    original model, taken in this order. A name that would serve two inputs serves neither. One
    array and one input belong together whatever the name.
    """
    if len(names) == len(inputs) == 1:
        return {inputs[0].name: names[0]}
    owners: dict[str, set[str]] = {}
    for layer in inputs:
        for alias in _aliases(layer):
            owners.setdefault(alias, set()).add(layer.name)
    matched: dict[str, str] = {}
    for layer in inputs:
        for alias in _aliases(layer):
            if alias in names and owners[alias] == {layer.name}:
                matched.setdefault(layer.name, alias)
    return matched


def _aliases(layer: Layer) -> tuple[str, ...]:
    return (layer.name, layer.base_name, *layer.original_names)


def _accepted_names(layer: Layer) -> str:
    # The scoped name is accepted too, but one name for it is enough to be told.
    return " or ".join(dict.fromkeys((layer.base_name, *layer.original_names)))


def _listed(names: Iterable[object]) -> str:
    return listed([str(name) for name in names], NAMES_LISTED)
