"""Lines that want different values of one setting: the stronger one keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.errors import ScriptError
from utils.har.network import Network
from utils.model_script import layer_argument, names_in
from utils.model_script.draft import single_statement, with_layers
from utils.model_script.settings import Settings, settings_of


@dataclass(frozen=True)
class Wish:
    """A line, and who asks for it."""

    line: str
    origin: str


@dataclass(frozen=True)
class Concession:
    """What is left of a line beside stronger ones.

    Parameters
    ----------
    line : for the layers that no stronger line sets otherwise; "" if there are none.
    reason : which line has precedence, and where; "" if the line is left as it was.
    """

    line: str
    reason: str = ""


def conceded(wish: Wish, stronger: Sequence[Wish], network: Network) -> Concession:
    """Take out of a line what stronger lines set otherwise.

    Lines that cannot be read are left as they are: whoever merges them says what is wrong.
    """
    mine = settings_in(wish.line, network)
    if mine is None:
        return Concession(wish.line)
    rivals = {
        other: settings
        for other in stronger
        if (settings := settings_in(other.line, network)) is not None and disagree(mine, settings)
    }
    if not rivals:
        return Concession(wish.line)
    contested = _shared_layers(mine, list(rivals.values()))
    rest = _without(mine, contested, network) if contested else ""
    where = f"for {', '.join(sorted(contested))} " if rest else ""
    first = next(iter(rivals))
    return Concession(
        rest, f"{where}it contradicts {first.line}, which {first.origin} asks for more urgently"
    )


def settings_in(line: str, network: Network) -> Settings | None:
    """What a line sets; None where it cannot be read."""
    try:
        return settings_of(single_statement(line), network)
    except (ScriptError, ValueError):
        return None


def disagree(one: Settings, other: Settings) -> bool:
    """Whether two statements set one thing differently for a layer that both are about."""
    if one.key != other.key or not one.meets(other):
        return False
    return any(one.values[n] != other.values[n] for n in one.values.keys() & other.values.keys())


def _shared_layers(mine: Settings, rivals: Sequence[Settings]) -> frozenset[str]:
    """Layers about which they disagree; empty where one of them is about the whole network."""
    if mine.scope is None or any(rival.scope is None for rival in rivals):
        return frozenset()
    return mine.scope & frozenset(name for rival in rivals for name in rival.scope or ())


def _without(mine: Settings, contested: frozenset[str], network: Network) -> str:
    argument = layer_argument(mine.statement)
    if argument is None or mine.uses_patterns:
        return ""
    names = [n for n in names_in(argument.value) if (network.resolve(n) or n) not in contested]
    return with_layers(mine.statement, names) if names else ""
