"""What the process that runs the networks tells beside its answers, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A line for the log.

    Parameters
    ----------
    level : one of the levels of `logging`.
    """

    level: int
    text: str


@dataclass(frozen=True)
class Doing:
    """How far the work is.

    Parameters
    ----------
    what : the phase; "" where the work is over.
    done, left : work, in any unit; `left` is None where nobody knows how much it is.
    """

    what: str
    done: float = 0.0
    left: float | None = None


@dataclass(frozen=True)
class Refused:
    """Why there is no answer.

    Parameters
    ----------
    error : name of the class of the error.
    text : its sentence.
    trace : where it was raised, for the debug log; "" where the sentence is all there is to say.
    """

    error: str
    text: str
    trace: str = ""
