"""Questions to the person at the terminal; where nobody sits there, every one has its answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from utils.terminal.interruptions import interruptible, is_interruption_held_back

ASKED_AGAIN = 3  # times, after an answer that is none of the choices
YES_NO = ("yes", "no")


def is_interactive(no_interactive: bool) -> bool:
    """Whether somebody can be asked: both ends are terminals, and asking was not forbidden."""
    if no_interactive:
        return False
    # A stream that was closed before the start is None.
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


class Prompter:
    """Asks on the terminal, or takes every default at once without reading anything."""

    def __init__(self, interactive: bool) -> None:
        """Ask only if `interactive`; see `is_interactive`."""
        self.interactive = interactive

    def confirm(self, question: str, default: bool) -> bool:
        """Answer to a yes-or-no question."""
        return self.choose(question, YES_NO, YES_NO[0] if default else YES_NO[1]) == YES_NO[0]

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """One of the choices, each of which may be shortened as long as it is told apart.

        Nothing, the end of the input, and too many answers that are no choice mean `default`. Who
        has interrupted the run is asked nothing more.
        """
        if not self.interactive or is_interruption_held_back():
            return default
        prompt = f"{question} [{'/'.join(choices)}, default {default}] "
        for _ in range(1 + ASKED_AGAIN):
            answer = _read_line(prompt)
            if not answer:
                return default
            if chosen := _chosen(answer, choices):
                return chosen
        return default


def _read_line(prompt: str) -> str:
    try:
        with interruptible():
            return input(prompt).strip()
    except EOFError:
        return ""
    except UnicodeDecodeError as error:
        return str(error)  # bytes that are no text are no choice either


def _chosen(answer: str, choices: Sequence[str]) -> str:
    exact = [choice for choice in choices if choice.lower() == answer.lower()]
    begun = [choice for choice in choices if choice.lower().startswith(answer.lower())]
    found = exact or begun
    return found[0] if len(found) == 1 else ""
