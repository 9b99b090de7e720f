"""Scripts that let a shell complete the command's options."""

from __future__ import annotations

from collections.abc import Sequence

from utils.errors import UsageError
from utils.options.groups import build_parser

_FILES = frozenset({"FILE", "HAR", "PATH", "REPORT"})
_FOLDERS = frozenset({"DIR"})


def completion_script(shell: str, inspectors: Sequence[str], finding_ids: Sequence[str]) -> str:
    """The script for one shell; it knows all options, so that pressing TAB never starts Python.

    Parameters
    ----------
    inspectors, finding_ids : names that follow options such as ``--order`` and ``--explain``;
        files and folders are known by the metavar of their option.

    Raises
    ------
    UsageError : the package that writes such scripts is not installed, or too old for this shell.
    """
    try:
        import shtab
    except ImportError as error:
        raise UsageError(
            "--print-completion takes the package shtab; run `pip install shtab`"
        ) from error
    if shell not in shtab.SUPPORTED_SHELLS:
        raise UsageError(
            f"this version of shtab writes no completion for {shell}; run `pip install -U shtab`"
        )
    words = {"INSPECTOR": inspectors, "ID": [*inspectors, *finding_ids]}
    parser = build_parser(inspectors)
    for action in parser._actions:
        if action.metavar in _FILES or action.dest == "har":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.choices is None and action.metavar in words:
            action.choices = list(words[str(action.metavar)])
    return str(shtab.complete(parser, shell=shell))
