"""Samples through a model that takes them one by one, in batches of one size, or all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.references import OPEN, Arrays

LARGEST = 16  # samples at once, where the file leaves it open
Call = Callable[[dict[str, NDArray[Any]]], Sequence[NDArray[Any]]]


def in_batches(
    call: Call, samples: Arrays, names: Sequence[str], size: int
) -> dict[str, NDArray[np.float32]]:
    """What a model gives for all samples.

    Parameters
    ----------
    call : runs the model on a batch; gives one array for each of `names`.
    samples : by name of the input; the first axis is that of the samples.
    size : that the model takes at once; 0 where it leaves it open.

    Raises
    ------
    ValueError : arrays of single samples do not fit together.
    """
    count = len(next(iter(samples.values())))
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names}
    step = size if size != OPEN else min(LARGEST, count)
    start = 0
    while start < count:
        batch = {
            name: _of_size(array[start : start + step], size) for name, array in samples.items()
        }
        given = min(step, count - start)
        try:
            results = call(batch)
        except Exception:
            # Exporters write the batch of one that they traced into the shapes inside.
            if size != OPEN or step == 1:
                raise
            step = 1
            continue
        for name, result in zip(names, results, strict=True):
            found[name].append(
                _by_sample(np.asarray(result), len(next(iter(batch.values()))))[:given]
            )
        start += step
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _of_size(array: NDArray[Any], size: int) -> NDArray[Any]:
    """A batch that is filled up by its last sample."""
    missing = max(size - len(array), 0)
    return np.concatenate([array, *[array[-1:]] * missing]) if missing else array


def _by_sample(result: NDArray[Any], count: int) -> NDArray[np.float32]:
    values = result.astype(np.float32, copy=False)
    if values.ndim and len(values) == count:
        return values
    if count == 1:
        return values[np.newaxis]
    # Heads fold the batch into another axis, or leave it out.
    return values.reshape(count, -1)
