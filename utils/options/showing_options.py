"""The options that say what is shown, and where it is logged."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from utils.findings import Severity

DEFAULT_LOG_PATH = "diagnostic_tool.log"
LEVELS = tuple(severity.label for severity in sorted(Severity))
QUIET = ("-q", "--quiet")
QUIET_LEVEL = Severity.WARNING.label  # where none is named
TEXT, GITHUB = "text", "github"
OUTPUT_FORMATS = (TEXT, GITHUB)


def add_showing_options(group: argparse._ArgumentGroup) -> None:
    """Add what changes the lines of the terminal, and the log."""
    add = group.add_argument
    add(
        "-v",
        "--verbose",
        action="store_true",
        help="say whole names, what to do about infos as well, and what was skipped or assumed",
    )
    add(
        *QUIET,
        nargs="?",
        choices=LEVELS,
        const=QUIET_LEVEL,
        metavar="LEVEL",
        help="show only findings at or above info, warning or error, and the verdict (LEVEL is "
        f"{QUIET_LEVEL} if left out)",
    )
    add(
        "--output-format",
        choices=OUTPUT_FORMATS,
        default=TEXT,
        help="what standard output gets: lines for people, or annotations of GitHub's workflows "
        "(default: %(default)s)",
    )
    add("--no-interactive", action="store_true", help="never ask; every question takes its default")
    add(
        "--log-path",
        metavar="FILE",
        default=DEFAULT_LOG_PATH,
        help="log file, appended to (default: %(default)s)",
    )
    add("--no-debug", action="store_true", help="write no hidden debug log beside the log")


def with_quiet_level(argv: Sequence[str]) -> Iterator[str]:
    """The arguments with the level that ``--quiet`` has where none follows it.

    argparse would take the archive behind it for a level.
    """
    for word, following in zip(argv, [*argv[1:], ""], strict=False):
        yield f"--quiet={QUIET_LEVEL}" if word in QUIET and following not in LEVELS else word
