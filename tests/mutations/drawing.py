"""Drawing from a random generator, and what every change of a file is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Random = np.random.Generator
# Takes the bytes of a file; returns others, and in words what was changed.
Change = Callable[[Random, bytes], tuple[bytes, str]]


class NothingToChange(Exception):
    """A change does not apply to these bytes, for instance since an earlier one spoiled them."""


def pick(random: Random, choices: Sequence[T]) -> T:
    """One of them, each as likely.

    Raises
    ------
    NothingToChange : there are none.
    """
    if not choices:
        raise NothingToChange
    return choices[int(random.integers(len(choices)))]


def happens(random: Random, probability: float) -> bool:
    """Whether something of this probability happens."""
    return bool(random.random() < probability)


def shortened(text: object) -> str:
    """A value in words that fit into a line."""
    said = repr(text)
    return said if len(said) <= 60 else f"{said[:57]}..."
