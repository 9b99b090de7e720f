"""Pages of the inspectors, made from their docstrings: one for each, and a table of all.

A finding's heading is its id and nothing else, so that a link to it works on the site and in a
view of the repository alike.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from inspectors.base_inspector import BaseInspector, Need
from inspectors.documentation import documentation
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.findings.pages import FOLDER, page_of

INDEX = "docs/inspectors/index.md"
_MADE = "<!-- Made from {source} by `make docs`: change {what}, not this page. -->\n"
_INDEX_HEAD = """\
An inspector is one check, or a few that belong together. It asks one question of an archive and
answers with findings. The table names all inspectors in the order in which they run;
`--order` changes it. Each finding has its own entry: what it means, when it is made, and what to
do.

How to read a finding: [Reading a result](../output.md#reading-a-result).
Which tests show a finding silent and loud: [evidence](../evidence.md).

| inspector | question | findings |
|---|---|---|"""
_WORDS = {
    Need.INPUT_STATISTICS: "statistics of the inputs",
    Need.OUTPUT_STATISTICS: "statistics of every layer's output",
    Need.PREACTIVATION_STATISTICS: "statistics of the values before the activations",
    Need.HISTOGRAMS: "the spread of values over the calibrated ranges",
    Need.PREVIEWS: "thumbnails of some samples",
    Need.NOISE: "the noise of the quantized network",
    Need.SENSITIVITY: "the effect of single layers",
    Need.PRECISION_PLAN: "a tried plan for 16 bit",
    Need.SAMPLE_DIGESTS: "a look at every sample",
    Need.CHANNEL_SWAPPED: "a run with the colour channels reversed",
    Need.TABLE_TRIALS: "the last activation tried on the host",
    Need.SCALE_TRIALS: "finer codes tried where channels have few",
    Need.BIAS_TRIAL: "bias correction tried where it did not run",
    Need.UNTUNED_TRIAL: "the weights as they were trained, tried where the optimizer moved them",
    Need.RECALIBRATION: "a calibration on the data given, tried where something is lost",
}


def inspector_documents(available: Sequence[type[BaseInspector]]) -> dict[str, str]:
    """Text of every page, by its path from the folder of the project."""
    docs = documentation(available)
    pages = {
        page_of(doc.name): _page(doc, _run_line(cls, number, len(available)), docs)
        for number, (cls, doc) in enumerate(zip(available, docs.inspectors, strict=True), start=1)
    }
    return {INDEX: _index(docs), **pages}


def navigation(available: Sequence[type[BaseInspector]]) -> str:
    """The pages as entries of mkdocs.yml, in the order in which the inspectors run."""
    pages = (page_of(cls.name()).removeprefix(FOLDER) for cls in available)
    return "\n".join(f"      - {page}" for page in pages)


def _index(docs: Documentation) -> str:
    made = _MADE.format(source="the docstrings", what="a docstring")
    rows = map(_row, docs.inspectors)
    return "\n".join(["# Inspectors\n", made, _INDEX_HEAD, *rows]) + "\n"


def _row(doc: InspectorDoc) -> str:
    page = os.path.basename(page_of(doc.name))
    findings = ", ".join(f"[`{finding.id}`]({page}#{finding.id})" for finding in doc.findings)
    return f"| [{doc.name}]({page}) | {doc.summary} | {findings} |"


def _page(doc: InspectorDoc, run_line: str, docs: Documentation) -> str:
    parts = [
        f"# {doc.name}\n",
        _MADE.format(source="the docstring of the class", what="the docstring"),
        f"{doc.summary}\n",
        *([f"{_linked(doc.text, doc, docs)}\n"] if doc.text else []),
        f"{run_line} Tests that show its findings silent and loud: "
        f"[evidence](../evidence.md#{doc.name.lower()}).\n",
        *(_entry(finding, doc, docs) for finding in doc.findings),
    ]
    return "\n".join(parts)


def _entry(finding: FindingDoc, doc: InspectorDoc, docs: Documentation) -> str:
    # Behind a colon in the docstring; here it is a sentence.
    said = finding.text[:1].upper() + finding.text[1:]
    severity = f"**{finding.severity_words.capitalize()}.** " if finding.severities else ""
    return f"## {finding.id}\n\n{severity}{_linked(said, doc, docs)}\n"


def _linked(text: str, doc: InspectorDoc, docs: Documentation) -> str:
    """The text with every finding that it names made a link to its entry."""

    def link(match: re.Match[str]) -> str:
        named = docs.findings.get(match[1])
        if named is None:
            return match[0]
        page = "" if named.inspector == doc.name else os.path.basename(page_of(named.inspector))
        return f"[{match[0]}]({page}#{named.id})"

    return re.sub(r"(?<![`\[])`([a-z0-9-]+)`(?!`)", link, text)


def _run_line(cls: type[BaseInspector], number: int, count: int) -> str:
    measured = [words for need, words in _WORDS.items() if need in cls.NEEDS]
    asked = (
        f"asks for these measurements: {', '.join(measured)}"
        if measured
        else "asks for no measurement"
    )
    return f"It runs as number {number} of {count} and {asked}."
