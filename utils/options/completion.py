"""Scripts that let a shell complete the command's options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from utils.errors import UsageError

SHELLS = ("bash", "zsh", "tcsh")
_FILES = frozenset({"FILE", "HAR", "PATH", "REPORT"})
_FOLDERS = frozenset({"DIR"})


class PrintCompletion(argparse.Action):
    """``--print-completion SHELL``: prints the script and ends the process.

    The script is made once and knows all options, so that pressing TAB never starts Python.
    """

    def __init__(
        self, *args: Any, words: Mapping[str, Sequence[str]] | None = None, **kwargs: Any
    ) -> None:
        """Take `words`, see `completion_script`."""
        super().__init__(*args, **kwargs)
        self._words = words or {}

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Print the script for the shell that `values` names."""
        sys.stdout.write(completion_script(parser, str(values), self._words))
        parser.exit()


def completion_script(
    parser: argparse.ArgumentParser, shell: str, words: Mapping[str, Sequence[str]]
) -> str:
    """The script for one shell.

    Parameters
    ----------
    words : what an option accepts, by its metavar; files and folders are known by theirs.

    Raises
    ------
    UsageError : the package that writes such scripts is not installed.
    """
    try:
        import shtab
    except ImportError as error:
        raise UsageError(
            "--print-completion takes the package shtab; run `pip install shtab`"
        ) from error
    for action in parser._actions:
        if action.metavar in _FILES or action.dest == "har":
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.choices is None and action.metavar in words:
            action.choices = list(words[str(action.metavar)])
    return str(shtab.complete(parser, shell=shell))
