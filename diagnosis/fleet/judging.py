"""One archive judged on a worker: the same run as the command's, behind a data pass in slices."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from glob import glob

import inspectors
from diagnosis.data import job_of
from diagnosis.diagnosing import diagnose
from diagnosis.fleet.at_hand import at_hand
from diagnosis.fleet.tasks import Done, Workplace, options_of, turn
from diagnosis.inputs import Inputs
from inspectors.base_inspector import Need
from utils.backends.bench import Bench, LocalBench
from utils.backends.embedded import MeasuredBefore
from utils.errors import DiagnosticError
from utils.findings import Severity
from utils.fleet.plan import Case
from utils.fleet.rows import AtOutput, Row, as_document
from utils.fleet.store import Store, key_of
from utils.jobs.plain import PlainError, unpacked
from utils.measurements import Measurements
from utils.measurements.agreement.wording import in_words
from utils.options.fail_on import NEW
from utils.options.options import Options
from utils.renderers.against import against_in_words
from utils.renderers.decided import kept, worst_decided
from utils.renderers.verdict import first_cause, verdict, worst_output
from utils.report import Report
from utils.terminal.logger import logging_to
from utils.wording import without_scope

ARCHIVES = "archives"  # folder of the reports, with a folder for each archive
REPORT, PAGE, JUNIT, SARIF = "report.json", "report.html", "junit.xml", "results.sarif"
LOG, ROW = "diagnosis.log", "row.json"
UNFINISHED = ".unfinished-"  # how folders begin that are not in their place yet


@dataclass(frozen=True)
class Judged:
    """By what archives are judged.

    Parameters
    ----------
    baseline : folder with earlier reports; "" where nothing is compared.
    fail_on : one of the choices of ``--fail-on``.
    """

    baseline: str
    fail_on: str


def judge(case: Case, place: Workplace, by: Judged, used: int, done: Done | None) -> Row:
    """Judge an archive and write its reports; what lies there of the same run is taken instead.

    Parameters
    ----------
    used : samples that were measured.
    done : the measurements of all of them; None where nothing could be measured before.
    """
    with turn():
        try:
            options = options_of(case, place)
            key = _row_key(case, by, options, done)
            earlier = _earlier_row(case, place, key) if place.resumes and key else None
            if earlier is not None:
                return earlier
            return _diagnosed(case, place, by, used, done, key)
        except DiagnosticError as error:
            return failed(case, error.whole)


def failed(case: Case, why: str) -> Row:
    """The row of an archive that was not diagnosed."""
    return Row(case.name, case.archive, case.data, 2, failure=why, verdict=why)


def earlier_report(folder: str, name: str) -> str | None:
    """Path of the report of an archive in an earlier fleet; None if there is none."""
    names = (os.path.join(ARCHIVES, name, REPORT), f"{name}.json")
    paths = (os.path.join(folder, each) for each in names)
    return next(filter(os.path.isfile, paths), None) if folder else None


def _diagnosed(
    case: Case, place: Workplace, by: Judged, used: int, done: Done | None, key: str
) -> Row:
    """Diagnose into a new folder, which takes the place of an earlier one once it is whole."""
    started = time.perf_counter()
    archives = os.path.join(place.results, ARCHIVES)
    os.makedirs(archives, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archives, prefix=UNFINISHED) as folder:
        options = options_of(case, place, *_outputs(case, by, folder))
        available, broken = inspectors.discover(options.inspector_folders)
        with logging_to(options.log_path, False, None):
            bench_of = partial(_bench, case, place, used, done)
            report = diagnose(options, available, broken, bench_of)
        row = _row(case, report, options, time.perf_counter() - started)
        with open(os.path.join(folder, ROW), "w", encoding="utf-8") as stream:
            json.dump({"key": key, "row": as_document(row)}, stream, allow_nan=False)
        _put_in_place(folder, os.path.join(archives, case.name))
    return row


def _put_in_place(folder: str, target: str) -> None:
    aside = f"{folder}.old"
    if os.path.isdir(target):
        os.rename(target, aside)
    os.mkdir(f"{folder}.new")
    for name in os.listdir(folder):
        os.rename(os.path.join(folder, name), os.path.join(f"{folder}.new", name))
    os.rename(f"{folder}.new", target)
    shutil.rmtree(aside, ignore_errors=True)


def _outputs(case: Case, by: Judged, folder: str) -> list[str]:
    """The options that name what is written, and what is compared with."""
    named = {"--json": REPORT, "--html": PAGE, "--junit": JUNIT, "--sarif": SARIF}
    found = [f"{option}={os.path.join(folder, name)}" for option, name in named.items()]
    earlier = earlier_report(by.baseline, case.name)
    # What was never seen before is new as a whole.
    fail_on = by.fail_on if earlier else by.fail_on.removeprefix(NEW)
    found += [f"--baseline={earlier}"] if earlier else []
    found += [f"--image-dir={folder}", f"--log-path={os.path.join(folder, LOG)}", "--no-debug"]
    return [*found, f"--fail-on={fail_on}"]


def _bench(
    case: Case,
    place: Workplace,
    used: int,
    done: Done | None,
    options: Options,
    inputs: Inputs,
    need: Need,
) -> Bench | None:
    job = job_of(options, inputs, need)
    if job is None:
        return None
    before = None
    if done is not None:
        networks = at_hand(options_of(case, place)).networks(used)
        before = MeasuredBefore(networks, partial(_measured, place, done))
    return LocalBench(job, inputs.model, inputs.script, before=before)


def _measured(place: Workplace, done: Done) -> Measurements:
    """What the slices yielded together."""
    if done.failure:
        raise DiagnosticError(done.failure)
    store = Store(place.results)
    measured = store.read(Measurements, done.key)
    if measured is None:
        raise DiagnosticError(
            f"what was measured is gone: {store.path(done.key)}; run the fleet again"
        )
    return measured


def _row(case: Case, report: Report, options: Options, seconds: float) -> Row:
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
        errors=report.count(Severity.ERROR),
        warnings=report.count(Severity.WARNING),
        infos=report.count(Severity.INFO),
        worst=_at_worst(report),
        against=against_in_words(report.baseline),
        samples=report.measurements.samples if report.measurements else 0,
        folder=f"{ARCHIVES}/{case.name}",
        failure="; ".join(report.failures),
        seconds=round(seconds, 3),
    )


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


def _row_key(case: Case, by: Judged, options: Options, done: Done | None) -> str:
    """What a row depends on; "" where it is judged anew in any case."""
    if done is None or done.failure:
        return ""
    baseline = earlier_report(by.baseline, case.name)
    beside = [baseline, options.nms_config, *options.dfc_logs, options.dataset]
    files = [_stamp(path) for path in beside if path]
    return key_of("row", case.name, done.key, list(case.arguments), by.fail_on, files)


def _stamp(path: str) -> str:
    """Changes when a file does, or one in a folder, or of a pattern."""
    paths = [path] if os.path.exists(path) else sorted(glob(path, recursive=True))
    digest = hashlib.sha256(path.encode(errors="surrogatepass"))
    for top in paths:
        inside = [os.path.join(at, n) for at, _, names in os.walk(top) for n in sorted(names)]
        for each in (top, *sorted(inside)):
            found = os.stat(each)
            digest.update(
                f"{each}\0{found.st_size}\0{found.st_mtime_ns}\0".encode(errors="replace")
            )
    return digest.hexdigest()


def _earlier_row(case: Case, place: Workplace, key: str) -> Row | None:
    """The row of the same run, if its reports are there."""
    path = os.path.join(place.results, ARCHIVES, case.name, ROW)
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
        if not isinstance(document, dict) or document.get("key") != key:
            return None
        return unpacked(Row, document.get("row"), {})
    except (OSError, ValueError, RecursionError, PlainError):
        return None
