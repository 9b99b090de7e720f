"""All outputs of a dump beside those of the emulation, as trials change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import bounded
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.sampled import stride_over

Indices = NDArray[np.int64]
# Of so many values of a frame, frames can be told apart.
ENOUGH = 4096


@dataclass(frozen=True, eq=False)
class Pair:
    """One output.

    Parameters
    ----------
    expected : as it is emulated.
    given : what the dump holds, (samples, height, width, channels).
    """

    expected: Expected
    given: Numbers

    def taken(self, expected: Indices, given: Indices) -> Pair:
        """Some frames of both sides."""
        return Pair(self.expected.taken(expected), self.given[given])

    def holding(self, given: Numbers) -> Pair:
        """The same output with other values in the dump."""
        return replace(self, given=given)


Pairs = tuple[Pair, ...]


@dataclass(frozen=True, eq=False)
class Reordered:
    """Pairs after a trial.

    Parameters
    ----------
    pairs : frames or outputs as they belong together.
    evidence : a clause.
    layers : outputs that it is about; () of all.
    """

    pairs: Pairs
    evidence: str
    layers: tuple[str, ...] = ()


class OrderTrial(NamedTuple):
    """A fault in what belongs to what.

    Parameters
    ----------
    word : its name.
    undone : puts the pairs right; None where they show no such fault.
    """

    word: str
    undone: Callable[[Pairs], Reordered | None]


def frames(pairs: Sequence[Pair], *, in_one_unit: bool = False) -> tuple[Numbers, Numbers]:
    """Some values of every frame of the emulation and the dump, (samples, values) each.

    Every output is brought to the same spread, so that none outweighs the others, and values that
    do not differ from frame to frame are 0.

    Parameters
    ----------
    in_one_unit : divide the dump by the spread of the emulation, and not by its own, which differs
        in the scale of the values, but also where frames are missing.
    """
    expected: list[Numbers] = []
    given: list[Numbers] = []
    for pair in pairs:
        stride = stride_over(pair.given[0].shape, ENOUGH)
        wanted, found = (
            values.reshape(len(pair.given), -1)[:, ::stride]
            for values in (pair.expected.values, pair.given)
        )
        spread = float(wanted.astype(np.float64).std()) or 1.0
        held = bounded(found)
        expected.append(wanted.astype(np.float64) / spread)
        given.append(held / (spread if in_one_unit else float(held.std()) or 1.0))
    return np.concatenate(expected, axis=1), np.concatenate(given, axis=1)
