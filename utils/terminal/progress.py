"""Progress on the terminal, with the rate and, where the end is known, the time left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

_WITH_END = (
    "{desc:<9} {percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt}{unit}, {rate_noinv_fmt}, "
    "{remaining} left"
)
_WITHOUT_END = "{desc:<9} {n_fmt}{unit}, {rate_noinv_fmt}, {elapsed} so far"


def is_watched() -> bool:
    """Whether somebody is there to see progress bars."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(
    what: str, unit: str, total: int | None, is_shown: bool, done: int = 0
) -> tqdm[Any]:
    """A bar on standard error that vanishes when it is closed.

    Parameters
    ----------
    what : a verb in one word, such as ``Measuring``.
    unit : what is counted, in the plural.
    total : how many there will be; None where nobody knows.
    done : how many there are already.
    """
    from tqdm import tqdm  # takes longer to import than static checks take

    return tqdm(
        desc=what,
        unit=f" {unit}",
        total=total,
        initial=done,
        bar_format=_WITHOUT_END if total is None else _WITH_END,
        leave=False,
        dynamic_ncols=True,
        disable=not is_shown,
    )
