"""Lines that GitHub's workflows turn into annotations.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions defines them.
"""

from __future__ import annotations

from utils.findings import Location, Severity
from utils.wording import printable, short

MAX_MESSAGE = 4_000  # characters; what GitHub shows of an annotation ends there
MAX_TITLE = 255
_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def annotation(
    severity: Severity, lines: str, title: str = "", place: Location | None = None
) -> str:
    """One annotation, as one line.

    Parameters
    ----------
    lines : the text, whose lines stay lines.
    title : what stands above it; "" for none.
    place : the file of the repository that it is about.
    """
    properties = {
        "file": printable(place.path) if place else "",
        "line": str(place.line) if place else "",
        "col": str(place.column) if place else "",
        "title": short(title, MAX_TITLE),
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    text = "\n".join(printable(line) for line in lines.split("\n"))
    shown = text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"
    return f"::{_COMMANDS[severity]}{' ' if said else ''}{said}::{_escaped(shown)}"


def _escaped(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    # An older form of commands, which is obeyed anywhere in a line.
    return escaped.replace("##[", "## [")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
