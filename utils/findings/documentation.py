"""What the documentation says of inspectors and their findings, as data for reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FindingDoc:
    """Documentation of one finding id.

    Parameters
    ----------
    id : kebab-case id.
    severities : those that it can have, worst last, e.g. ``("warning", "error")``.
    text : what it means and what to do, one paragraph of Markdown without line breaks.
    inspector : name of the inspector that makes it.
    """

    id: str
    severities: tuple[str, ...]
    text: str
    inspector: str

    @property
    def severity_words(self) -> str:
        """The severities in words, e.g. "info, warning or error"; "" if none is documented."""
        *first, last = self.severities or ("",)
        return f"{', '.join(first)} or {last}" if first else last


@dataclass(frozen=True)
class InspectorDoc:
    """Documentation of one inspector.

    Parameters
    ----------
    name : class name.
    summary : one line.
    text : the paragraphs of Markdown between summary and findings; "" if there are none.
    findings : in the order of its docstring.
    page : path of its page from the folder of the project; "" if it has none.
    """

    name: str
    summary: str
    text: str
    findings: tuple[FindingDoc, ...]
    page: str = ""


@dataclass(frozen=True)
class Documentation:
    """All inspectors in the order in which they run, and all findings by id."""

    inspectors: tuple[InspectorDoc, ...] = ()

    @property
    def findings(self) -> Mapping[str, FindingDoc]:
        """Every documented finding by its id."""
        return {doc.id: doc for inspector in self.inspectors for doc in inspector.findings}
