"""Giving one setting its new value in a draft: replaced where it stands, else added."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

from utils.har.network import Network
from utils.model_script import Statement, layer_argument, names_in
from utils.model_script.draft import (
    Draft,
    single_statement,
    with_arguments,
    with_keywords,
    with_layers,
)
from utils.model_script.settings import KEYINGS, Settings, Unit, settings_of

# Where a setting that is to change is made now: index of the statement, None where nothing
# makes it. By layer (None: the network as a whole) and keyword.
Setters: TypeAlias = "dict[tuple[str | None, str], int | None]"


def revise(draft: Draft, wanted: Settings, reason: str, network: Network) -> str:
    """Change a draft until it says what is wanted; returns why it cannot, "" if it does.

    Parameters
    ----------
    draft : changed in place.
    wanted : an addition.
    reason : for the comment above each line that is changed or added.
    network : the graph whose layers the statements name.
    """
    revision = _Revision(draft, wanted, reason, network)
    problem = revision.chained()
    if not problem:
        revision.replace()
        revision.complete()
        revision.add()
    return problem


class _Revision:
    def __init__(self, draft: Draft, wanted: Settings, reason: str, network: Network) -> None:
        self.draft = draft
        self.wanted = wanted
        self.reason = reason
        self.network = network

    def chained(self) -> str:
        """Why a second modification behind an input would be one too many; "" if it is not."""
        if not self.wanted.keying.on_inputs or not self.pending():
            return ""
        for rival in self.rivals().values():
            if rival.meets(self.wanted) and rival.scope != self.wanted.scope:
                return (
                    f"{rival.statement.text} already does this for "
                    f"{', '.join(sorted(rival.scope or ()))}, with other constants or options"
                )
        return ""

    def replace(self) -> None:
        """Rewrite the statements that set otherwise now, for the layers wanted only."""
        rivals = self.rivals()
        indices = {index for index in self.pending().values() if index is not None}
        for index in sorted(indices, reverse=True):
            rival = rivals[index]
            if self._within(rival):
                self.draft.rewrite(index, self._renewed(rival.statement), self.reason)
            elif rival.scope is not None and not rival.uses_patterns:
                self._split(index, rival.statement)

    def complete(self) -> None:
        """Add keywords that are missing to a statement about exactly the same layers."""
        pending = self.pending()
        if not pending:
            return
        layers = {layer for layer, _ in pending}
        names = {name for _, name in pending}
        scope = None if None in layers else frozenset(layer for layer in layers if layer)
        rivals = self.rivals()
        # A setting for the network as a whole does not hide one for a layer, a later list does.
        hiding = {index for index in pending.values() if index is not None}
        after = max((i for i in hiding if scope is None or rivals[i].scope), default=-1)
        candidates = [
            index
            for index, rival in rivals.items()
            if rival.scope == scope and index > after and self._within(rival)
        ]
        if candidates:
            statement = self.draft.statements[candidates[-1]]
            self.draft.rewrite(
                candidates[-1], with_keywords(statement, self._texts(names)), self.reason
            )

    def add(self) -> None:
        """Add a line for the layers for which the draft still says something else."""
        layers = {layer for layer, _ in self.pending()}
        if not layers:
            return
        statement = self.wanted.statement
        if self.wanted.scope is not None and layers != self.wanted.scope:
            statement = self._narrowed(statement, layers)
        text, index = statement.text, len(self.draft.statements)
        place = self.wanted.keying.place
        if place is not None:
            text, index = self._with_free_targets(statement), self._front(place)
        self.draft.insert(index, text, self.reason)

    def rivals(self) -> Mapping[int, Settings]:
        """Statements of the draft that speak about the same thing, by index."""
        command = self.wanted.statement.command
        found = {
            index: settings_of(statement, self.network)
            for index, statement in enumerate(self.draft.statements)
            if statement.command == command
        }
        rivals = {index: each for index, each in found.items() if each.key == self.wanted.key}
        if self.wanted.keying.last_wins and rivals:
            last = max(rivals)
            return {last: rivals[last]}
        return rivals

    def pending(self) -> Setters:
        """What the draft does not say yet, with the statements that say otherwise."""
        rivals = self.rivals()
        layers: Collection[str | None] = (
            [None] if self.wanted.scope is None else sorted(self.wanted.scope)
        )
        setters: Setters = {}
        for layer in layers:
            for name, value in self.wanted.values.items():
                index = _setter(rivals, layer, name)
                if index is None or rivals[index].values[name] != value:
                    setters[layer, name] = index
        return setters

    def _within(self, rival: Settings) -> bool:
        """Whether all a rival is about is to change."""
        if rival.scope is None or self.wanted.scope is None:
            return rival.scope is self.wanted.scope
        if rival.uses_patterns:
            theirs, ours = layer_argument(rival.statement), layer_argument(self.wanted.statement)
            return theirs is not None and ours is not None and theirs.value == ours.value
        return rival.scope <= self.wanted.scope

    def _split(self, index: int, statement: Statement) -> None:
        """Take the layers wanted out of a list; they get a copy of the line with new values."""
        kept: list[str] = []
        taken: list[str] = []
        for name in self._names(statement):
            (taken if self._known(name) in (self.wanted.scope or ()) else kept).append(name)
        copy = single_statement(with_layers(statement, taken))
        self.draft.rewrite(index, with_layers(statement, kept), "")
        self.draft.insert(index + 1, self._renewed(copy), self.reason)

    def _renewed(self, statement: Statement) -> str:
        """Text of a statement with the values wanted for what it sets."""
        if self.wanted.keying.unit is Unit.STATEMENT:
            return with_arguments(statement, self.wanted.statement)
        return with_keywords(statement, self._texts(statement.keywords))

    def _texts(self, names: Collection[str]) -> Mapping[str, str]:
        """Values wanted for these keywords, as they are written."""
        statement = self.wanted.statement
        return {
            argument.name: statement.text[argument.value_start : argument.end]
            for argument in statement.args
            if argument.name and argument.name in names and argument.name in self.wanted.values
        }

    def _narrowed(self, statement: Statement, layers: Collection[str | None]) -> Statement:
        """The statement for some of its layers; patterns stay, since a later line wins."""
        if self.wanted.uses_patterns:
            return statement
        names = [name for name in self._names(statement) if self._known(name) in layers]
        return single_statement(with_layers(statement, names))

    def _names(self, statement: Statement) -> tuple[str, ...]:
        argument = layer_argument(statement)
        return () if argument is None else names_in(argument.value)

    def _known(self, name: str) -> str:
        return self.network.resolve(name) or name

    def _front(self, place: int) -> int:
        """Index for a command that modifies the graph: behind those that come before it."""
        index = 0
        for position, statement in enumerate(self.draft.statements, start=1):
            keying = KEYINGS.get(statement.command)
            if keying is not None and keying.place is not None and keying.place <= place:
                index = position
        return index

    def _with_free_targets(self, statement: Statement) -> str:
        """Text of a statement whose new layers bear names that are not taken."""
        created = (name for each in self.draft.statements for name in each.targets)
        taken = {name.rpartition("/")[2] for name in (*self.network.layers, *created)}
        head = statement.text[: statement.command_start]
        for target in statement.targets:
            scope, slash, base = target.rpartition("/")
            number = 1
            while base in taken:
                number += 1
                base = f"{target.rpartition('/')[2].rstrip('0123456789')}{number}"
            word = rf"(?<![\w/.\-]){re.escape(target)}(?![\w/.\-])"
            head = re.sub(word, f"{scope}{slash}{base}", head)
        return head + statement.text[statement.command_start :]


def _setter(rivals: Mapping[int, Settings], layer: str | None, name: str) -> int | None:
    """Index of the statement that decides a keyword for a layer.

    The last one that names the layer does; else the last about the network as a whole.
    """
    naming = [i for i, rival in rivals.items() if name in rival.values and rival.names(layer)]
    general = [i for i, rival in rivals.items() if name in rival.values and rival.scope is None]
    return max(naming or general, default=None)
