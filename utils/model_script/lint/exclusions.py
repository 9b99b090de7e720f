"""Lines that exclude each other, whatever they set one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from utils.har.network import Network
from utils.model_script import layer_argument
from utils.model_script.lint.features import command_name
from utils.model_script.lint.problems import CONFLICT, REPEATED, Problem, one_line, shortened
from utils.model_script.settings import EXCLUSIVE_ALGORITHMS, algorithm, enables
from utils.model_script.statements import Statement, names_in

FLAVOR = "model_optimization_flavor"


def exclusion_problems(statements: Sequence[Statement], network: Network) -> Iterator[Problem]:
    """Of several lines that make one choice, those that do not hold."""
    yield from _flavor_problems([each for each in statements if command_name(each) == FLAVOR])
    yield from _algorithm_problems(statements)
    yield from _forced_range_problems(statements, network)


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern stands for a layer, with or without the scopes in its name."""
    parts = name.split("/")
    return any(fnmatchcase("/".join(parts[start:]), pattern) for start in range(len(parts)))


def _flavor_problems(statements: Sequence[Statement]) -> Iterator[Problem]:
    """Of several flavor lines only the last one counts."""
    for earlier, later in pairwise(statements):
        offset = later.start + later.command_start
        if earlier.keywords.items() <= later.keywords.items():
            yield REPEATED.at(
                offset,
                "The line repeats an earlier one",
                evidence=f"line {earlier.line} says the same, or a part of it",
                advice="Delete the earlier line.",
            )
            continue
        merged = {**_texts(earlier), **_texts(later)}
        line = one_line(f"{FLAVOR}({', '.join(f'{k}={v}' for k, v in merged.items())})")
        yield CONFLICT.at(
            offset,
            "Only the last of several model_optimization_flavor lines counts",
            line,
            evidence=f"line {earlier.line} is another one",
            advice=f"Write `{line}` in place of both lines.",
        )


def _texts(statement: Statement) -> dict[str, str]:
    return {
        argument.name: statement.text[argument.value_start : argument.end]
        for argument in statement.args
        if argument.name
    }


def _algorithm_problems(statements: Sequence[Statement]) -> Iterator[Problem]:
    """Algorithms that exclude each other, both switched on."""
    decisions = {algorithm(each): each for each in statements if enables(each) is not None}
    enabled = [
        decisions[name]
        for name in EXCLUSIVE_ALGORITHMS
        if name in decisions and enables(decisions[name])
    ]
    if len(enabled) < len(EXCLUSIVE_ALGORITHMS):
        return
    earlier, later = sorted(enabled, key=lambda each: each.start)
    yield CONFLICT.at(
        later.start + later.command_start,
        f"The algorithms {algorithm(later)} and {algorithm(earlier)} exclude each other",
        evidence=f"line {earlier.line} switches {algorithm(earlier)} on",
        advice="Switch one of the two off.",
    )


def _forced_range_problems(statements: Sequence[Statement], network: Network) -> Iterator[Problem]:
    """Layers whose output range is forced and whose activation is changed."""
    changed: dict[str, Statement] = {}
    for statement in statements:
        if command_name(statement) == "change_output_activation":
            argument = layer_argument(statement)
            names = network.feeds_output if argument is None else names_in(argument.value)
            changed |= {network.resolve(name) or name: statement for name in names}
    for statement in statements:
        argument = layer_argument(statement)
        if "force_range_out" not in statement.keywords or argument is None:
            continue
        for name in names_in(argument.value):
            full = network.resolve(name) or name
            hits = [each for each in changed if each == full or covers(name, each)]
            if hits:
                activation = changed[hits[0]]
                later = max(statement, activation, key=lambda each: each.start)
                earlier = min(statement, activation, key=lambda each: each.start)
                yield CONFLICT.at(
                    later.start + later.command_start,
                    "One layer has both force_range_out and change_output_activation",
                    evidence=f"{shortened(hits[0])}, the other in line {earlier.line}",
                    advice="Keep one of the two.",
                )
                break
