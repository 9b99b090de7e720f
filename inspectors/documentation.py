"""The documentation of inspectors, read from their docstrings.

A docstring is a line of summary, paragraphs, and one list item for each finding id:
``- `an-id` (info or warning): what it means and what to do.``, with further lines indented.
What a foreign inspector writes otherwise is left out, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from inspectors.base_inspector import BaseInspector
from utils.findings import Severity
from utils.findings.docstrings import docstring
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.findings.pages import page_of

_PROJECT = Path(__file__).resolve().parent.parent

_ITEM = re.compile(
    r"- `(?P<id>[a-z0-9]+(?:-[a-z0-9]+)*)`\s*"
    r"(?:\((?P<severities>(?:info|warning|error|or|[\s,])+)\))?\s*:?\s*(?P<text>.*)",
    re.DOTALL,
)


def documentation(classes: Sequence[type[BaseInspector]]) -> Documentation:
    """What the docstrings of these inspectors say, in their order."""
    return Documentation(tuple(map(_inspector, classes)))


def finding_list(cls: type[BaseInspector]) -> str:
    """The list items of a docstring, as they are; "" if it has none."""
    return _parts(cls)[1]


def documented_ids(cls: type[BaseInspector]) -> list[str]:
    """Ids of the findings that an inspector documents, in its order."""
    return [doc.id for doc in _inspector(cls).findings]


def _inspector(cls: type[BaseInspector]) -> InspectorDoc:
    head, items = _parts(cls)
    summary, _, text = head.partition("\n")
    # A subclass that only changes thresholds has no docstring of its own, but that of its parent.
    shown = cls.summary() or summary
    findings = tuple(_findings(items, cls.name()))
    return InspectorDoc(cls.name(), shown, text.strip("\n"), findings, _page(cls))


def _page(cls: type[BaseInspector]) -> str:
    page = page_of(cls.name())
    # One that was added by hand has no page before `make docs` writes it.
    return page if (_PROJECT / page).is_file() else ""


def _parts(cls: type[BaseInspector]) -> tuple[str, str]:
    """The docstring in front of its list, and the list."""
    text = docstring(cls)
    if text == docstring(BaseInspector):
        return "", ""  # inherited by a class without any
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("- `")), len(lines))
    return "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).rstrip()


def _findings(items: str, inspector: str) -> Iterator[FindingDoc]:
    for item in _items(items):
        match = _ITEM.fullmatch(item)
        if match:
            words = set(re.findall("[a-z]+", match["severities"] or ""))
            severities = tuple(s.label for s in sorted(Severity) if s.label in words)
            yield FindingDoc(match["id"], severities, match["text"], inspector)


def _items(text: str) -> Iterator[str]:
    """Every list item on one line; what is not indented ends it."""
    item: list[str] = []
    for line in text.splitlines():
        if item and line.startswith(" ") and line.strip():
            item.append(line.strip())
            continue
        yield from filter(None, (" ".join(item),))
        item = [line.strip()] if line.startswith("- ") else []
    yield from filter(None, (" ".join(item),))
