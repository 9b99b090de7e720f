"""What became of an archive since an earlier run, in one word."""

from __future__ import annotations

from enum import Enum


class Became(Enum):
    """The value is how the clause on it begins, which is all that a row of a fleet keeps."""

    WORSE = "worse than"
    BOTH = "partly better and partly worse than"
    BETTER = "better than"
    SAME = "as good as"
    NEW = "new, not in the baseline"
    NOT_COMPARED = "nothing was compared with"

    @classmethod
    def told_by(cls, clause: str) -> Became | None:
        """What a clause says; None where it says nothing of that."""
        return next((each for each in cls if clause.startswith(each.value)), None)
