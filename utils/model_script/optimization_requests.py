"""What a model script asks of the optimization."""

from __future__ import annotations

from collections.abc import Iterable

from utils.model_script import ModelScript, Statement
from utils.model_script.settings import enables


def requested_flavor(script: ModelScript | None, keyword: str) -> int | None:
    """The level that `model_optimization_flavor` asks for; None if the script says nothing.

    Parameters
    ----------
    keyword : ``optimization_level`` or ``compression_level``.
    """
    return _last_number(script.commands("model_optimization_flavor") if script else (), keyword)


def requested_algorithm(script: ModelScript | None, feature: str) -> bool | None:
    """Whether a script switches an algorithm on or off; None if it does neither."""
    statements = script.commands("post_quantization_optimization") if script else ()
    answers = [enables(each) for each in statements if feature in each.positional]
    decided = [answer for answer in answers if answer is not None]
    return decided[-1] if decided else None


def _last_number(statements: Iterable[Statement], keyword: str) -> int | None:
    values = [s.keywords[keyword] for s in statements if keyword in s.keywords]
    numbers = [value for value in values if type(value) is int]
    return numbers[-1] if numbers else None
