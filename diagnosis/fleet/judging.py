"""One archive judged on a worker: the same run as the command's, behind a data pass in slices."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from glob import glob

import inspectors
from diagnosis.data import job_of
from diagnosis.diagnosing import diagnose
from diagnosis.fleet.answers import Asked, KeptParts, UnansweredError
from diagnosis.fleet.at_hand import at_hand
from diagnosis.fleet.judged_row import row_of
from diagnosis.fleet.tasks import Done, Workplace, options_of, turn
from diagnosis.ignoring import today
from diagnosis.inputs import Inputs
from inspectors.base_inspector import Need
from utils.backends.bench import Bench, LocalBench
from utils.backends.embedded import MeasuredBefore
from utils.backends.looking import Looked
from utils.errors import DiagnosticError
from utils.fleet.plan import Case
from utils.fleet.rows import Row, as_document
from utils.fleet.store import Store, key_of
from utils.jobs.plain import PlainError, unpacked
from utils.measurements import Measurements
from utils.options.fail_on import NEW
from utils.options.options import Options
from utils.renderers.against import BEFORE, NOT_BEFORE
from utils.terminal.logger import logging_to
from utils.wording import printable

ARCHIVES = "archives"  # folder of the reports, with a folder for each archive
REPORT, PAGE, JUNIT, SARIF = "report.json", "report.html", "junit.xml", "results.sarif"
LOG, ROW = "diagnosis.log", "row.json"
UNFINISHED = ".unfinished-"  # how folders begin that are not in their place yet


@dataclass(frozen=True)
class Facts:
    """What is known of an archive before it is judged.

    Parameters
    ----------
    used : samples that were measured.
    done : the measurements of all of them; None where nothing could be measured before.
    looked : what came of looking at the samples; None where nobody looked.
    """

    used: int = 0
    done: Done | None = None
    looked: Done | None = None


@dataclass(frozen=True)
class Judged:
    """By what archives are judged.

    Parameters
    ----------
    baseline : folder with earlier reports; "" where nothing is compared.
    fail_on : one of the choices of ``--fail-on``.
    renamed : names in the baseline of archives that have another name now, by this one.
    """

    baseline: str
    fail_on: str
    renamed: Mapping[str, str] = field(default_factory=dict)

    def earlier(self, case: Case) -> str | None:
        """Path of the report of an archive in the baseline; None if there is none."""
        return earlier_report(self.baseline, self.renamed.get(case.name, case.name))


def judge(
    case: Case,
    place: Workplace,
    by: Judged,
    used: int,
    found: Sequence[Done | None],
    answered: Sequence[Sequence[Done]] = (),
    seconds: float = 0.0,
) -> Row | Asked:
    """Judge an archive and write its reports; what lies there of the same run is taken instead.

    Parameters
    ----------
    used : samples that were measured.
    found : the measurements of all of them, and what came of looking at them; None where nothing
        could be measured before.
    answered : what became of all that was asked before.
    seconds : what judging has taken before it had to ask.

    Returns
    -------
    What has to be answered first, where there is something; else the row of the archive.
    """
    started = time.perf_counter()
    facts = Facts(used, *found)
    with turn():
        try:
            options = options_of(case, place)
            key = _row_key(case, by, options, facts.done)
            earlier = _earlier_row(case, place, key) if place.resumes and key else None
            if earlier is not None:
                return earlier
            told = {each.key: each.failure for bundle in answered for each in bundle}
            before = partial(_before, case, place, facts, told)
            row = _diagnosed(case, place, by, before, key, started - seconds)
            at_hand(options).rest()
        except UnansweredError as unanswered:
            spent = seconds + time.perf_counter() - started
            return Asked(unanswered.context, unanswered.bundles, spent)
        except DiagnosticError as error:
            return failed(case, error.whole)
    return row


def failed(case: Case, why: str) -> Row:
    """The row of an archive that was not diagnosed."""
    return Row(case.name, case.archive, case.data, 2, failure=why, verdict=why)


def earlier_report(folder: str, name: str) -> str | None:
    """Path of the report of an archive in an earlier fleet; None if there is none."""
    names = (os.path.join(ARCHIVES, name, REPORT), f"{name}.json")
    paths = (os.path.join(folder, each) for each in names)
    return next(filter(os.path.isfile, paths), None) if folder else None


def _diagnosed(
    case: Case,
    place: Workplace,
    by: Judged,
    before: Callable[[], MeasuredBefore | None],
    key: str,
    started: float,
) -> Row:
    """Diagnose into a new folder, which takes the place of an earlier one once it is whole."""
    archives = os.path.join(place.results, ARCHIVES)
    os.makedirs(archives, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archives, prefix=UNFINISHED) as folder:
        options = options_of(case, place, *_outputs(case, by, folder))
        available, broken = inspectors.discover(options.inspector_folders)
        with logging_to(options.log_path, False, None):
            model = at_hand(options_of(case, place)).inputs.model
            report = diagnose(options, available, broken, partial(_bench, before), model)
        folder_name = f"{ARCHIVES}/{case.name}"
        old = by.renamed.get(case.name)
        named = f"{BEFORE} (named {printable(old)})" if old else BEFORE
        against = NOT_BEFORE if by.baseline else ""
        spent = time.perf_counter() - started
        row = row_of(case, report, options, folder_name, spent, against, named)
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
    earlier = by.earlier(case)
    # What was never seen before is new as a whole.
    fail_on = by.fail_on if earlier else by.fail_on.removeprefix(NEW)
    found += [f"--baseline={earlier}"] if earlier else []
    found += [f"--image-dir={folder}", f"--log-path={os.path.join(folder, LOG)}", "--no-debug"]
    return [*found, f"--fail-on={fail_on}"]


def _bench(
    before: Callable[[], MeasuredBefore | None], options: Options, inputs: Inputs, need: Need
) -> Bench | None:
    job = job_of(options, inputs, need)
    if job is None:
        return None
    return LocalBench(job, inputs.model, inputs.script, before=before())


def _before(
    case: Case, place: Workplace, facts: Facts, told: Mapping[str, str]
) -> MeasuredBefore | None:
    """What other tasks have measured; None where nothing could be measured before."""
    if facts.done is None:
        return None
    networks = at_hand(options_of(case, place)).networks(facts.used)
    looked = None
    if facts.looked is not None and not facts.looked.failure:
        looked = Store(place.results).read(Looked, facts.looked.key)
    parts = KeptParts(place, facts.done.key, told)
    return MeasuredBefore(networks, partial(_measured, place, facts.done), looked, parts)


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


def _row_key(case: Case, by: Judged, options: Options, done: Done | None) -> str:
    """What a row depends on; "" where it is judged anew in any case."""
    if done is None or done.failure:
        return ""
    baseline = by.earlier(case)
    beside = [baseline, options.nms_config, *options.dfc_logs, options.dataset]
    files = [_stamp(path) for path in beside if path]
    ignored = [(rule.id, rule.described, rule.holds_on(today())) for rule in case.ignored]
    compares = bool(by.baseline)
    arguments = list(case.arguments)
    return key_of("row", case.name, done.key, arguments, ignored, by.fail_on, compares, files)


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
