"""Progress on the terminal, with the time that is left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

_WITH_END = (
    "{desc:<9} {percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt}{unit}, {rate_noinv_fmt}, "
    "{remaining} left"
)
_OF_WORK = "{desc} {percentage:3.0f}% |{bar}| {remaining} left"


def is_watched() -> bool:
    """Whether somebody is there to see progress bars."""
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(what: str, unit: str, total: int, is_shown: bool, done: int = 0) -> tqdm[Any]:
    """A bar on standard error that vanishes when it is closed.

    Parameters
    ----------
    what : a verb in one word, such as ``Measuring``.
    unit : what is counted, in the plural.
    total : how many there will be.
    done : how many there are already.
    """
    from tqdm import tqdm  # takes longer to import than static checks take

    return tqdm(
        desc=what,
        unit=f" {unit}",
        total=total,
        initial=done,
        bar_format=_WITH_END,
        leave=False,
        dynamic_ncols=True,
        disable=not is_shown,
    )


class Progress:
    """One bar for all that is measured, in any unit of work, with the time that is left.

    The time left is what the work left takes at the rate so far, over all phases: these differ in
    speed, and the last few seconds are no good measure of what is to come.
    """

    def __init__(self, is_shown: bool) -> None:
        """Show nothing yet, and never if `is_shown` is False."""
        self._is_shown = is_shown
        self._bar: tqdm[Any] | None = None

    def announce(self, what: str) -> None:
        """Say what is going on whose end is not known."""
        if self._is_shown:
            self._opened("{desc}", what)

    def show(self, what: str, done: float, left: float) -> None:
        """Say what is going on, how much was done, and how much is left."""
        if not self._is_shown:
            return
        bar, said = self._bar, what[:1].upper() + what[1:]
        if bar is None or bar.bar_format != _OF_WORK:
            bar = self._opened(_OF_WORK, said)
        bar.set_description_str(said, refresh=False)
        bar.n, bar.total = done, done + left
        bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _opened(self, bar_format: str, said: str) -> tqdm[Any]:
        from tqdm import tqdm

        self.close()
        bar = tqdm(bar_format=bar_format, leave=False, dynamic_ncols=True, delay=1e-9)
        bar.set_description_str(said)
        self._bar = bar
        return bar
