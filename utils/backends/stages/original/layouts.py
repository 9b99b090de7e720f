"""How a tensor lies in the original model, where the archive has (height, width, channels)."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.closeness import (
    EQUAL_DB,
    Floats,
    closeness,
    is_clearly_closer,
    is_same,
)
from utils.har.network import Shape
from utils.references import OPEN

Order = tuple[int, int, int]  # axes of (height, width, channels), as they follow in the original
CHANNELS_FIRST: Order = (2, 0, 1)
CHANNELS_LAST: Order = (0, 1, 2)
_TRANSPOSED: tuple[Order, ...] = ((2, 1, 0), (1, 0, 2))
_SAID: dict[Order, str] = {
    CHANNELS_FIRST: "channels first",
    CHANNELS_LAST: "",
    (2, 1, 0): "channels first, height and width exchanged",
    (1, 0, 2): "height and width exchanged",
    (0, 2, 1): "width and channels exchanged",
    (1, 2, 0): "height last",
}
MOST_CHANNELS = 1024  # whose order is looked for


@dataclass(frozen=True)
class Layout:
    """One way to read a tensor of the original.

    Parameters
    ----------
    shape : as the archive has it.
    order : of its axes in the original.
    is_flat : whether the original has fewer axes.
    channels : channel of the original for each of the archive; () where they have one order.
    """

    shape: Shape
    order: Order
    is_flat: bool = False
    channels: tuple[int, ...] = ()

    def read(self, values: NDArray[np.float32]) -> Floats:
        """A tensor of the original, (samples, ...), as (samples, height, width, channels)."""
        sizes = [self.shape[axis] for axis in self.order]
        axes = [1 + place for place in np.argsort(self.order)]
        found: Floats = values.reshape(len(values), *sizes).transpose(0, *axes)
        if self.channels:
            found = found[..., list(self.channels)]
        return found

    def written(self, values: NDArray[np.float32], sizes: Sequence[int]) -> Floats:
        """A tensor of the archive as the original has it, (samples, *sizes)."""
        turned = values.transpose(0, *(1 + axis for axis in self.order))
        return np.ascontiguousarray(turned).reshape(len(values), *sizes)

    @property
    def is_transposed(self) -> bool:
        """Whether height and width are exchanged."""
        return self.order in _TRANSPOSED

    @property
    def said(self) -> str:
        """In words; "" where it lies as in the archive."""
        parts = [
            "flattened" if self.is_flat else "",
            _SAID[self.order] if sum(size > 1 for size in self.shape) > 1 else "",
            "channels in another order" if self.channels else "",
        ]
        return ", ".join(filter(None, parts))


def layouts(sizes: Sequence[int], shape: Shape, *, is_channels_first: bool) -> tuple[Layout, ...]:
    """All ways to read a tensor, the most usual one first; () where the sizes do not fit.

    Parameters
    ----------
    sizes : of one sample in the original; an open one (0) fits whatever there is.
    shape : as the archive has it.
    """
    found: dict[tuple[int, ...], Layout] = {}
    fitting = list(_fitting(sizes, shape))
    usual = CHANNELS_FIRST if is_channels_first else CHANNELS_LAST
    fitting.sort(key=lambda order: (order != usual, order in _TRANSPOSED))
    is_flat = len([size for size in sizes if size != 1]) < len([size for size in shape if size > 1])
    for order in fitting:
        # Axes of one value may stand anywhere.
        found.setdefault(tuple(a for a in order if shape[a] > 1), Layout(shape, order, is_flat))
    return tuple(found.values())


def _fitting(sizes: Sequence[int], shape: Shape) -> Iterator[Order]:
    for order in _SAID:
        if _follows(sizes, [shape[axis] for axis in order]):
            yield order


def _follows(sizes: Sequence[int], ordered: Sequence[int]) -> bool:
    """Whether axes of one tensor are those of another, some of them joined, or split."""
    if OPEN in sizes:
        return settled(sizes, ordered) is not None
    if math.prod(sizes) != math.prod(ordered):
        return False
    ours, theirs = (set(itertools.accumulate(s, operator.mul)) for s in (ordered, sizes))
    return ours <= theirs or theirs <= ours


def settled(sizes: Sequence[int], ordered: Sequence[int]) -> tuple[int, ...] | None:
    """Sizes without open ones; None where they do not fit.

    Parameters
    ----------
    ordered : height, width and channels, as they follow in the original.
    """
    if OPEN not in sizes:
        return tuple(sizes)
    if len(sizes) != len(ordered):  # axes of one value are left out, or added
        ordered = [size for size in ordered if size > 1]
        places = [index for index, size in enumerate(sizes) if size != 1]
        if len(places) != len(ordered):
            return None
        whole = [1] * len(sizes)
        for place, size in zip(places, ordered, strict=True):
            whole[place] = size
        ordered = whole
    if any(size not in (OPEN, own) for size, own in zip(sizes, ordered, strict=True)):
        return None
    return tuple(ordered)


def best_layout(
    values: NDArray[np.float32], own: Floats, candidates: Sequence[Layout]
) -> tuple[Layout, float]:
    """The way to read a tensor in which it comes nearest to the archive's, and how near.

    Of ways that say nothing the first, which is the most usual one.
    """
    best, best_db = candidates[0], closeness(candidates[0].read(values), own)
    for layout in candidates[1:]:
        if is_same(best_db):
            return best, best_db
        found_db = closeness(layout.read(values), own)
        if found_db > 0 and is_clearly_closer(found_db, best_db):
            best, best_db = layout, found_db
    if not is_same(best_db):
        reordered = _reordered(candidates[0], values, own)
        if reordered is not None:
            return reordered
    return best, best_db


def _reordered(
    layout: Layout, values: NDArray[np.float32], own: Floats
) -> tuple[Layout, float] | None:
    """The same with channels in another order, where that makes both equal."""
    channels = layout.shape[2]
    if not 1 < channels <= MOST_CHANNELS:
        return None
    theirs, ours = (a.reshape(-1, channels).astype(np.float64) for a in (layout.read(values), own))
    if len(ours) < 2 or not (np.isfinite(theirs).all() and np.isfinite(ours).all()):
        return None
    distances = (
        np.square(ours).sum(axis=0)[:, np.newaxis]
        + np.square(theirs).sum(axis=0)
        - 2 * ours.T @ theirs
    )
    order = tuple(int(place) for place in distances.argmin(axis=1))
    if len(set(order)) != channels or order == tuple(range(channels)):
        return None
    found = replace(layout, channels=order)
    found_db = closeness(found.read(values), own)
    return (found, found_db) if found_db >= EQUAL_DB else None
