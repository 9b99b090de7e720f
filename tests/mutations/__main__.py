"""The command that searches for faults, or plays one again."""

from __future__ import annotations

import argparse
import os
import sys

from tests.mutations.cases import Case
from tests.mutations.search import described, search, warm_up


def main() -> int:
    """Search, and tell what was found; returns 1 if that is anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to search")
    parser.add_argument("--seed", type=int, default=7, help="what all cases are drawn from")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--replay", nargs="+", metavar="CASE", help="play cases, as 7-1234-0.2")
    options = parser.parse_args()
    if options.replay:
        warm_up()
        return min(sum(map(_is_fault, options.replay)), 1)
    found = search(options.seed, options.seconds, options.first, _tell)
    _tell("\n".join(found.lines()))
    return int(bool(found.kinds))


def _is_fault(name: str) -> bool:
    case = Case.named(name)
    played = case.play()
    _tell(described(case, played))
    return played.fault is not None


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
