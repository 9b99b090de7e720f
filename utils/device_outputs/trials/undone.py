"""What a trial on the values of one output gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected

# Fewer values, or fewer different ones, fit almost anything.
FEWEST_VALUES = 16
FEWEST_CODES = 6


@dataclass(frozen=True, eq=False)
class Undone:
    """An output without the fault.

    Parameters
    ----------
    values : what the dump would hold without it, (samples, height, width, channels).
    evidence : what the trial found, with numbers; a clause.
    expected : what that is to be compared with, where the fault cannot be taken back and is done to
        the emulation as well.
    """

    values: Numbers
    evidence: str
    expected: Expected


class ValueTrial(NamedTuple):
    """A fault that the values of one output show.

    Parameters
    ----------
    word : its name.
    undone : takes it back; None where the values cannot have it.
    """

    word: str
    undone: Callable[[Expected, Numbers], Undone | None]
