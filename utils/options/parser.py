"""How the command line is read: help and complaints as the rest of the command shows them."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from utils.terminal.logger import complain


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
