"""What a run could not check or measure, and what it had to assume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from utils.findings import InspectorResult
from utils.measurements.left_out import by_reason
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.shown import Shown, Text
from utils.wording import listed, plural

MAX_REASONS = 3
MAX_LAYERS = 3


def notes_shown(report: Report, names: ShortNames, is_verbose: bool = False) -> Iterator[Shown]:
    """What can be mended in full, the rest as a count; with -v all of it."""
    yield from _lacking(report, is_verbose)
    measurements = report.measurements
    for sentence in by_reason(measurements.left_out if measurements else {}):
        yield Text(sentence, hanging=2)
    unmeasured = measurements.not_measured if measurements else {}
    yield from _by_reason("Not measured", unmeasured, names)
    hidden = measurements.preactivation_not_measured if measurements else {}
    yield from _by_reason("Not measured before the activation", hidden, names)
    yield from _by_reason("Noise not measured", report.noise_not_measured, names)
    if report.noise is not None:
        yield from _by_reason("Run in float", report.noise.in_float, names)
    yield from _details(report) if is_verbose else _counted(report)


def _lacking(report: Report, is_verbose: bool) -> Iterator[Shown]:
    """What could be checked with something that was not given, once for each thing."""
    by_remedy: dict[str, list[str]] = {}
    for result in report.results:
        for what, remedy in _remedies(result):
            said = f"{result.name} ({what})" if what else result.name
            by_remedy.setdefault(remedy, []).append(said)
    for remedy, lacking in by_remedy.items():
        said = listed(lacking, len(lacking)) if is_verbose else plural(len(lacking), "inspector")
        yield Text(f"Not checked by {said}: {remedy}", hanging=2)


def _remedies(result: InspectorResult) -> Iterator[tuple[str, str]]:
    """What was not checked, with what would mend that."""
    for missing in result.not_checked:
        if missing.remedy:
            yield missing.reason, missing.remedy
    if result.skipped and result.skipped.remedy:
        yield "", result.skipped.remedy


def _by_reason(heading: str, reasons: Mapping[str, str], names: ShortNames) -> Iterator[Shown]:
    # One layer that cannot be run mostly keeps many behind it from being measured.
    grouped: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        grouped.setdefault(reason, []).append(names.of(name))
    groups = list(grouped.items())
    for reason, layers in groups[:MAX_REASONS]:
        said = names.within(reason)
        yield Text(f"{heading}: {listed(layers, MAX_LAYERS)}: {said}", hanging=2)
    rest = sum(len(layers) for _, layers in groups[MAX_REASONS:])
    if rest:
        count = plural(rest, "more layer")
        yield Text(f"{heading}: {count} (all are in the --json report)", hanging=2)


def _partly(report: Report) -> list[tuple[str, str]]:
    """Checks that were not whole, and for which there is nothing to do."""
    return [
        (result.name, missing.reason)
        for result in report.results
        for missing in result.not_checked
        if not missing.remedy
    ]


def _details(report: Report) -> Iterator[Shown]:
    for name, sentence in _partly(report):
        yield Text(f"Not checked by {name}: {sentence}", hanging=2)
    for assumption in report.assumptions:
        yield Text(f"Assumed: {assumption}", hanging=2)


def _counted(report: Report) -> Iterator[Shown]:
    quiet = [r for r in report.results if not (r.findings or r.skipped or r.crashed)]
    idle = [r for r in report.results if r.skipped and not r.skipped.remedy]
    counts = {
        "found nothing": plural(len(quiet), "inspector"),
        "had nothing to judge": plural(len(idle), "inspector"),
        "could not be made in full": plural(len(_partly(report)), "check"),
        "had to be made": plural(len(report.assumptions), "assumption"),
    }
    said = [f"{count} {what}" for what, count in counts.items() if not count.startswith("0 ")]
    if said:
        yield Text(f"{listed(said, len(said))} (-v shows which)", hanging=2)
