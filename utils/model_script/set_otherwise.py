"""Lines of a script that set otherwise what other lines are to set."""

from __future__ import annotations

from collections.abc import Iterable

from utils.har.network import Network
from utils.model_script import ModelScript
from utils.model_script.rivals import disagree, settings_in
from utils.model_script.settings import settings_of


def lines_set_otherwise(
    script: ModelScript | None, commands: Iterable[str], network: Network
) -> tuple[int, ...]:
    """Numbers of the lines of a script that contradict new ones, from 1 on.

    Behind a pattern a new line makes an exception, which contradicts nothing.

    Parameters
    ----------
    script : None where there is none.
    commands : the new lines; those that cannot be read contradict nothing.
    network : the graph whose layers both may name.
    """
    statements = script.statements if script is not None else ()
    settings = (settings_of(statement, network) for statement in statements)
    made = [each for each in settings if not each.uses_patterns]
    wanted = list(filter(None, (settings_in(command, network) for command in commands)))
    found = (own.statement.line for own in made if any(disagree(new, own) for new in wanted))
    return tuple(dict.fromkeys(found))
