"""What batches, slices of the data and machines yield, joined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def merged_by_name(
    one: Mapping[str, M], other: Mapping[str, M], without: Collection[str] = ()
) -> dict[str, M]:
    """What both hold, joined name by name, in the order of the first.

    Parameters
    ----------
    without : names that are left out.
    """
    return {
        name: found.merged(other[name])
        for name, found in one.items()
        if name in other and name not in without
    }


def merged_or_none(one: M | None, other: M | None) -> M | None:
    """Both joined; None where one of them was not measured."""
    return one.merged(other) if one is not None and other is not None else None
