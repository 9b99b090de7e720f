"""What a host made of outputs before it kept them, so that they no longer have their shapes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import Dumped
from utils.device_outputs.expected import Expected
from utils.stages import Reason
from utils.stages.runs import Samples
from utils.wording import listed, printable, without_scope

BOX_COLUMNS = (5, 6, 7)  # four sides, a score, a class, and the number of the frame
FEWEST_FALLING = 4  # samples that have scores; two boxes fall by chance in every other one
LEAST_SHARE = 0.8  # of places, whose largest class is the one that is kept


@dataclass(frozen=True, eq=False)
class Unmatched:
    """What is left on both sides.

    Parameters
    ----------
    outputs : of the archive, for which a dump has nothing.
    arrays : of the dump, which are no output.
    samples : that were run, by name of the input layer.
    """

    outputs: Sequence[Expected]
    arrays: Sequence[Dumped]
    samples: Samples


def processed(unmatched: Unmatched) -> tuple[Reason, ...]:
    """What became of the outputs, the first thing that is found; () where nobody knows."""
    for look in (_input_kept, _classes_kept, _joined, _boxes_kept, _resized, _other_channels):
        found = tuple(look(unmatched))
        if found:
            return found[:1]
    return ()


def _input_kept(unmatched: Unmatched) -> Iterator[Reason]:
    """An array that is the samples of an input."""
    layers = tuple(output.layer for output in unmatched.outputs)
    for array in unmatched.arrays:
        for name, values in unmatched.samples.items():
            if array.array.shape == values.shape and np.array_equal(array.array, values):
                evidence = f"{_called(array)} holds the samples of {without_scope(name)}"
                yield Reason("input-kept", evidence, layers=layers)


def _classes_kept(unmatched: Unmatched) -> Iterator[Reason]:
    """Whole numbers without the axis of the channels, which are the largest of these.

    One number everywhere, as in a buffer that was never filled, is no class that was chosen.
    """
    for output in unmatched.outputs:
        *places, channels = output.values.shape
        for array in unmatched.arrays:
            held = array.array
            if channels < 2 or array.is_raw or held.size != math.prod(places):
                continue
            if not held.size or held.min() == held.max() or held.max() >= channels:
                continue
            if (held != np.rint(held)).any():
                continue
            largest = output.values.argmax(axis=-1).ravel()
            share = float((held.ravel() == largest).mean())
            if share >= LEAST_SHARE:
                evidence = (
                    f"{_called(array)} holds the number of the largest of {channels} channels at "
                    f"{share:.0%} of the places of {without_scope(output.layer)}"
                )
                yield Reason("classes-kept", evidence, layers=(output.layer,))


def _joined(unmatched: Unmatched) -> Iterator[Reason]:
    """One array with as many values as several outputs together."""
    outputs = unmatched.outputs
    total = sum(output.values.size for output in outputs)
    for array in unmatched.arrays if len(outputs) > 1 else ():
        if not array.is_raw and array.array.size == total:
            names = listed([without_scope(output.layer) for output in outputs], 6)
            evidence = f"{_called(array)} holds as many values as {names} together"
            yield Reason("outputs-joined", evidence, layers=tuple(o.layer for o in outputs))


def _boxes_kept(unmatched: Unmatched) -> Iterator[Reason]:
    """Rows of boxes by falling score, or such scores beside arrays of four sides."""
    sides = [a for a in unmatched.arrays if a.array.ndim == 3 and a.array.shape[2] == 4]
    for array in unmatched.arrays:
        held = array.array
        if array.is_raw or held.dtype.kind != "f" or not held.size:
            continue
        with_sides = any(a.array.shape[:2] == held.shape for a in sides)
        columns = [held] if held.ndim == 2 and with_sides else []
        if held.ndim == 3 and held.shape[2] in BOX_COLUMNS:
            columns = [held[:, :, place] for place in range(held.shape[2])]
        if any(map(_are_scores, columns)):
            layers = tuple(output.layer for output in unmatched.outputs)
            evidence = f"{_called(array)} holds scores that fall from box to box"
            yield Reason("boxes-kept", evidence, layers=layers)


def _are_scores(values: NDArray[Any]) -> bool:
    """Whether they fall from 1 or less to 0 or more in each sample, (samples, boxes)."""
    steps = np.diff(values, axis=1)
    is_falling = (steps < 0).any(axis=1)
    within = values.min() >= 0 and values.max() <= 1
    return bool(within and (steps <= 0).all() and is_falling.sum() >= FEWEST_FALLING)


def _resized(unmatched: Unmatched) -> Iterator[Reason]:
    """A map of other height and width, by one factor."""
    for output in unmatched.outputs:
        samples, height, width, channels = output.values.shape
        for array in unmatched.arrays:
            if array.is_raw or array.array.ndim not in (3, 4):
                continue
            for found in _sizes(array.array.shape, samples, channels):
                if height * width > 1 and found[0] * width == found[1] * height:
                    evidence = (
                        f"{_called(array)} is a map of {found[0]}x{found[1]}, and "
                        f"{without_scope(output.layer)} one of {height}x{width}"
                    )
                    yield Reason("outputs-resized", evidence, layers=(output.layer,))


def _other_channels(unmatched: Unmatched) -> Iterator[Reason]:
    """An array that is an output but for how many channels there are."""
    for output in unmatched.outputs:
        *places, channels = output.values.shape
        wanted = [size for size in places if size != 1]
        for array in unmatched.arrays:
            sizes = [size for size in array.array.shape if size != 1]
            if not array.is_raw and len(sizes) > 1 and sizes[:-1] == wanted:
                evidence = (
                    f"{_called(array)} has {sizes[-1]} channels, and {without_scope(output.layer)} "
                    f"has {channels}"
                )
                yield Reason("other-channels", evidence, layers=(output.layer,))


def _sizes(shape: tuple[int, ...], samples: int, channels: int) -> Iterator[tuple[int, int]]:
    """Height and width of a map, with the channels last or first, or none where there is one."""
    if shape[0] != samples:
        return
    if len(shape) == 3:
        if channels == 1:
            yield shape[1], shape[2]
    elif shape[3] == channels:
        yield shape[1], shape[2]
    elif shape[1] == channels:
        yield shape[2], shape[3]


def _called(array: Dumped) -> str:
    return printable(array.described)
