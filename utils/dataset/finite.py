"""Samples that cannot be computed with: NaN, infinity, and numbers too large for float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.dataset.arrays import NpyFile, NpzMember
from utils.dataset.calibration_set import (
    LARGEST_VALUE,
    Batch,
    CalibrationSet,
    sample_count,
)
from utils.dataset.facts import NAMES_LISTED
from utils.dataset.recipes.commands import Taken, command_for
from utils.dataset.recipes.shell_line import literal
from utils.dataset.recipes.steps import Kind, Step, in_words
from utils.errors import DatasetError
from utils.wording import listed, plural, without_scope

LEAVE_OUT = Step(Kind.LEAVE_OUT)
REPAIR_ALL = "Correct what makes or saves these values, as no sample is free of them."
NOT_FINITE = "The data hold NaN, infinity or values too large to compute with"


def finite_batches(
    calibration: CalibrationSet,
    batch_size: int,
    on_read: Callable[[Batch], object] = lambda batch: None,
    chosen: slice = slice(None),
) -> Iterator[Batch]:
    """Batches as long as all values are finite; then the rest is only searched.

    Parameters
    ----------
    calibration : its used samples are read, each once.
    batch_size : samples per batch, at least 1.
    on_read : called with every batch that is read, finite or not, before it is yielded.
    chosen : of the used samples, those that are read.

    Yields
    ------
    Every batch before the first that holds NaN or infinity.

    Raises
    ------
    DatasetError : after the last sample has been read, names all samples that are not finite;
        whatever was made of the batches before must not be used.
    """
    found: dict[str, list[int]] = {name: [] for name in calibration.inputs}
    indices, start = calibration.indices[chosen], 0
    for batch in calibration.batches(batch_size, indices):
        on_read(batch)
        for name, array in batch.items():
            found[name] += [int(indices[start + place]) for place in _not_finite(array)]
        start += sample_count(batch)
        if not any(found.values()):
            yield batch
    if any(found.values()):
        said = not_finite_in_words(found, len(indices), calibration.named)
        is_left = len(set().union(*found.values())) < len(indices)
        inputs = tuple(name for name, bad in found.items() if bad)
        which = f" of {listed(inputs)}" if len(found) > 1 else ""
        raise DatasetError(
            NOT_FINITE,
            finding_id="calibration-not-finite",
            evidence=f"{calibration.path}, {said}",
            remedy=f"Repair these samples{which}, or {in_words((LEAVE_OUT,))}."
            if is_left
            else REPAIR_ALL,
            command=_leaving_out(calibration) if is_left else "",
            inputs=inputs,
        )


def _leaving_out(calibration: CalibrationSet) -> str:
    """A line that leaves out samples for all inputs; "" where the data are no file of arrays."""
    names = {}
    for name, array in calibration.arrays.items():
        if not isinstance(array, (NpyFile, NpzMember)) or array.path != calibration.path:
            return ""
        if isinstance(array, NpzMember):
            names[without_scope(name)] = array.member.removesuffix(".npy")
        else:
            names[without_scope(name)] = ""
    if len(names) == 1:
        steps = (replace(LEAVE_OUT, code=f"x = x[{_usable('x')}]"),)
        return command_for(calibration.path, {n: Taken(own, steps) for n, own in names.items()})
    each = ", ".join(_usable(f"f[{literal(own)}]") for own in names.values())
    steps = (replace(LEAVE_OUT, code="x = x[ok]"),)
    return command_for(
        calibration.path,
        {name: Taken(own, steps) for name, own in names.items()},
        before=f"ok = np.all([{each}], axis=0)",
    )


def _usable(array: str) -> str:
    """An expression for which samples of an array can be computed with."""
    return f"(np.abs({array}) <= {LARGEST_VALUE:g}).reshape(len({array}), -1).all(axis=1)"


def _not_finite(array: NDArray[Any]) -> list[int]:
    if array.dtype.kind != "f":
        return []
    limit = array.dtype.type(min(LARGEST_VALUE, float(np.finfo(array.dtype).max)))
    usable = np.abs(array) <= limit  # never true of what is not a number
    if usable.all():
        return []
    return list(map(int, np.flatnonzero(~usable.reshape(len(array), -1).all(axis=1))))


def not_finite_in_words(
    found: Mapping[str, Sequence[int]], samples: int, named: Callable[[int], str] = str
) -> str:
    """Which samples are not finite, by input.

    Parameters
    ----------
    samples : how many there are.
    named : how one is told by its place.
    """
    number = len(set().union(*found.values()))
    where = "; ".join(
        f"{name}: samples {listed([named(index) for index in bad], NAMES_LISTED)}"
        for name, bad in found.items()
        if bad
    )
    return (
        f"not finite or beyond {LARGEST_VALUE:g} in {number:,} of {plural(samples, 'sample')}; "
        f"{where}, counted from 0"
    )
