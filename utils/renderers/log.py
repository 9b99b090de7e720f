"""The run in whole sentences, for the log files; the terminal has its own, shorter texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from utils.dataset.facts import ARRAY_FILE, DatasetFacts
from utils.findings import Finding, InspectorResult, Severity
from utils.har.model import Model
from utils.measurements.left_out import by_reason
from utils.measurements.noise import TensorNoise
from utils.renderers.decided import instead_of_ratio, is_constant
from utils.renderers.explains import explains, how_sure
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.next_lines import next_lines
from utils.renderers.stage_words import CALLED, cell, heading
from utils.renderers.standing import label
from utils.renderers.terminal.baseline_lines import baseline_lines
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.report.stage_chain import stage_chain
from utils.terminal.phases import Spent
from utils.wording import listed, plural, tenths

Line = tuple[Severity, str]
# More layers than this are summed up: one broken layer can keep hundreds from being measured.
MAX_LAYERS_NAMED = 5


def result_lines(result: InspectorResult) -> Iterator[Line]:
    """What one inspector said, without its opening line."""
    for finding in result.findings:
        yield from finding_lines(finding)
    if result.crashed:
        yield Severity.ERROR, f"{result.name} crashed and did not finish: {result.crashed}"
    elif result.skipped:
        yield Severity.INFO, f"Skipped {result.name}: {result.skipped}"


def finding_lines(finding: Finding) -> Iterator[Line]:
    """The message of a finding, then what to type, and the model-script lines that go with it."""
    yield finding.severity, f"{finding.message} [{finding.id}]"
    if finding.command:
        yield Severity.INFO, f"    Run: {finding.command}"
    if finding.recommendation is None:
        return
    for line in finding.recommendation.commands:
        yield Severity.INFO, f"    {label(finding)}: {line}"


def summary_lines(report: Report) -> Iterator[Line]:
    """Counts, causes, noise at the outputs, what was not checked and why, verdict, next step."""
    counts = ", ".join(
        plural(report.count(severity), severity.label)
        for severity in sorted(Severity, reverse=True)
    )
    yield Severity.INFO, f"Summary: {counts}, {plural(report.consequences, 'consequence')}"
    yield from _cause_lines(report)
    yield from _stage_lines(report)
    yield from _noise_lines(report)
    for assumption in report.assumptions:
        yield Severity.INFO, f"Assumed: {assumption}"
    left_out = report.measurements.left_out if report.measurements else {}
    for sentence in by_reason(left_out):
        yield Severity.INFO, sentence
    unmeasured = report.measurements.not_measured if report.measurements else {}
    yield from _not_checked_lines(report)
    yield from _shortened("Not measured", unmeasured)
    hidden = report.measurements.preactivation_not_measured if report.measurements else {}
    yield from _shortened("Not measured before the activation", hidden)
    yield from _shortened("Noise not measured", report.noise_not_measured)
    for line in ignored_lines(report.ignored):
        yield Severity.INFO, f"Ignored: {line}"
    for failure in report.all_failures:
        yield Severity.ERROR, f"Incomplete: {failure}"
    if report.baseline is not None:
        yield from baseline_lines(report.baseline)
    yield Severity.INFO, f"Verdict: {verdict(report)}"
    for line in next_lines(report):
        yield Severity.INFO, line


def _cause_lines(report: Report) -> Iterator[Line]:
    for cause in report.diagnosis.causes:
        if cause.explains:
            sure = how_sure(cause)
            said = f"{cause.finding.id} {explains(cause)}{f' ({sure})' if sure else ''}"
            yield cause.severity, f"Cause: {said}"


def _not_checked_lines(report: Report) -> Iterator[Line]:
    """What could be checked with something that was not given, said once for all who lack it.

    Where an inspector has nothing to judge, its own line said so, and there is nothing to do.
    """
    by_remedy: dict[str, list[str]] = {}
    for result in report.results:
        if result.crashed:
            yield Severity.INFO, f"Not checked: {result.name}: it crashed ({result.crashed})"
        for missing in result.not_checked:
            if missing.remedy:
                said = f"{result.name} ({missing.reason})"
                by_remedy.setdefault(missing.remedy, []).append(said)
            else:
                yield Severity.INFO, f"Not checked: {result.name}: {missing.reason}"
        if result.skipped and result.skipped.remedy:
            by_remedy.setdefault(result.skipped.remedy, []).append(result.name)
    for remedy, names in by_remedy.items():
        said = listed(names, len(names))
        yield Severity.INFO, f"Not checked by {said}: {remedy}"


def _shortened(heading: str, reasons: Mapping[str, str]) -> Iterator[Line]:
    for name, reason in list(reasons.items())[:MAX_LAYERS_NAMED]:
        yield Severity.INFO, f"{heading}: {name}: {reason}"
    yield from _rest(heading, len(reasons) - MAX_LAYERS_NAMED)


def _rest(heading: str, layers: int) -> Iterator[Line]:
    if layers > 0:
        count = plural(layers, "more layer")
        yield Severity.INFO, f"{heading}: {count} (all are in the --json report)"


def _stage_lines(report: Report) -> Iterator[Line]:
    chain = stage_chain(report)
    for stage in chain.stages if chain else ():
        against = f" against {CALLED[stage.before]}" if stage.before else ""
        for output in stage.outputs:
            where = f"{heading(chain, stage) if chain else ''}{against} at {output}"
            yield Severity.INFO, f"Stage: {where}: {cell(stage, output)}"
    for name, reason in chain.missing if chain else ():
        yield Severity.INFO, f"Stage: {CALLED[name]} was not compared: {reason}"


def _noise_lines(report: Report) -> Iterator[Line]:
    if report.measurements is None or report.noise is None:
        return
    network = report.model.network
    samples = plural(report.measurements.samples, "sample")
    for output in network.output_layers:
        if output.name in report.noise.layers:
            sources = listed([producer.base_name for producer in network.producers(output)])
            noise = _in_words(report.noise.layers[output.name].output, samples)
            if is_constant(report, output.name):
                noise = f"the same in float over {samples}"
            elif instead_of_ratio(report, output.name):
                noise = f"numbers of classes over {samples}, of which an SNR says nothing"
            yield Severity.INFO, f"Noise: output {output.name} ({sources}): {noise}"
    yield from _float_lines(report.noise.in_float)


def _float_lines(in_float: Mapping[str, str]) -> Iterator[Line]:
    # One reason mostly holds for many layers, all those of a type.
    by_reason: dict[str, list[str]] = {}
    for name, reason in in_float.items():
        by_reason.setdefault(reason, []).append(name)
    groups = list(by_reason.items())
    for reason, names in groups[:MAX_LAYERS_NAMED]:
        yield Severity.INFO, f"Run in float: {listed(names, MAX_LAYERS_NAMED)}: {reason}"
    yield from _rest("Run in float", sum(len(names) for _, names in groups[MAX_LAYERS_NAMED:]))


def _in_words(noise: TensorNoise, samples: str) -> str:
    snr = noise.snr_db
    if math.isinf(snr):
        which = "no noise at all" if snr > 0 else "noise, but no signal"
        return f"{which} over {samples}"
    return f"SNR {tenths(snr)} dB over {samples}, {noise.bias_share:.0%} of the error is bias"


def model_line(model: Model) -> str:
    """What was opened, in one line."""
    levels = "".join(
        f", {what} level {level}"
        for what, level in (
            ("optimization", model.optimization_level),
            ("compression", model.compression_level),
        )
        if level is not None
    )
    return (
        f"Model {model.name}: {model.state}, {model.hw_arch or 'chip not recorded'}, "
        f"DFC {model.sdk_version or 'not recorded'}, {len(model.network)} layers{levels}"
    )


def time_line(spent: Iterable[Spent]) -> str:
    """What the time went into."""
    return f"Time: {', '.join(each.described() for each in spent)}"


def dataset_line(calibration: DatasetFacts) -> str:
    """Which data are used, in one line."""
    inputs = ", ".join(
        f"{name} {info.shape} {info.dtype}" for name, info in calibration.inputs.items()
    )
    spread = "" if calibration.is_whole else ", evenly spread"
    counts = f"{calibration.used} of {calibration.samples} samples{spread}"
    kind = "" if calibration.kind == ARRAY_FILE else f" ({calibration.kind})"
    return f"Data {calibration.path}{kind}: {counts}, {inputs}"
