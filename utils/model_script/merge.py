"""Merging recommended lines into a model script, so that the result is one loadable script.

Loading a script replaces the one before it. Lines that stand alone would therefore drop the
normalization and everything else a network was optimized with; here they are worked into it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from utils.errors import ScriptError
from utils.har.network import Network
from utils.model_script import (
    ModelScript,
    Statement,
    unknown_layers,
)
from utils.model_script.draft import Draft, single_statement
from utils.model_script.revision import revise
from utils.model_script.settings import (
    EXCLUSIVE_ALGORITHMS,
    Settings,
    algorithm,
    enables,
    referenced_names,
    settings_of,
)
from utils.wording import most_alike


@dataclass(frozen=True)
class Addition:
    """A line to be merged.

    Parameters
    ----------
    line : one complete statement.
    reason : goes into a comment above it, e.g. the id of a finding and a short sentence.
    """

    line: str
    reason: str


@dataclass(frozen=True)
class Refusal:
    """A line that was not merged, and why."""

    line: str
    reason: str


@dataclass(frozen=True)
class MergeResult:
    """The merged script, and what did not get into it."""

    text: str
    refused: tuple[Refusal, ...]


def merge_commands(
    script: ModelScript | None, commands: Sequence[Addition], network: Network
) -> MergeResult:
    """Work lines into a script; merging the same lines again changes nothing.

    What the script already says is not repeated; a setting that it makes differently is
    replaced where it stands, for the layers of the addition only. Additions that modify the
    graph come in front, others at the end. All other text stays byte for byte.

    Parameters
    ----------
    script : what the archive was optimized with; None if there is none.
    commands : the additions; of two that contradict each other the first is taken.
    network : the graph whose layers the additions may name.
    """
    draft = Draft(script)
    refused: dict[int, str] = {}
    admitted = _admitted(commands, draft.statements, network, refused)
    # Switching one of two exclusive algorithms on waits for lines that switch the other off.
    for index in sorted(admitted, key=lambda index: _switches_on(admitted[index].statement)):
        settings = admitted[index]
        problem = _exclusion(draft.statements, settings.statement) or revise(
            draft, settings, commands[index].reason, network
        )
        if problem:
            refused[index] = problem
    refusals = (Refusal(commands[index].line, refused[index]) for index in sorted(refused))
    return MergeResult(draft.text(), tuple(refusals))


def _admitted(
    commands: Sequence[Addition],
    statements: Sequence[Statement],
    network: Network,
    refused: dict[int, str],
) -> Mapping[int, Settings]:
    """Additions, by index, that can be read, name layers that exist and agree with each other."""
    read: dict[int, Statement] = {}
    for index, addition in enumerate(commands):
        statement = _read(addition.line)
        if isinstance(statement, Statement):
            read[index] = statement
        else:
            refused[index] = statement
    created = {name for each in (*statements, *read.values()) for name in each.targets}
    admitted: dict[int, Settings] = {}
    for index, statement in read.items():
        settings = settings_of(statement, network)
        problem = _unknown_layer(settings, network, created) or _contradiction(
            settings, admitted.values()
        )
        if problem:
            refused[index] = problem
        else:
            admitted[index] = settings
    return admitted


def _read(line: str) -> Statement | str:
    """The statement in a line, or why there is none."""
    try:
        return single_statement(line)
    except (ScriptError, ValueError) as error:
        return f"it cannot be read ({str(error).removeprefix('model script, line 1: ')})"


def _unknown_layer(settings: Settings, network: Network, created: Collection[str]) -> str:
    """What is wrong with the layers a statement names; "" if nothing is."""
    statement = settings.statement
    if settings.scope == frozenset() or (settings.scope is None and settings.keying.needs_layers):
        return "it names no layer"
    others = (name for name in referenced_names(statement) if network.resolve(name) is None)
    for name in (*unknown_layers(statement, network), *others):
        if not any(fnmatchcase(_base(layer), _base(name)) for layer in created):
            return _unknown_name(name, network, created)
    return ""


def _unknown_name(name: str, network: Network, created: Collection[str]) -> str:
    if re.search(r"[*?\[]", name):
        return f"no layer of the graph matches {name}"
    ambiguous = [layer for layer in network.layers if layer.endswith(f"/{name}")]
    if ambiguous:
        return f"{name} can be any of {', '.join(ambiguous)}"
    known = [*network.layers, *created]
    candidates = known if "/" in name else [_base(layer) for layer in known]
    close = most_alike(name, candidates)
    hint = f"; the nearest name is {close}" if close else ""
    return f"the graph has no layer {name}{hint}"


def _contradiction(settings: Settings, others: Iterable[Settings]) -> str:
    for other in others:
        if other.key == settings.key and other.meets(settings):
            for name in settings.values.keys() & other.values.keys():
                if settings.values[name] != other.values[name]:
                    return f"it contradicts {other.statement.text}, which is added as well"
    return ""


def _exclusion(statements: Sequence[Statement], statement: Statement) -> str:
    """Why an algorithm must not be switched on; "" if nothing speaks against it."""
    if not _switches_on(statement):
        return ""
    wanted = algorithm(statement)
    for other in EXCLUSIVE_ALGORITHMS:
        states = [enables(each) for each in statements if algorithm(each) == other]
        decided = [state for state in states if state is not None]
        if other != wanted and decided and decided[-1]:
            return f"{other} is enabled in the script, and {wanted} cannot run together with it"
    return ""


def _switches_on(statement: Statement) -> bool:
    return algorithm(statement) is not None and enables(statement) is True


def _base(name: str) -> str:
    return name.rpartition("/")[2]
