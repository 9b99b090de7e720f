"""Arrays that do not have an input's shape: the lines of numpy that move, add and join axes.

Values stay what they are, and each of them is kept. Where several lines fit, all are given, the
most likely first: that images came as (samples, channels, height, width).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from math import prod

from utils.har.image_like import is_image_shaped
from utils.har.network import Shape

Axes = tuple[int | None, ...]  # positions in the array at hand; None is an axis that is added

IN_PLACE = (1, 2, 3)
CHANNELS_FIRST = (2, 3, 1)
# Orders of the axes behind the samples, the most usual mistakes first: channels before height
# and width, width before height, both.
PERMUTATIONS = (IN_PLACE, CHANNELS_FIRST, (2, 1, 3), (3, 2, 1), (1, 3, 2), (3, 1, 2))
# Where an axis is missing: the samples, the channels, the height, the width.
INSERTIONS = {
    0: "[np.newaxis]",
    3: "[..., np.newaxis]",
    1: "[:, np.newaxis]",
    2: "[:, :, np.newaxis]",
}
# Where an axis of size 1 is too many: batches of one, a list of one array, a trailing axis.
REMOVALS = {1: "[:, 0]", 0: "[0]", 4: "[..., 0]"}
MOST_AXES = 6  # more have too many orders to try


def shape_difference(got: tuple[int, ...], expected: Shape) -> str:
    """Part of a sentence: the shape expected, and the shape that came.

    Parameters
    ----------
    got : shape of the whole array, samples first.
    expected : (height, width, channels) of one sample.
    """
    height, width, channels = expected
    return f"expected (samples, {height}, {width}, {channels}), got {got}"


def mending_lines(got: tuple[int, ...], expected: Shape) -> tuple[str, ...]:
    """All lines that turn array ``x`` into (samples, H, W, C) with different results.

    Empty where the shape is right already, and where axes alone do not mend it. Shapes as above.
    """
    if got[1:] == expected or not got or 0 in got or len(got) > MOST_AXES:
        return ()
    return tuple(f"x = x{change}" for change in _changes(got, expected))


def only_unit_axes_differ(got: tuple[int, ...], expected: Shape) -> bool:
    """Whether a shape is the expected one but for axes of size 1; shapes as above."""
    return _sizes(expected) in (_sizes(got), _sizes(got[1:]))


def _changes(got: tuple[int, ...], expected: Shape) -> Iterator[str]:
    only_units = only_unit_axes_differ(got, expected)
    is_vector = len(_sizes(expected)) <= 1
    if only_units and is_vector and len(got) != 4:
        yield _reshape(*expected)  # what one would write for vectors, rather than [:, np.newaxis]
    elif moves := _moves(got, expected):
        yield from moves
    elif only_units:
        yield _reshape(*expected)
    elif joins := [*_joins(got, expected)]:
        yield from joins
    else:
        yield from _samples_first(got, expected)


def _moves(got: tuple[int, ...], expected: Shape) -> list[str]:
    by_effect: dict[Axes, str] = {}
    in_place: list[str] = []
    for axes, change in _four_axes(got):
        shape = tuple(1 if axis is None else got[axis] for axis in axes)
        for order in PERMUTATIONS:
            if tuple(shape[i] for i in order) != expected or _lays_down(order, expected):
                continue
            if order == IN_PLACE:
                in_place.append(change)
            # Axes of size 1 hold no order: lines that differ only there do the same.
            moved = (axes[0], *(axes[i] for i in order))
            effect = tuple(axis for axis in moved if axis is not None and got[axis] != 1)
            by_effect.setdefault(effect, change + _transpose(order))
    # Axes that are in place are not suspected, although equal sizes might be swapped.
    return in_place[:1] or list(by_effect.values())


def _lays_down(order: tuple[int, ...], expected: Shape) -> bool:
    """Whether it would exchange height and width of pictures.

    Where these came exchanged, somebody resized to (height, width) instead of (width, height):
    the pictures are stretched, and a transpose would lay them on their sides.
    """
    return is_image_shaped(expected) and order[0] > order[1]


def _four_axes(got: tuple[int, ...]) -> Iterator[tuple[Axes, str]]:
    """Ways to come to four axes: which of `got` they are, and the code."""
    every = tuple(range(len(got)))
    if len(got) == 3:
        for position, change in INSERTIONS.items():
            yield (*every[:position], None, *every[position:]), change
    elif len(got) == 4:
        yield every, ""
    elif len(got) == 5:
        for position, change in REMOVALS.items():
            if got[position] == 1:
                yield (*every[:position], *every[position + 1 :]), change
        if 1 not in got[:2]:
            yield (0, 2, 3, 4), _reshape(*got[2:])  # a list of equal batches


def _joins(got: tuple[int, ...], expected: Shape) -> Iterator[str]:
    """Axes that were joined or split, with the values in their order, or channels first."""
    height, width, channels = expected
    if _sizes(expected) and (_is_cut_alike(got, expected) or _has_joined_rows(got, expected)):
        yield _reshape(*expected)
    if channels > 1 and height * width > 1 and _is_cut_alike(got, (channels, height, width)):
        yield _reshape(channels, height, width) + _transpose(CHANNELS_FIRST)


def _is_cut_alike(got: tuple[int, ...], sample: Shape) -> bool:
    """Whether samples lie one after the other in the array, each in the order of `sample`.

    So it is if every axis ends where one of `sample` does, or where samples end. That samples
    end somewhere has to show in an axis, unless all is in one.
    """
    size = prod(sample)
    own = {prod(sample[axis:]) for axis in range(len(sample) + 1)}
    ends = [prod(got[axis:]) for axis in range(1, len(got))]
    if prod(got) % size or not all(end in own or end % size == 0 for end in ends):
        return False
    return size in ends or len(got) == 1


def _has_joined_rows(got: tuple[int, ...], sample: Shape) -> bool:
    """Whether samples were joined along their first axis: pictures below one another."""
    first, *others = _sizes(sample)
    return bool(others) and list(_sizes(got)[1:]) == others and _sizes(got)[0] % first == 0


def _samples_first(got: tuple[int, ...], expected: Shape) -> Iterator[str]:
    """Orders of the axes that bring the samples to the front from where they are."""
    units = tuple(axis for axis, size in enumerate(got) if size == 1)
    others = tuple(axis for axis, size in enumerate(got) if size != 1)
    sizes = _sizes(expected)
    if len(others) != len(sizes) + 1 or not sizes:
        return
    for samples in (0, *reversed(others)):  # last, rather than in the middle
        rest = [axis for axis in others if axis != samples]
        found = [o for o in permutations(rest) if tuple(got[axis] for axis in o) == sizes]
        if is_image_shaped(expected):
            found = [order for order in found if order[0] < order[1]]
        if samples in others and found:
            yield from (_ordered((samples, *order, *units), got, expected) for order in found)
            return


def _ordered(order: tuple[int, ...], got: tuple[int, ...], expected: Shape) -> str:
    change = ".T" if order == (1, 0) else f".transpose{order}"
    is_there = tuple(got[axis] for axis in order[1:]) == expected
    return change if is_there else change + _reshape(*expected)


def _transpose(order: tuple[int, ...]) -> str:
    return f".transpose{(0, *order)}"


def _reshape(*sizes: int) -> str:
    return f".reshape{(-1, *sizes)}"


def _sizes(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)
