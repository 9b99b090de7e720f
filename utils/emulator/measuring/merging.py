"""What batches yield, joined by name."""

from __future__ import annotations

from typing import Protocol, TypeVar

M = TypeVar("M", bound="Mergeable")


class Mergeable(Protocol):
    """Something measured that can be joined with the same of other samples."""

    def merged(self: M, other: M) -> M:
        """Of both sets of samples."""


def merge_into(known: dict[str, M], name: str, found: M) -> None:
    """Join what one more batch yields under a name with what is known there."""
    before = known.get(name)
    known[name] = found if before is None else before.merged(found)
