"""What it is to say that one finding explains another; `utils.causes.pairs` says which do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Where(Enum):
    """Where consequences have to lie so that a cause explains them."""

    ANYWHERE = "anywhere in the network"
    HERE = "at a layer of the cause"
    BEHIND = "at a layer of the cause, or behind it"


@dataclass(frozen=True)
class Explanation:
    """One cause and what it explains.

    Parameters
    ----------
    cause : id of a finding.
    explains : ids of findings.
    where : in relation to the layers of the cause.
    reason : why, for those who read the table.
    """

    cause: str
    explains: frozenset[str]
    where: Where
    reason: str


def explains(cause: str, consequences: str, where: Where, reason: str) -> Explanation:
    """An entry of the table.

    Parameters
    ----------
    consequences : ids, separated by spaces.
    """
    return Explanation(cause, frozenset(consequences.split()), where, reason)


def without_refused(table: Iterable[Explanation], refused: str) -> tuple[Explanation, ...]:
    """What still explains something where data were refused.

    Data that nobody could read did nothing to what was found without them: neither to the archive,
    which was made with other data, nor to what was measured before they failed.

    Parameters
    ----------
    refused : id of the finding that says why; "" where no data were refused.
    """
    return tuple(entry for entry in table if entry.cause != refused)
