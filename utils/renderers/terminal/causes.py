"""The diagnosis at the end of a run: causes first, each with what it explains and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from utils.causes import Cause
from utils.renderers.explains import explains
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text
from utils.wording import listed, plural

INDENT = 4
MAX_LAYERS = 3


def causes_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """Causes with consequences, then what stands alone; with -v also what asks for nothing."""
    told = [c for c in report.diagnosis.causes if is_verbose or not is_quiet(c)]
    causes = [cause for cause in told if cause.explains]
    alone = [cause for cause in told if not cause.explains]
    for heading, some in (("Causes", causes), ("Besides" if causes else "Findings", alone)):
        if some:
            yield BLANK
            yield Text(heading, is_heading=True)
        for same in _by_advice(some):
            yield from _shown(same, names, is_verbose)


def is_quiet(cause: Cause) -> bool:
    """Whether it is shown with -v only."""
    return not cause.explains and cause.finding.asks_for_nothing


def _by_advice(causes: Sequence[Cause]) -> list[list[Cause]]:
    """Findings of one id that ask for the same are told once."""
    found: dict[tuple[str, str, str, str], list[Cause]] = {}
    for cause in causes:
        finding = cause.finding
        key = finding.id, finding.headline, finding.remedy, finding.command
        found.setdefault(key, []).append(cause)
    return list(found.values())


def _shown(same: Sequence[Cause], names: ShortNames, is_verbose: bool) -> Iterator[Shown]:
    def said(text: str) -> str:
        return text if is_verbose else names.within(text)

    called: Callable[[str], str] = str if is_verbose else names.of
    finding, headline = same[0].finding, said(same[0].finding.headline)
    place = _place(headline, same, called)
    yield Text(f"{headline}{place} [{finding.id}]", max(cause.severity for cause in same))
    explained = [other for cause in same for other in cause.explains]
    if explained:
        text = f"{explains(explained, called)}; {same[0].proof.in_words}"
        yield Text(text, indent=INDENT, hanging=2)
    if is_verbose and finding.why:
        yield Text(said(finding.why), indent=INDENT, hanging=2)
    if finding.remedy:
        yield Text(said(finding.remedy), indent=INDENT, hanging=2)
    if finding.command:
        yield Text(finding.command, indent=INDENT, is_breakable=False)


def _place(headline: str, same: Sequence[Cause], called: Callable[[str], str]) -> str:
    """The layers, unless the headline names one of them."""
    layers = dict.fromkeys(called(name) for cause in same for name in cause.finding.layers)
    words = {word.strip(",:()") for word in headline.split()}
    return "" if words & layers.keys() or not layers else f" at {listed(list(layers), MAX_LAYERS)}"


def counts_in_words(report: Report) -> str:
    """``1 cause, 6 consequences, 1 finding besides and 3 infos that ask for nothing``."""
    causes = report.diagnosis.causes
    explaining = sum(bool(cause.explains) for cause in causes)
    quiet = sum(map(is_quiet, causes))
    besides = plural(len(causes) - explaining - quiet, "finding")
    counts = (
        plural(explaining, "cause"),
        plural(report.consequences, "consequence"),
        f"{besides} besides" if explaining else besides,
        f"{plural(quiet, 'info')} that {'asks' if quiet == 1 else 'ask'} for nothing",
    )
    said = [count for count in counts if not count.startswith("0 ")]
    return listed(said, len(said))
