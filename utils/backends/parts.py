"""What is measured behind the data pass, in parts that may run elsewhere, or have run before.

A part is plain data that says what to run, and so is what comes of it. Whoever has the archive and
its data can run it: this process, or any other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from utils.backends.networks import Networks

Answer = TypeVar("Answer")


class Part(ABC, Generic[Answer]):
    """Something to be run on samples that are kept, or on some of all samples; a dataclass."""

    ANSWER: ClassVar[type]  # what comes of it, a dataclass

    @abstractmethod
    def run(self, networks: Networks) -> Answer:
        """What comes of it.

        Raises
        ------
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """


class Parts(Protocol):
    """Whoever has parts run."""

    def spreads(self, work: float) -> bool:
        """Whether so many multiply-accumulates are worth to be cut into small parts."""

    def answers(
        self, parts: Sequence[Part[Answer]], networks: Networks, work: float
    ) -> Iterator[Answer]:
        """What comes of parts, in their order.

        Parameters
        ----------
        work : multiply-accumulates of all of them together.

        Raises
        ------
        DiagnosticError : one of them failed.
        """


class PartsHere:
    """Runs every part when its answer is taken, in this process."""

    def spreads(self, work: float) -> bool:
        """See `Parts`."""
        del work
        return False

    def answers(
        self, parts: Sequence[Part[Answer]], networks: Networks, work: float
    ) -> Iterator[Answer]:
        """See `Parts`."""
        del work
        return (part.run(networks) for part in parts)
