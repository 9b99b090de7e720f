"""What a run found, in one sentence: what a person with a broken network reads first."""

from __future__ import annotations

import math

from utils.causes import Cause
from utils.findings import Finding, Severity
from utils.report import Report
from utils.wording import listed, plural, short, without_scope

MAX_NAME = 60  # characters of a name; what archives hold may be far longer
MAX_LAYERS = 2


def verdict(report: Report) -> str:
    """One sentence of plain text, on one line.

    Whether the run was whole, how many findings matter and with which to begin, and how noisy the
    worst output is. It names layers of an archive, so it has to be escaped like these.
    """
    clauses = [_found(report), _noise(report)]
    if report.exit_code(None):
        clauses.insert(0, "the run was not whole, so more may be wrong")
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


def _found(report: Report) -> str:
    first = first_cause(report)
    if first is None:
        return "no errors and no warnings"
    counts = {
        noun: report.count(severity)
        for noun, severity in (("error", Severity.ERROR), ("warning", Severity.WARNING))
    }
    said = " and ".join(plural(count, noun) for noun, count in counts.items() if count)
    opening = said if counts["error"] else f"no errors, but {said}"
    consequences = len(first.explains)
    explains = f", which explains {plural(consequences, 'other finding')}" if consequences else ""
    joint = ": " if sum(counts.values()) == 1 else "; begin with "
    return f"{opening}{joint}{short(first.finding.id, MAX_NAME)}{_place(first.finding)}{explains}"


def _place(finding: Finding) -> str:
    names = [short(without_scope(name), MAX_NAME) for name in finding.layers]
    return f" at {listed(names, MAX_LAYERS)}" if names else ""


def _noise(report: Report) -> str:
    worst = worst_output(report)
    if worst is None:
        without = report.calibration is None and not report.failures
        return f"{'without data ' if without else ''}the noise was not measured"
    name, snr = worst
    count = len(_output_snrs(report))
    which = "the output" if count == 1 else f"the worst of {count} outputs"
    return f"{which}, {short(without_scope(name), MAX_NAME)}, {_in_words(snr)}"


def _in_words(snr: float) -> str:
    if math.isnan(snr):
        return "has an SNR that is no number"
    if math.isinf(snr):
        return "has no noise at all" if snr > 0 else "holds noise, but no signal"
    return f"has an SNR of {snr:.1f} dB"
