"""The diagnosis at the end of a run: causes first, each with what it explains and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from utils.causes import Cause
from utils.findings import Severity
from utils.har.network import Network
from utils.renderers.explains import explaining, how_sure
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.shown import BLANK, Shown, Text
from utils.wording import listed, plural

INDENT = 4
MAX_LAYERS = 3


def causes_shown(
    report: Report, names: ShortNames, is_verbose: bool = False, least: Severity | None = None
) -> Iterator[Shown]:
    """Causes, then what stands alone and matters less; with -v also what asks for nothing.

    Parameters
    ----------
    least : the mildest that is shown, whether it asks for anything or not; None where that decides.
    """
    ends = _ends(report.model.network)
    if least is None:
        told = [c for c in report.diagnosis.causes if is_verbose or not c.asks_for_nothing]
    else:
        told = [c for c in report.diagnosis.causes if c.severity >= least]
    causes, alone = _apart(told)
    for heading, some in (("Causes", causes), ("Other findings" if causes else "Findings", alone)):
        if some:
            yield BLANK
            yield Text(heading, is_heading=True)
        for same in _by_advice(some):
            yield from _shown(same, names, ends, is_verbose)


def _apart(told: Sequence[Cause]) -> tuple[list[Cause], list[Cause]]:
    """Causes, and all else. What is told before all that explains something is a cause as well."""
    first = next((place for place, cause in enumerate(told) if cause.explains_trouble), 0)
    causes: list[Cause] = []
    alone: list[Cause] = []
    for place, cause in enumerate(told):
        comes_first = place < first and cause.severity > Severity.INFO
        (causes if cause.explains_trouble or comes_first else alone).append(cause)
    return causes, alone


def _by_advice(causes: Sequence[Cause]) -> list[list[Cause]]:
    """Findings of one id that ask for the same are told once."""
    found: dict[tuple[str, str, str, str], list[Cause]] = {}
    for cause in causes:
        finding = cause.finding
        key = finding.id, finding.headline, finding.remedy, finding.command
        found.setdefault(key, []).append(cause)
    return list(found.values())


def _ends(network: Network) -> frozenset[str]:
    """Input and output of a network that has one of them: nobody needs to hear its name."""
    sides = (network.input_layers, network.output_layers)
    return frozenset(side[0].name for side in sides if len(side) == 1)


def _shown(
    same: Sequence[Cause], names: ShortNames, ends: frozenset[str], is_verbose: bool
) -> Iterator[Shown]:
    def said(text: str) -> str:
        return text if is_verbose else names.within(text)

    called: Callable[[str], str] = str if is_verbose else names.of
    finding, headline = same[0].finding, said(same[0].finding.headline)
    layers = dict.fromkeys(name for cause in same for name in cause.finding.layers)
    place = "" if layers.keys() <= ends else _place(headline, [called(name) for name in layers])
    yield Text(f"{headline}{place} [{finding.id}]", max(cause.severity for cause in same))
    explained = [other for cause in same for other in cause.explains]
    if explained:
        parts = (explaining(finding, explained, called), said(how_sure(same[0])))
        text = "; ".join(filter(None, parts))
        yield Text(text, indent=INDENT, hanging=2)
    if is_verbose and finding.why:
        yield Text(said(finding.why), indent=INDENT, hanging=2)
    if finding.remedy:
        yield Text(said(finding.remedy), indent=INDENT, hanging=2)
    if finding.command:
        yield Text(finding.command, indent=INDENT, is_breakable=False)


def _place(headline: str, layers: Sequence[str]) -> str:
    """The layers, unless the headline names one of them."""
    words = {word.strip(",:()") for word in headline.split()}
    return "" if words.intersection(layers) else f" at {listed(layers, MAX_LAYERS)}"


def counts_in_words(report: Report) -> str:
    """``1 cause, 6 consequences, 1 other finding and 3 infos that need no action``."""
    told = [cause for cause in report.diagnosis.causes if not cause.asks_for_nothing]
    causes, alone = _apart(told)
    consequences = sum(len(cause.explains) for cause in told)
    quiet = sum(1 + len(c.explains) for c in report.diagnosis.causes if c.asks_for_nothing)
    counts = (
        plural(len(causes), "cause"),
        plural(consequences, "consequence"),
        plural(len(alone), "other finding" if causes else "finding"),
        f"{plural(quiet, 'info')} that {'needs' if quiet == 1 else 'need'} no action",
    )
    said = [count for count in counts if not count.startswith("0 ")]
    return listed(said, len(said))
