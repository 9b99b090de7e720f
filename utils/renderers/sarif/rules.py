"""Documented findings as the rules of a SARIF log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from utils import tool
from utils.findings import Finding, InspectorResult
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.findings.pages import reference
from utils.renderers.explanation import first_sentence
from utils.wording import short

LEVELS = {"info": "note", "warning": "warning", "error": "error"}
MAX_DESCRIPTION = 1_000  # code scanning cuts at 1,024
MAX_MESSAGE = 4_000

Entry = dict[str, Any]


class Rules:
    """The rules in a fixed order: those documented, then those of which a result is all we know."""

    def __init__(self, documentation: Documentation, results: Iterable[InspectorResult]) -> None:
        inspectors = {doc.name: doc for doc in documentation.inspectors}
        self.entries = [
            _documented(doc, inspectors[doc.inspector]) for doc in documentation.findings.values()
        ]
        self._index = {entry["id"]: index for index, entry in enumerate(self.entries)}
        for result in results:
            for finding in result.findings:
                if finding.id not in self._index:
                    self._index[finding.id] = len(self.entries)
                    self.entries.append(_undocumented(finding, result.name))

    def index(self, finding_id: str) -> int:
        """Place of a finding's rule."""
        return self._index[finding_id]


def message(text: str, limit: int = MAX_MESSAGE) -> Entry:
    """A text as SARIF shows it, without placeholders or links that the text does not mean."""
    shown = short(text, limit)
    return {"text": shown.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def descriptor(kind: str, text: str, help: str) -> Entry:
    """What a kind of result or notification is about.

    Parameters
    ----------
    text, help : Markdown; the first sentence of the text is its short form.
    """
    return {
        "id": kind,
        "name": _pascal_case(kind),
        "shortDescription": message(_plain(first_sentence(text)), MAX_DESCRIPTION),
        "fullDescription": message(_plain(text), MAX_DESCRIPTION),
        "help": {"text": _plain(help), "markdown": help},
    }


def _documented(doc: FindingDoc, inspector: InspectorDoc) -> Entry:
    level = LEVELS[doc.severities[-1]] if doc.severities else "warning"
    text = doc.text or inspector.summary or doc.id
    asked = f"{doc.inspector} asks: {inspector.summary}" if inspector.summary else doc.inspector
    entry = _entry(doc.id, doc.inspector, level, text, asked)
    if inspector.page:
        _add_page(entry, reference(inspector.page, doc.id))
    return entry


def _add_page(entry: Entry, page: str) -> None:
    # Viewers open a helpUri, which has to be an absolute address; a path is for who has the files.
    if tool.DOCUMENTATION_URL:
        entry["helpUri"] = page
    else:
        entry["properties"]["page"] = page


def _undocumented(finding: Finding, inspector: str) -> Entry:
    text = f"{inspector} does not document this finding."
    return _entry(finding.id, inspector, LEVELS[finding.severity.label], text, "")


def _entry(finding_id: str, inspector: str, level: str, text: str, more: str) -> Entry:
    said = _capitalized(text)
    return {
        **descriptor(finding_id, said, "\n\n".join(filter(None, (said, more)))),
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [short(inspector, MAX_DESCRIPTION)]},
    }


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(markdown: str) -> str:
    return markdown.replace("`", "")


def _pascal_case(finding_id: str) -> str:
    # A rule's name is its id in the form that names have in SARIF; both must differ.
    return "".join(word.capitalize() for word in finding_id.split("-"))
