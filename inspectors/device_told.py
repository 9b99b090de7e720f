"""What is said of a reason why outputs of the chip differ from the emulation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What is said of a reason.

    Parameters
    ----------
    headline : what is wrong.
    why : what it does; one sentence.
    remedy : one imperative sentence.
    """

    headline: str
    why: str
    remedy: str
