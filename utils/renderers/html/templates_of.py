"""How templates of pages are filled in: everything is escaped, nothing is left out in silence."""

from __future__ import annotations

from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from utils.wording import plural, printable

SHARED = "utils.renderers.html"  # whose templates others may include


def templates_of(package: str) -> Environment:
    """The templates of a package, and what they may include."""
    loaders = [PackageLoader(name) for name in dict.fromkeys((package, SHARED))]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters["plural"] = plural
    return environment


def _harmless(value: Any) -> Any:
    # Escaping is the template's; what is invisible or turns text around is spelled out here.
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value
