"""What a run found, in one sentence: what a person with a broken network reads first."""

from __future__ import annotations

import math
import os

from utils.causes import Cause
from utils.causes.links import EXPLAINS, FAULTS_OF_SAMPLES, Link, link_of, relation
from utils.findings import Finding, Severity
from utils.measurements.agreement.wording import in_words
from utils.renderers.against import against_in_words
from utils.renderers.decided import is_constant, median_snr_db, worst_decided
from utils.renderers.ignored_lines import counted
from utils.renderers.stage_words import stage_verdict
from utils.report import Report
from utils.report.stage_chain import QUANTIZED, stage_chain
from utils.wording import as_clause, listed, plural, short, tenths, without_scope

MAX_NAME = 60  # characters of a name; what archives hold may be far longer
MAX_HEADLINE = 200
MAX_FILES = 3  # that are named


def verdict(report: Report) -> str:
    """One sentence of plain text, on one line.

    Whether all was judged, at which stage it is lost, how many findings matter, what is wrong
    first, how noisy the worst output is, whether that is better than before, and which files were
    not written. It names layers of an archive, so it has to be escaped like these.
    """
    clauses = [
        _where_lost(report),
        _left_out(report),
        _found(report),
        counted(report.ignored),
        _noise(report),
        against_in_words(report.baseline),
        _unwritten(report),
    ]
    if not report.has_judged_all:
        clauses.insert(0, "the run is incomplete, so more may be wrong")
    sentence = "; ".join(filter(None, clauses))
    return f"{sentence[0].upper()}{sentence[1:]}."


def first_cause(report: Report) -> Cause | None:
    """What to begin with; None if nothing is told above info."""
    first = next(iter(report.diagnosis.causes), None)
    return first if first is not None and first.severity > Severity.INFO else None


def worst_output(report: Report) -> tuple[str, float] | None:
    """Output layer with the lowest SNR, and that in dB; None where no noise was measured.

    What is no number counts as worse than any.
    """
    measured = _output_snrs(report)
    if not measured:
        return None
    name = min(measured, key=lambda name: (not math.isnan(measured[name]), measured[name]))
    return name, measured[name]


def _output_snrs(report: Report) -> dict[str, float]:
    layers = report.noise.layers if report.noise else {}
    outputs = [layer.name for layer in report.model.network.output_layers]
    return {name: layers[name].output.snr_db for name in outputs if name in layers}


def _where_lost(report: Report) -> str:
    chain = stage_chain(report)
    return stage_verdict(chain) if chain is not None else ""


def _left_out(report: Report) -> str:
    if not report.not_chosen:
        return ""
    ran = len(report.results)
    return f"{ran} of {plural(ran + len(report.not_chosen), 'inspector')} ran"


def _unwritten(report: Report) -> str:
    """``r.html and r.json were not written``; "" where all files were."""
    names = [short(os.path.basename(path) or path, MAX_NAME) for path in report.unwritten]
    verb = "was" if len(names) == 1 else "were"
    return f"{listed(names, MAX_FILES)} {verb} not written" if names else ""


def _found(report: Report) -> str:
    first = first_cause(report)
    if first is None and not report.has_judged_all:
        return "nothing was found in what could be judged"
    if first is None:
        return "no errors and no warnings"
    counts = {
        noun: report.count(severity)
        for noun, severity in (("error", Severity.ERROR), ("warning", Severity.WARNING))
    }
    opening = " and ".join(plural(count, noun) for noun, count in counts.items() if count)
    if not counts["error"]:
        opening = f"no errors, but {opening}"
    subject = "" if sum(counts.values()) == 1 else "; the first"
    if first.explains and relation(first.finding.id) == EXPLAINS:
        others = plural(len(first.explains), "other finding")
        subject = f"{subject}, which {EXPLAINS} {others}"
    said = short(as_clause(first.finding.headline), MAX_HEADLINE)
    return f"{opening}{subject}: {said}{_at_inputs(report, first.finding)}"


def _at_inputs(report: Report, finding: Finding) -> str:
    """`` at input_layer2``, of data that are wrong at some of several inputs; "" for all else."""
    inputs = [layer.name for layer in report.model.network.input_layers]
    concerned = [name for name in inputs if name in finding.layers]
    names = [short(without_scope(name), MAX_NAME) for name in concerned]
    is_said = any(name in finding.headline.split() for name in (*concerned, *names))
    if link_of(finding.id) > Link.DATA or is_said or not 0 < len(concerned) < len(inputs):
        return ""
    return f" at {listed(names)}"


def _noise(report: Report) -> str:
    worst = worst_output(report)
    if not report.model.is_quantized:
        return "the archive is not quantized yet, so no more can be judged"
    if worst is None:
        without = report.calibration is None and not report.failures
        return f"{'without data ' if without else ''}the noise was not measured"
    name, snr = worst
    count, called = len(_output_snrs(report)), short(without_scope(name), MAX_NAME)
    which = f"the output {called}" if count == 1 else f"the worst of {count} outputs, {called},"
    if is_constant(report, name):
        return f"in float {which} is the same{_samples(report)}, so nothing shows what it decides"
    if (decided := worst_decided(report)) is not None:
        output, measure, found = decided
        place = f"at {short(without_scope(output), MAX_NAME)}"
        return f"{_beside(report)}{place} {in_words(measure, found)}"
    if _is_silent(report, name):
        return f"at {called} nothing fires in float{_samples(report, every='any of')}"
    median = median_snr_db(report, name)
    if median is not None and math.isfinite(median):
        ratio = f"has a median SNR of {tenths(median)} dB"
    else:
        ratio = _in_words(snr)
    return f"{_beside(report)}{which} {ratio}{_samples(report)}"


def _beside(report: Report) -> str:
    """What the number that follows compares, where a reader would take it for another one.

    A float network that was given the same wrong values agrees with the chip, and says nothing of
    them. Where the chip itself or the original were compared, it is the quantization alone.
    """
    first = first_cause(report)
    if first is not None and _is_in_float(first.finding):
        return "compared with float, which has the same fault, "
    chain = stage_chain(report)
    is_of_others = chain is not None and (chain.lost is None or chain.lost.name != QUANTIZED)
    return "with quantization alone, " if is_of_others else ""


def _is_in_float(finding: Finding) -> bool:
    """Whether the float network has the same fault."""
    is_of_samples = finding.severity is Severity.ERROR and finding.id in FAULTS_OF_SAMPLES
    return finding.holds_for_any_calibration or is_of_samples


def _is_silent(report: Report, output: str) -> bool:
    """Whether nothing fires at an output: an SNR of what rounds to 0 there says nothing."""
    found = (finding for result in report.results for finding in result.findings)
    return any(each.id == "nothing-decided" and output in each.layers for each in found)


def _in_words(snr: float) -> str:
    if math.isnan(snr):
        return "has an SNR that is not a number"
    if math.isinf(snr):
        return "has no noise at all" if snr > 0 else "holds noise, but no signal"
    return f"has an SNR of {tenths(snr)} dB"


def _samples(report: Report, every: str = "all") -> str:
    used = report.measurements.samples if report.measurements else 0
    of = report.calibration.samples if report.calibration else used
    if used < of:
        return f" on {used:,} of {plural(of, 'sample')}"
    return f" on {every} {plural(used, 'sample')}" if used > 1 else f" on {plural(used, 'sample')}"
