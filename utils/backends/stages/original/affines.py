"""Why samples enter the archive otherwise than the original, in the terms of normalization."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from utils.facts.normalization_recipes import UNIT_RANGE
from utils.stages.runs import Samples
from utils.wording import rounded

WHITE = UNIT_RANGE.std[0]
NEAR = 0.01  # constants are rounded by hand

Line = tuple[NDArray[np.float64], NDArray[np.float64]]  # factor and offset of every channel


def normalization_word(
    raw: Samples, wanted: Mapping[str, NDArray[np.float32]], has: Mapping[str, NDArray[np.float32]]
) -> tuple[str, str]:
    """What is wrong with the preparation of the samples, and its numbers as a clause.

    Parameters
    ----------
    raw : the samples as they were given.
    wanted : as the original takes them.
    has : as the archive's network gets them.
    """
    for name, values in wanted.items():
        between, script, right = (
            _line(first, second)
            for first, second in (
                (has[name], values),
                (np.asarray(raw[name]), has[name]),
                (np.asarray(raw[name]), values),
            )
        )
        if _is_identity(between):
            continue
        return _word(between, script, right), _said(has[name], values)
    return "other-normalization", ""


def _word(between: Line, script: Line, right: Line) -> str:
    factor, offset = between
    is_scale = np.allclose(factor, factor[0], rtol=NEAR) and _is_small(offset, factor)
    if is_scale and any(np.isclose(factor[0], f, rtol=NEAR) for f in (WHITE, 1 / WHITE)):
        return "scale-255"
    if _is_identity(script):
        return "normalization-missing"
    if _is_identity(right) or _are_alike(_twice(right), script):
        return "normalization-twice"
    return "other-normalization"


def _line(first: NDArray[np.generic], second: NDArray[np.generic]) -> Line:
    """Factor and offset of each channel that lead from one to the other."""
    channels = first.shape[-1]
    x, y = (np.asarray(a, np.float64).reshape(-1, channels) for a in (first, second))
    centred = x - x.mean(axis=0)
    energy = np.square(centred).sum(axis=0)
    slope = (centred * (y - y.mean(axis=0))).sum(axis=0) / np.where(energy, energy, 1.0)
    factor = np.where(energy > 0, slope, 1.0)
    return factor, y.mean(axis=0) - factor * x.mean(axis=0)


def _is_identity(line: Line) -> bool:
    factor, offset = line
    return bool(np.allclose(factor, 1.0, rtol=NEAR)) and _is_small(offset, factor)


def _is_small(offset: NDArray[np.float64], factor: NDArray[np.float64]) -> bool:
    """Whether an offset is nothing against the values that the factor makes."""
    return bool(np.all(np.abs(offset) <= NEAR * np.maximum(np.abs(factor), 1e-12)))


def _twice(line: Line) -> Line:
    factor, offset = line
    return factor * factor, factor * offset + offset


def _are_alike(one: Line, other: Line) -> bool:
    return all(np.allclose(a, b, rtol=NEAR, atol=NEAR) for a, b in zip(one, other, strict=True))


def _said(has: NDArray[np.float32], wanted: NDArray[np.float32]) -> str:
    ours, theirs = (
        f"{rounded(float(a.min()))} to {rounded(float(a.max()))}" for a in (has, wanted)
    )
    return f"the archive computes with values of {ours}, the original with {theirs}"
