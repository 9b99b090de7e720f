"""What a message of a log states, as a value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from utils.facts.log_lines import LogFact
from utils.facts.log_words import numbers_in
from utils.facts.run_failures import RunFailure
from utils.findings import Location
from utils.wording import printable

MAX_QUOTED = 300  # characters of a message that are repeated
_PADDING = re.compile(r" {3,}")  # of terminals whose width was copied


@dataclass(frozen=True)
class LogEvent:
    """One fact that a log states.

    Parameters
    ----------
    fact : what kind of fact.
    text : the message as it was logged, without what stands in front of it.
    location : where.
    subject : the layer, step, network, chip or archive that it is about; "" for none.
    value : its number; NaN for none.
    numbers : further numbers, in order.
    reason : what the message gives as its reason.
    failure : why the run died; None where that is not known, or where it is about no death.
    """

    fact: LogFact
    text: str
    location: Location
    subject: str = ""
    value: float = math.nan
    numbers: tuple[float, ...] = ()
    reason: str = ""
    failure: RunFailure | None = None


def event_of(
    fact: LogFact,
    match: re.Match[str],
    location: Location,
    text: str = "",
    failure: RunFailure | None = None,
) -> LogEvent:
    """The event that a match of a pattern stands for.

    Parameters
    ----------
    text : what to quote; "" for what matched.
    """
    groups = {name: _one_line(group) for name, group in match.groupdict(default="").items()}
    return LogEvent(
        fact=fact,
        text=quoted(text or match.group()),
        location=location,
        subject=printable(groups.get("subject", "").rstrip(".:;")),
        value=float(groups.get("value", "").replace(",", "") or "nan"),
        numbers=numbers_in(groups.get("numbers", "")),
        reason=groups.get("reason", ""),
        failure=failure,
    )


def quoted(text: str) -> str:
    """A message on one line, harmless, and not too long."""
    shown = _PADDING.sub(" ", _one_line(text).strip())
    if not shown.isprintable():
        shown = printable(shown)
    return shown if len(shown) <= MAX_QUOTED else f"{shown[:MAX_QUOTED]}..."


def _one_line(text: str) -> str:
    return text.replace("\n", " ")
