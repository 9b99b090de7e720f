"""The documentation of findings and inspectors as plain text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from utils.errors import UsageError
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.findings.pages import reference
from utils.wording import all_alike, listed, printable

WIDEST = 100  # longer lines are hard to read, however wide the terminal
NARROWEST = 20
MAX_MATCHES = 3
_GLUE = "\0"  # stands for a space at which no line may end; text for a terminal has none


def explained(documentation: Documentation, name: str, width: int | None = None) -> str:
    """What is documented of a finding or of an inspector.

    Parameters
    ----------
    name : id of a finding or name of an inspector; upper and lower case are the same.
    width : columns to wrap to, no more than are easy to read; None where there is no terminal.

    Raises
    ------
    UsageError : nothing has that name; the sentence names what is similar.
    """
    columns = max(min(width or WIDEST, WIDEST), NARROWEST)
    inspectors = {doc.name: doc for doc in documentation.inspectors}
    known = _known_name([*documentation.findings, *inspectors], name)
    if known in inspectors:
        lines = _inspector_lines(inspectors[known], columns)
    else:
        finding = documentation.findings[known]
        lines = _finding_lines(finding, inspectors[finding.inspector], columns)
    return _text(lines)


def listed_all(documentation: Documentation, width: int | None = None) -> str:
    """Every inspector and under it its findings, one line each.

    Parameters
    ----------
    width : columns that a line may take; None keeps lines whole, for pipes and files.
    """
    return _text(
        line if width is None else _shortened(line, max(width, NARROWEST))
        for inspector in documentation.inspectors
        for line in _list_lines(inspector)
    )


def first_sentence(text: str) -> str:
    """The first sentence of a paragraph; dots within names, numbers and ellipses do not end it."""
    return re.split(r"(?<=[^.][.?!])\s(?![a-z0-9(])", text, maxsplit=1)[0]


def _known_name(names: Iterable[str], name: str) -> str:
    by_lower = {known.lower(): known for known in names}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    similar = " or ".join(all_alike(name, by_lower.values(), MAX_MATCHES))
    hint = f"; did you mean {similar}?" if similar else ";"
    raise UsageError(
        f"no finding and no inspector is named {printable(name)}{hint} --list shows all of them"
    )


def _finding_lines(doc: FindingDoc, inspector: InspectorDoc, width: int) -> Iterator[str]:
    yield _heading(doc)
    yield ""
    yield from _wrapped(_sentence(doc.text), width, "  ")
    yield ""
    yield from _wrapped(f"Found by {inspector.name}: {inspector.summary}".rstrip(), width)
    others = [other.id for other in inspector.findings if other.id != doc.id]
    if others:
        yield from _wrapped(f"It also finds {listed(others, len(others))}.", width)
    yield from _page_line(inspector, doc.id)


def _inspector_lines(doc: InspectorDoc, width: int) -> Iterator[str]:
    yield from _wrapped(f"{doc.name}: {doc.summary}" if doc.summary else doc.name, width)
    for paragraph in re.split(r"\n\s*\n", doc.text):
        if paragraph.strip():
            yield ""
            yield from _wrapped(paragraph, width)
    for finding in doc.findings:
        yield ""
        yield _heading(finding)
        yield from _wrapped(_sentence(finding.text), width, "  ")
    yield from _page_line(doc)


def _page_line(inspector: InspectorDoc, finding_id: str = "") -> Iterator[str]:
    if inspector.page:
        yield ""
        # On a line of its own, and never broken: it is there to be opened.
        yield f"Page: {reference(inspector.page, finding_id)}"


def _heading(doc: FindingDoc) -> str:
    return f"{doc.id} ({doc.severity_words})" if doc.severities else doc.id


def _sentence(text: str) -> str:
    # In the docstring it stands behind a colon; here it opens a paragraph.
    return text if text.startswith("`") else text[:1].upper() + text[1:]


def _wrapped(paragraph: str, width: int, indent: str = "") -> list[str]:
    # Names and commands stay in one piece, so that they can be copied.
    glued = re.sub("`[^`]*`", lambda code: code[0].replace(" ", _GLUE), _plain(paragraph))
    wrapped = textwrap.wrap(
        glued,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in wrapped]


def _plain(markdown: str) -> str:
    """Markdown on one line; single backticks still set names and commands apart."""
    return printable(re.sub(r"\s+", " ", markdown.replace("``", "`")).strip())


def _list_lines(doc: InspectorDoc) -> Iterator[str]:
    yield f"{_plain(doc.name)}  {_plain(doc.summary)}".rstrip()
    rows = [(f.id, "/".join(f.severities), first_sentence(_plain(f.text))) for f in doc.findings]
    names, severities = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
    for name, severity, said in rows:
        yield f"  {name:<{names}}  {severity:<{severities}}  {said}".rstrip()


def _shortened(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
