"""The report as a comment for a pull request, in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.findings import Severity
from utils.findings.documentation import Documentation
from utils.jobs.sdk_part import described
from utils.measurements.agreement.wording import figure, interval, label
from utils.measurements.noise import snr_in_words
from utils.renderers import log as console
from utils.renderers.decided import decided, instead_of_ratio, median_snr_db
from utils.renderers.ignored_lines import counted, ignored_lines
from utils.renderers.markdown.baseline import baseline_sections
from utils.renderers.markdown.findings import MAX_MESSAGE, causes, consequences, next_step
from utils.renderers.markdown.fitted import Section, fitted
from utils.renderers.markdown.stages import stage_table
from utils.renderers.markdown.text import code, codes, escaped, inert, table
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.tool import NAME, VERSION
from utils.wording import plural, without_scope

MAX_CHARACTERS = 60_000  # GitHub takes 65,536; the rest is for what others write around it
MAX_OUTPUTS = 50
LEFT_OUT = "({} more left out, since a comment holds no more than 65,536 characters)"
_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings"}


def render(report: Report, documentation: Documentation) -> str:
    """The comment: what matters most comes first, the rest is folded away.

    Where an earlier run was given, the difference to it comes before all but verdict and next step.
    """
    unchecked = _unchecked(report)
    sections = [
        Section("", list(next_step(report))),
        *(baseline_sections(report.baseline) if report.baseline else ()),
        Section("", [_counts(report, sum(map(len, unchecked.values())))]),
        Section("#### The run is incomplete", [f"- {_said(f)}" for f in report.shortfalls]),
        Section("#### Where accuracy is lost", list(stage_table(report))),
        Section("#### Outputs", list(_outputs(report))),
        *(
            Section(f"#### {heading}", list(causes(report, severity)))
            for severity, heading in _HEADINGS.items()
        ),
        _folded(plural(report.consequences, "consequence"), list(consequences(report))),
        _folded("What these findings mean", list(_meanings(report, documentation))),
        _folded(plural(report.count(Severity.INFO), "info"), list(causes(report, Severity.INFO))),
        _folded("What was not checked", [_reason(*each) for each in unchecked.items()]),
        _folded(counted(report.ignored), [f"- {_said(t)}" for t in ignored_lines(report.ignored)]),
        _folded("What was assumed", [f"- {_said(text)}" for text in report.assumptions]),
    ]
    opening, footer = _opening(report), _footer(report)
    room = MAX_CHARACTERS - len(opening) - len(footer) - 8
    return "\n\n".join(filter(None, (opening, fitted(sections, room, LEFT_OUT), footer))) + "\n"


def _opening(report: Report) -> str:
    facts = escaped(console.model_line(report.model), MAX_MESSAGE)
    return f"### {code(report.model.name)}\n\n**{_said(verdict(report))}**\n\n{facts}"


def _footer(report: Report) -> str:
    archive = report.model.archive
    runner = escaped(described(report.backend, report.sdk), MAX_MESSAGE)
    return (
        f"<sub>{NAME} {VERSION} with {runner}; {code(archive.path, 200)}, "
        f"SHA-256 {code(archive.sha256, 64)}</sub>"
    )


def _said(text: str) -> str:
    return escaped(text, MAX_MESSAGE)


def _counts(report: Report, unchecked: int) -> str:
    severities = sorted(Severity, reverse=True)
    head = [*(f"{severity.label}s" for severity in severities), "consequences", "not checked"]
    counts = [*map(report.count, severities), report.consequences, unchecked]
    return table(head, [[f"{count:,}" for count in counts]])


def _outputs(report: Report) -> Iterator[str]:
    measurements, noise = report.measurements, report.noise
    if measurements is None or noise is None:
        return
    network = report.model.network
    outputs = [layer for layer in network.output_layers if layer.name in noise.layers]
    shown = outputs[:MAX_OUTPUTS]
    rows = [
        [
            code(layer.base_name),
            codes([producer.name for producer in network.producers(layer)], 2),
            instead_of_ratio(report, layer.name)
            or snr_in_words(noise.layers[layer.name].output.snr_db),
            f"{noise.layers[layer.name].output.bias_share:.0%}",
        ]
        for layer in shown
    ]
    if rows:
        headings = ["output", "fed by", "SNR", "bias in the error"]
        medians = [_median(report, layer.name) for layer in shown]
        if any(medians):
            headings.append("SNR of the median sample")
            rows = [[*row, median] for row, median in zip(rows, medians, strict=True)]
        yield table(headings, rows)
        more = len(outputs) - len(rows)
        others = f", {plural(more, 'more output')} not shown" if more else ""
        yield f"Measured over {plural(measurements.samples, 'sample')}{others}."
    yield from _decisions(report)


def _median(report: Report, output: str) -> str:
    median = median_snr_db(report, output)
    return "" if median is None else snr_in_words(median)


def _decisions(report: Report) -> Iterator[str]:
    """How often every output of a known kind decides as in float."""
    rows = [
        [
            code(without_scope(output)),
            escaped(label(measure), MAX_MESSAGE),
            figure(measure, found),
            interval(measure, found),
            f"{found.of:,}",
        ]
        for output, measure, found in decided(report)
    ]
    if rows:
        yield table(
            ["output", "decides as in float", "measured", "95 % interval", "of"], rows[:MAX_OUTPUTS]
        )


def _meanings(report: Report, documentation: Documentation) -> Iterator[str]:
    told = (cause.finding for severity in _HEADINGS for cause in report.diagnosis.told(severity))
    for finding_id in dict.fromkeys(finding.id for finding in told):
        doc = documentation.findings.get(finding_id)
        if doc and doc.text:
            yield f"- **{code(doc.id)}**: {inert(doc.text)}"


def _unchecked(report: Report) -> dict[str, list[str]]:
    """What was not checked, by reason: one reason mostly holds for many layers."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in report.not_checked():
        by_reason.setdefault(reason, []).append(name)
    return by_reason


def _reason(reason: str, names: Sequence[str]) -> str:
    return f"- {codes(names)}: {_said(reason)}"


def _folded(summary: str, items: Sequence[str]) -> Section:
    head = f"<details><summary>{summary}</summary>"
    return Section(head, items, "</details>")
