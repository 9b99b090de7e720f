"""Corrected lines in which nothing is left to be corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from utils.findings import Severity
from utils.model_script.lint.problems import Problem

MOST_STEPS = 8  # mistakes of one line that are corrected one after the other
LONGEST = 2_000  # characters of lines that are looked at once more

ProblemsOf = Callable[[str], Iterable[Problem]]


def wholly_corrected(problem: Problem, problems_of: ProblemsOf) -> Problem:
    """A problem whose line has the corrections of all that is wrong with it.

    Without them, whoever writes the line is told the next mistake in it by the next run.

    Parameters
    ----------
    problems_of : what is wrong with a text, each of its lines by itself.
    """
    line = problem.suggestion
    if problem.advice:  # it quotes the line, or there is more to do
        return problem
    for _ in range(MOST_STEPS):
        better = _better(line, problems_of)
        if not better:
            break
        line = better
    return replace(problem, suggestion=line)


def _better(text: str, problems_of: ProblemsOf) -> str:
    """The text with one more correction; "" where none is left."""
    if not text or len(text) > LONGEST:
        return ""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        mended = (each.suggestion for each in problems_of(line) if _is_to_be_followed(each))
        if other := next(mended, ""):
            return "\n".join([*lines[:index], other, *lines[index + 1 :]])
    return ""


def _is_to_be_followed(problem: Problem) -> bool:
    is_certain = problem.severity > Severity.INFO and not problem.advice
    return bool(problem.suggestion) and is_certain
