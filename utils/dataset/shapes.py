"""Arrays that do not have an input's shape: what differs, and the line of numpy that mends it.

A line is offered only where moving, adding or removing axes is enough. Where several lines fit,
all are given, the most likely first: that images came as (samples, channels, height, width).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from utils.har.network import Shape
from utils.wording import listed, plural

Axes = tuple[int | None, ...]  # positions in the array at hand; None is an axis that is added

IN_PLACE = (1, 2, 3)
# Orders of the axes behind the samples, the most usual mistakes first: channels before height
# and width, width before height, both.
PERMUTATIONS = (IN_PLACE, (2, 3, 1), (2, 1, 3), (3, 2, 1), (1, 3, 2), (3, 1, 2))
# Where an axis is missing: the samples, the channels, the height, the width.
INSERTIONS = {
    0: "[np.newaxis]",
    3: "[..., np.newaxis]",
    1: "[:, np.newaxis]",
    2: "[:, :, np.newaxis]",
}
# Where an axis of size 1 is too many: batches of one, a list of one array, a trailing axis.
REMOVALS = {1: "[:, 0]", 0: "[0]", 4: "[..., 0]"}


def shape_difference(got: tuple[int, ...], expected: Shape) -> str:
    """Part of a sentence: the shape expected, and the shape that came.

    Parameters
    ----------
    got : shape of the whole array, samples first.
    expected : (height, width, channels) of one sample.
    """
    height, width, channels = expected
    return f"expected (samples, {height}, {width}, {channels}), got {got}"


def shape_remedy(got: tuple[int, ...], expected: Shape) -> str:
    """What mends it, as an imperative sentence without its end; shapes as above."""
    lines = mending_lines(got, expected)
    if lines:
        return f"save the array after `{lines[0]}`{_remark(lines, got, expected)}"
    height, width, channels = expected
    if len(got) != len(IN_PLACE) + 1:
        return f"save samples of {height} x {width} with {plural(channels, 'channel')}"
    steps = []
    if got[1] == channels != got[3]:
        got = (got[0], *got[2:], got[1])
        steps.append(f"move the channels to the end with `x = x{_transpose((2, 3, 1))}`")
    if got[1:3] != (height, width):
        steps.append(f"resize the samples to {height} x {width}")
    if got[3] != channels:
        steps.append(f"give them {plural(channels, 'channel')}")
    return listed(steps)


def _remark(lines: tuple[str, ...], got: tuple[int, ...], expected: Shape) -> str:
    others = " or ".join(f"`{line}`" for line in lines[1:])
    if _is_flat(got, expected):
        condition = " if its values are in the order height, width, channels"
        return condition + (f", or {others} if the channels come first" if others else "")
    remarks = []
    if ".transpose" in lines[0] and not _only_unit_axes_differ(got, expected):
        remarks.append("a reshape would scramble the values")
    if others:
        remarks.append(f"axes have equal size, so that {others} fits as well")
    return f" ({', and '.join(remarks)})" if remarks else ""


def mending_lines(got: tuple[int, ...], expected: Shape) -> tuple[str, ...]:
    """All lines that turn array ``x`` into (samples, H, W, C) with different results.

    Empty where the shape is right already, and where axes alone do not mend it.
    """
    if got[1:] == expected or not got:
        return ()
    return tuple(f"x = x{change}" for change in _changes(got, expected))


def _changes(got: tuple[int, ...], expected: Shape) -> Iterator[str]:
    only_unit_axes_differ = _only_unit_axes_differ(got, expected)
    is_vector = len(_sizes(expected)) <= 1
    if only_unit_axes_differ and is_vector and len(got) != 4:
        yield _reshape(*expected)  # what one would write for vectors, rather than [:, np.newaxis]
    elif moves := _moves(got, expected):
        yield from moves
    elif only_unit_axes_differ:
        yield _reshape(*expected)
    elif _is_flat(got, expected):
        height, width, channels = expected
        yield _reshape(*expected)
        if channels > 1:
            yield _reshape(channels, height, width) + _transpose((2, 3, 1))


def _moves(got: tuple[int, ...], expected: Shape) -> list[str]:
    by_effect: dict[Axes, str] = {}
    in_place: list[str] = []
    for axes, change in _four_axes(got):
        shape = tuple(1 if axis is None else got[axis] for axis in axes)
        for order in PERMUTATIONS:
            if tuple(shape[i] for i in order) != expected:
                continue
            if order == IN_PLACE:
                in_place.append(change)
            # Axes of size 1 hold no order: lines that differ only there do the same.
            moved = (axes[0], *(axes[i] for i in order))
            effect = tuple(axis for axis in moved if axis is not None and got[axis] != 1)
            by_effect.setdefault(effect, change + _transpose(order))
    # Axes that are in place are not suspected, although equal sizes might be swapped.
    return in_place[:1] or list(by_effect.values())


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


def _transpose(order: tuple[int, ...]) -> str:
    return f".transpose{(0, *order)}"


def _reshape(*sizes: int) -> str:
    return f".reshape{(-1, *sizes)}"


def _only_unit_axes_differ(got: tuple[int, ...], expected: Shape) -> bool:
    return _sizes(expected) in (_sizes(got), _sizes(got[1:]))


def _sizes(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _is_flat(got: tuple[int, ...], expected: Shape) -> bool:
    in_rows = len(got) <= 2 and got[-1] == prod(expected)
    return in_rows and len(_sizes(expected)) > 1
