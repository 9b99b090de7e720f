"""How the command line is read: help and complaints as the rest of the command shows them."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from utils.terminal import ends
from utils.terminal.logger import complain

EMPTY = "the value is empty; give one, or leave the option out"


def is_empty(value: object) -> bool:
    """Whether a value holds no text, or one of several does."""
    return value == "" or (isinstance(value, list) and "" in value)


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Shows ``-d, --dataset DATASET`` on every Python; before 3.13 argparse wrote it otherwise."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        metavar = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {metavar}"


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line as every other error is said."""

    def error(self, message: str) -> NoReturn:
        """End the process with code 2."""
        self.print_usage(sys.stderr)
        complain(message)
        self.exit(2)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """As in the class above; ends the process with code 2 if a value is empty, too."""
        values, others = super().parse_known_args(args, namespace)
        for action in self._actions:
            value = getattr(values, action.dest, None)
            if value != action.default and is_empty(value):
                name = "/".join(action.option_strings) or action.dest
                self.error(f"argument {name}: {EMPTY}")
        return values, others

    def _print_message(self, message: str, file: Any = None) -> None:
        # The class above takes a full disk for success.
        if file is None or file is sys.stdout:
            ends.printed(message)
        else:
            super()._print_message(message, file)
