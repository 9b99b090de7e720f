"""The lines of the model script that the findings of a run recommend, ready to be copied.

Lines of findings that wrong data or a wrong calibration explain are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from utils.findings import Finding
from utils.har.network import Network
from utils.model_script.rivals import Wish, conceded
from utils.recommendations import strength
from utils.renderers.standing import standing
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text

Line = tuple[Finding, str]
HEADINGS = {
    "proven by a trial": "Model script lines that helped in emulation",
    "recommended": "Model script lines recommended",
    "worth a try": "Model script lines to try: compare the accuracy before and after",
    "not proven by a trial": "Not proven by a trial",
}


def script_shown(report: Report) -> Iterator[Shown]:
    """Every line once, with the findings that ask for it as a comment above it."""
    by_standing: dict[str, dict[str, list[str]]] = {}
    offered = (f for f in report.findings() if report.offered_commands(f))
    findings = _unrivalled(offered, report.model.network)
    for finding, command, how in _wishes(findings):
        by_standing.setdefault(how, {}).setdefault(command, []).append(finding.id)
    for how, heading in HEADINGS.items():
        if how in by_standing:
            yield BLANK
            yield Text(heading, is_heading=True)
            yield from _block(by_standing[how])


def _unrivalled(findings: Iterable[Finding], network: Network) -> list[Line]:
    """Lines of the findings in their order, without what stronger ones set otherwise."""
    ordered = list(findings)
    stronger: list[Wish] = []
    kept: dict[int, list[Line]] = {}
    for finding in sorted(ordered, key=strength, reverse=True):
        own = finding.recommendation.commands if finding.recommendation else ()
        lines = [conceded(Wish(command, finding.id), stronger, network).line for command in own]
        kept[id(finding)] = [(finding, line) for line in lines if line]
        stronger += [Wish(command, finding.id) for command in own]
    return [line for finding in ordered for line in kept[id(finding)]]


def _wishes(lines: Iterable[Line]) -> Iterator[tuple[Finding, str, str]]:
    """Lines with the strongest that stands behind each."""
    order = list(HEADINGS)
    wishes = [
        (finding, command, standing(finding.recommendation))
        for finding, command in lines
        if finding.recommendation
    ]
    best: dict[str, str] = {}
    for _, command, how in wishes:
        best[command] = min(best.get(command, how), how, key=order.index)
    return ((finding, command, best[command]) for finding, command, _ in wishes)


def _block(asked_by: dict[str, list[str]]) -> Iterator[Shown]:
    comment = ""
    for command, ids in asked_by.items():
        before, comment = comment, ", ".join(dict.fromkeys(ids))
        if comment != before:  # lines of one finding stand together
            yield Text(f"# {comment}", indent=2, hanging=2)
        yield Text(command, indent=2, is_breakable=False)
