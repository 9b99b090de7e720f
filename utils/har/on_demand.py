"""A mapping whose values are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class OnDemand(Mapping[str, T]):
    """Values by key; each is read once, at the first time that somebody asks for it."""

    def __init__(self, readers: Mapping[str, Callable[[], T]]) -> None:
        """Take what reads the value of each key."""
        self._readers = readers
        self._read: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        """The value, read now if nobody asked before."""
        if key not in self._read:
            self._read[key] = self._readers[key]()
        return self._read[key]

    def __contains__(self, key: object) -> bool:
        """Whether there is such a key; nothing is read."""
        return key in self._readers

    def __iter__(self) -> Iterator[str]:
        """The keys; nothing is read."""
        return iter(self._readers)

    def __len__(self) -> int:
        """Number of keys; nothing is read."""
        return len(self._readers)
