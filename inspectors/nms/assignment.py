"""Who gets what, so that all together costs least."""

from __future__ import annotations

import math
from collections.abc import Sequence


def cheapest(costs: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row, no column twice, for which the sum of costs is smallest.

    H. W. Kuhn's Hungarian method in the form of shortest augmenting paths; there are at most some
    hundred rows.

    Parameters
    ----------
    costs : of shape (rows, columns), at least as many columns as rows, finite.
    """
    columns = len(costs[0]) if costs else 0
    owner = [-1] * columns
    row_price, column_price = [0.0] * len(costs), [0.0] * columns
    for row in range(len(costs)):
        _augment(costs, row, owner, row_price, column_price)
    found = [-1] * len(costs)
    for column, row in enumerate(owner):
        if row >= 0:
            found[row] = column
    return found


def _augment(
    costs: Sequence[Sequence[float]],
    first: int,
    owner: list[int],
    row_price: list[float],
    column_price: list[float],
) -> None:
    """Give one more row a column, and others another one where that is cheaper."""
    columns = len(owner)
    best, before = [math.inf] * columns, [-1] * columns
    visited: list[int] = []
    open_columns = set(range(columns))
    row, column = first, -1
    while True:
        for other in open_columns:
            reduced = costs[row][other] - row_price[row] - column_price[other]
            if reduced < best[other]:
                best[other], before[other] = reduced, column
        nearest = min(open_columns, key=lambda each: (best[each], each))
        step = best[nearest]
        row_price[first] += step
        for other in visited:
            row_price[owner[other]] += step
            column_price[other] -= step
        for other in open_columns:
            best[other] -= step
        open_columns.remove(nearest)
        column = nearest
        if owner[column] < 0:
            break
        visited.append(column)
        row = owner[column]
    while column >= 0:
        previous = before[column]
        owner[column] = first if previous < 0 else owner[previous]
        column = previous
