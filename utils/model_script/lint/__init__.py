"""Linting a model script: everything that is wrong with it, in the order of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice

from utils.har.network import Network
from utils.model_script.lint.box_lines import box_problems
from utils.model_script.lint.commands import command_problems
from utils.model_script.lint.conflicts import conflict_problems
from utils.model_script.lint.features import command_name
from utils.model_script.lint.layers import Graphs, created_names, layer_problems
from utils.model_script.lint.normalizations import normalization_problems
from utils.model_script.lint.problems import NOT_READ, Problem, one_line
from utils.model_script.lint.reading import LOOKALIKE_LINE, Reading, read_tolerantly
from utils.model_script.lint.targets import target_problems
from utils.model_script.lint.whole_corrections import wholly_corrected
from utils.model_script.lookalikes import LOOKALIKES, plain, words_for
from utils.model_script.statements import Statement
from utils.model_script.tokens import Scanner
from utils.wording import listed

__all__ = ["MAX_PROBLEMS", "Problem", "lint_problems"]

MAX_PROBLEMS = 500  # nobody reads more, and a hostile text could hold millions


def lint_problems(
    text: str,
    network: Network | None = None,
    others: Sequence[Network] = (),
    parsed: Network | None = None,
    chip: str = "",
) -> tuple[Problem, ...]:
    """The problems of a script, up to MAX_PROBLEMS; () if it is clean.

    Parameters
    ----------
    text : the script; it need not follow the grammar.
    network : graph whose layers it may name; without one, layers are not checked.
    others : other stages of the same network, whose layers it may name as well.
    parsed : the graph before any script changed it, in which a new layer's name must be free.
    chip : that it is for, as archives name it; "" where it is not known.
    """
    reading = read_tolerantly(text)
    statements = [each for each in reading.statements if not words_for(each.text)]
    # Some commands are written with the object that they belong to, as in net.set_seed(...).
    bare = [replace(each, command=command_name(each)) for each in statements]
    networks = [each for each in (network, *others, parsed) if each is not None]
    graphs = Graphs(networks, parsed, created_names(reading.statements))
    alone = chain(_read_problems(reading), _statement_problems(statements, graphs))
    found = islice(
        chain(
            (wholly_corrected(each, partial(_problems_of_line, graphs=graphs)) for each in alone),
            conflict_problems(bare, network),
            layer_problems(bare, graphs),
            target_problems(bare, network, chip),
            normalization_problems(bare, parsed),
            box_problems(bare, parsed),
        ),
        MAX_PROBLEMS,
    )
    scanner = Scanner(text)
    return tuple(
        replace(each, line=scanner.line(each.offset), column=scanner.column(each.offset))
        for each in sorted(found, key=lambda each: each.offset)
    )


def _problems_of_line(line: str, graphs: Graphs) -> Iterator[Problem]:
    """What is wrong with a line by itself."""
    reading = read_tolerantly(line)
    statements = [each for each in reading.statements if not words_for(each.text)]
    return chain(_read_problems(reading), _statement_problems(statements, graphs))


def _read_problems(reading: Reading) -> Iterator[Problem]:
    """What cannot be read, or not by the compiler."""
    yield from reading.problems
    yield from (_lookalikes(each) for each in reading.statements if words_for(each.text))


def _lookalikes(statement: Statement) -> Problem:
    """A statement that can be read, with names that nobody else spells like that."""
    start = next(i for i, character in enumerate(statement.text) if character in LOOKALIKES)
    return NOT_READ.at(
        statement.start + start,
        LOOKALIKE_LINE,
        one_line(plain(statement.text)),
        evidence=listed(words_for(statement.text)),
    )


def _statement_problems(statements: Sequence[Statement], graphs: Graphs) -> Iterator[Problem]:
    taken = frozenset(name.rpartition("/")[2] for name in graphs.names())
    for statement in statements:
        yield from command_problems(statement, taken)
