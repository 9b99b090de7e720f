"""Archives that an earlier fleet had, and that the plan has no more."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from diagnosis.fleet.results import TABLE
from utils.fleet.plan import Case
from utils.wording import printable


def gone_archives(baseline: str, cases: Sequence[Case]) -> tuple[str, ...]:
    """Names in the table of an earlier fleet that are not in the plan, in the order of the table.

    A folder of results also holds archives of plans before that one, so only its table counts; of
    one that cannot be read, or is not there, nothing is told.
    """
    try:
        with open(os.path.join(baseline, TABLE), encoding="utf-8") as stream:
            rows = json.load(stream)["rows"]
        names = [str(row["name"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    known = {case.name for case in cases}
    return tuple(printable(name) for name in names if name not in known)
