"""The report of an archive as a row of the fleet."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import replace

from diagnosis.output_files import ANOTHER_PATH
from utils.findings import Severity
from utils.fleet.plan import Case
from utils.fleet.rows import AtOutput, Row
from utils.jobs.measured import SAYS_WHY
from utils.measurements.agreement.wording import in_words
from utils.options.options import Options
from utils.renderers.against import BEFORE, against_in_words
from utils.renderers.decided import kept, worst_decided
from utils.renderers.verdict import first_cause, verdict, worst_output
from utils.report import Report
from utils.wording import without_scope

ANOTHER_FOLDER = "; make room there, or name another folder with --results"


def row_of(
    case: Case,
    report: Report,
    options: Options,
    folder: str,
    seconds: float,
    against: str = "",
    before: str = BEFORE,
) -> Row:
    """The row of an archive that was diagnosed.

    Parameters
    ----------
    folder : of its reports, from the folder of results.
    seconds : what judging took.
    against : what to say where nothing is compared.
    before : how the run is called that it is compared with.
    """
    cause = first_cause(report)
    severities = [each.severity for each in report.diagnosis.causes]
    following = report.diagnosis.next
    return Row(
        name=case.name,
        archive=case.archive,
        data=case.data,
        code=report.exit_code(options.fail_on, only_new=options.fail_on_new),
        sha256=report.model.archive.sha256,
        verdict=verdict(report),
        severity=max(severities).label if severities else "",
        cause=cause.finding.headline if cause else "",
        cause_id=cause.finding.id if cause else "",
        next=following.text if following else "",
        commands=following.commands if following else (),
        errors=report.count(Severity.ERROR),
        warnings=report.count(Severity.WARNING),
        infos=report.count(Severity.INFO),
        worst=_at_worst(report),
        against=against_in_words(report.baseline, before) or against,
        samples=report.measurements.samples if report.measurements else 0,
        folder=folder,
        failure="; ".join(as_of_fleet(each, options, folder) for each in _with_headlines(report)),
        seconds=round(seconds, 3),
    )


def _with_headlines(report: Report) -> Iterator[str]:
    """What failed; a finding that says why is quoted, as there is none in the table of a fleet."""
    headlines = {
        finding.id: finding.headline for each in report.results for finding in each.findings
    }
    for failure in report.shortfalls:
        what, _, told = failure.rpartition(", ")
        headline = headlines.get(told.removesuffix(f" {SAYS_WHY}"), "")
        yield f"{headline}; {what}" if headline else failure


def as_of_fleet(failure: str, options: Options, folder: str) -> str:
    """A failure by the place that reports were to have, and with what helps in a fleet.

    They are written into a folder of a passing name, and nobody gave their paths.
    """
    unfinished = os.path.dirname(options.log_path)
    told = failure.replace(unfinished, folder) if unfinished else failure
    is_unwritten = told.endswith(ANOTHER_PATH)
    return told.removesuffix(ANOTHER_PATH) + ANOTHER_FOLDER if is_unwritten else told


def _at_worst(report: Report) -> AtOutput:
    worst, decided = worst_output(report), worst_decided(report)
    found = AtOutput()
    if worst is not None:
        name, snr = worst
        found = replace(found, name=without_scope(name), snr_db=None if math.isnan(snr) else snr)
    if decided is not None:
        output, measure, agreement = decided
        found = replace(
            found,
            measure=measure,
            kept=kept(measure, agreement),
            in_words=in_words(measure, agreement),
            decided_at=without_scope(output),
        )
    return found
