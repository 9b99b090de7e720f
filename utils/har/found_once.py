"""What is found out once of something, for all who ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Subject = TypeVar("Subject")
Fact = TypeVar("Fact")


class FoundOnce:
    """What functions made of one subject; what one raises is found out anew."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[Callable[..., Any], Any] = {}

    def of(self, subject: Subject, fact: Callable[[Subject], Fact]) -> Fact:
        """What a function makes of the subject, which is always the same."""
        if fact not in self._known:
            self._known[fact] = fact(subject)
        found: Fact = self._known[fact]
        return found
