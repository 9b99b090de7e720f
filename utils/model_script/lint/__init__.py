"""Linting a model script: everything that is wrong with it, in the order of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from utils.har.network import Network
from utils.model_script.lint.commands import command_problems
from utils.model_script.lint.conflicts import conflict_problems
from utils.model_script.lint.features import command_name
from utils.model_script.lint.layers import Graphs, created_names, layer_problems
from utils.model_script.lint.problems import Problem
from utils.model_script.lint.reading import read_tolerantly
from utils.model_script.statements import Statement
from utils.model_script.tokens import Scanner

__all__ = ["MAX_PROBLEMS", "Problem", "lint_problems"]

MAX_PROBLEMS = 500  # nobody reads more, and a hostile text could hold millions


def lint_problems(
    text: str,
    network: Network | None = None,
    others: Sequence[Network] = (),
    parsed: Network | None = None,
) -> tuple[Problem, ...]:
    """The problems of a script, up to MAX_PROBLEMS; () if it is clean.

    Parameters
    ----------
    text : the script; it need not follow the grammar.
    network : graph whose layers it may name; without one, layers are not checked.
    others : other stages of the same network, whose layers it may name as well.
    parsed : the graph before any script changed it, in which a new layer's name must be free.
    """
    reading = read_tolerantly(text)
    # Some commands are written with the object that they belong to, as in net.set_seed(...).
    bare = [replace(each, command=command_name(each)) for each in reading.statements]
    networks = [each for each in (network, *others, parsed) if each is not None]
    graphs = Graphs(networks, parsed, created_names(reading.statements))
    found = islice(
        chain(
            reading.problems,
            _statement_problems(reading.statements, graphs),
            conflict_problems(bare, network),
            layer_problems(bare, graphs),
        ),
        MAX_PROBLEMS,
    )
    scanner = Scanner(text)
    return tuple(
        replace(each, line=scanner.line(each.offset), column=scanner.column(each.offset))
        for each in sorted(found, key=lambda each: each.offset)
    )


def _statement_problems(statements: Sequence[Statement], graphs: Graphs) -> Iterator[Problem]:
    taken = frozenset(name.rpartition("/")[2] for name in graphs.names())
    for statement in statements:
        yield from command_problems(statement, taken)
