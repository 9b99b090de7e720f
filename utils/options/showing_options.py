"""The options that say what is shown, and where it is logged."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence

from utils.findings import Severity

DEFAULT_LOG_PATH = "diagnostic_tool.log"
LEVELS = tuple(severity.label for severity in sorted(Severity))
_LEVELS = f"{', '.join(LEVELS[:-1])} or {LEVELS[-1]}"
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
        type=_level,
        const=QUIET_LEVEL,
        metavar="LEVEL",
        help=f"show only findings at or above {_LEVELS}, and the verdict (LEVEL is "
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

    argparse would take the archive behind it for a level. It is told what can be neither.
    """
    for word, following in zip(argv, [*argv[1:], ""], strict=False):
        is_alone = word in QUIET and following not in LEVELS and _may_be_path(following)
        yield f"--quiet={QUIET_LEVEL}" if is_alone else word


def _may_be_path(word: str) -> bool:
    """Whether a word is another option, or a file: these exist, or have an end or a folder."""
    is_file = os.path.isfile(word) or bool(os.path.dirname(word) or os.path.splitext(word)[1])
    return not word or word.startswith("-") or is_file


def _level(word: str) -> str:
    if word in LEVELS:
        return word
    raise argparse.ArgumentTypeError(
        f"{word!r} is not a level; give {_LEVELS}, or leave it out and put the archive before the "
        "option"
    )
