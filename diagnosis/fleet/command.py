"""The command ``fleet``: a plan in, a row for each archive out."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial

import inspectors
from diagnosis.fleet.baseline_folder import check_baseline
from diagnosis.fleet.cluster import connected
from diagnosis.fleet.gone import Gone, gone_archives
from diagnosis.fleet.judging import Judged, failed
from diagnosis.fleet.pairing import NAME as PLAN
from diagnosis.fleet.pairing import write_plan
from diagnosis.fleet.results import FleetFiles, remove_leftovers, results_folder
from diagnosis.fleet.running import run_cases
from diagnosis.fleet.tasks import Workplace
from diagnosis.ignoring import check_ids
from diagnosis.refusals import tell_refusal
from inspectors.documentation import documentation
from utils.errors import DiagnosticError, UsageError
from utils.files.typed import typed
from utils.fleet.plan import Plan, is_plan, plan_of, read_plan
from utils.fleet.plan_check import check_arguments
from utils.fleet.rows import Fleet, Row
from utils.fleet.storage import absolute
from utils.options.configuration import read_configuration
from utils.options.environment import missing_packages
from utils.options.fleet_options import WORD, FleetOptions
from utils.renderers.fleet.table import causes_table, line, table
from utils.renderers.fleet.words import changes, failing, summary
from utils.terminal.logger import LOGGER, logging_to, show, tell
from utils.terminal.progress import Progress, is_watched
from utils.terminal.shown import BLANK
from utils.tool import NAME, ROOT, STARTED, is_checkout
from utils.wording import plural, printable

PACKAGES = ("dask", "distributed", "fsspec", "jsonschema", "yaml")
LOG = "fleet.log"
NOT_REACHED = "interrupted before it was diagnosed"


def run_fleet(options: FleetOptions) -> int:
    """Run the command; returns its exit code.

    Raises
    ------
    DiagnosticError : nothing was begun: the plan is faulty, or a package is missing.
    """
    _check_packages()
    if options.init:
        return write_plan(options.init)
    plan = _plan(options)
    results = results_folder(options.plan, options.results)
    with logging_to(os.path.join(results, LOG), True, sys.stdout):
        _tell_of_configuration()
        try:
            fleet = _run(plan, options, results)
        except DiagnosticError as error:
            tell_refusal(error)
            return 2
        show([BLANK, table(fleet), BLANK])
        if (causes := causes_table(fleet)).columns:
            show([causes, BLANK])
        LOGGER.info("Summary: %s", summary(fleet))
        if told := changes(fleet):
            LOGGER.info("Against the baseline: %s", told)
        fleet = FleetFiles(options, results).write(fleet)
        _tell_of_exit(fleet)
        return fleet.exit_code


def _tell_of_exit(fleet: Fleet) -> None:
    """Say which archives fail, as the last line, which is the first to be read."""
    if not fleet.is_interrupted and (told := failing(fleet)):
        LOGGER.error("Exit code %d: %s", fleet.exit_code, told)


def _tell_of_configuration() -> None:
    """Say that a configuration which lies here does not count, as workers have other folders."""
    with suppress(UsageError):  # so it does not matter what is wrong with it either
        if path := read_configuration(None).path:
            LOGGER.warning("%s does not count here: a fleet takes all options from its plan", path)


def _check_packages() -> None:
    if missing := missing_packages(PACKAGES):
        raise UsageError(
            f"fleet needs the packages {', '.join(missing)}, which are not installed; run "
            f"`{_install_command()}`"
        )


def _install_command() -> str:
    """What to run for this very interpreter: pipx and uv put it where no other pip reaches it."""
    file = ["-r", str(ROOT / "requirements-fleet.txt")]
    named = file if is_checkout() else [f"{NAME}[fleet]"]
    if missing_packages(["pip"]):  # uv makes environments without it
        return typed("uv", "pip", "install", "--python", sys.executable, *named)
    return typed(sys.executable, "-m", "pip", "install", *named)


def _plan(options: FleetOptions) -> Plan:
    _refuse_folder(options.plan)
    if not is_plan(options.plan):
        plan = plan_of(options.plan, options.data or "")
    elif options.data:
        raise UsageError("--data goes with a pattern of archives; a plan says it itself")
    else:
        plan = read_plan(options.plan)
    check_arguments(plan)
    rules = [rule for case in plan.cases for rule in case.ignored]
    if rules:
        available, _ = inspectors.discover(())
        check_ids(rules, documentation(available), plan.path)
    return plan


def _refuse_folder(path: str) -> None:
    """Say how a folder of archives is diagnosed; a SavedModel or the like is no archive either."""
    if not os.path.isdir(path):
        return
    plan, command = os.path.join(path, PLAN), f"{STARTED} {WORD}"
    if os.path.isfile(plan):
        raise UsageError(f"{printable(path)} is a folder; pass its plan: {command} {typed(plan)}")
    raise UsageError(
        f"{printable(path)} is a folder; write a plan of what lies there with "
        f"`{command} --init {typed(path)}`, and pass that plan"
    )


def _run(plan: Plan, options: FleetOptions, results: str) -> Fleet:
    """Everything that comes back, also of a run that was interrupted."""
    baseline = absolute(options.baseline, os.getcwd()) if options.baseline else plan.baseline
    LOGGER.info("%s; results go to %s", plural(len(plan.cases), "archive"), results)
    for told in plan.repeated:
        LOGGER.warning("%s", told)
    if baseline:
        check_baseline(baseline, results)
    started, live = time.perf_counter(), _Live(len(plan.cases))
    remove_leftovers(results)
    gone = _gone(baseline, plan, results)  # before results are written
    renamed = {each.name: each.before for each in gone.renamed}
    by = Judged(baseline, options.fail_on or plan.fail_on, renamed)
    place = Workplace(results, resumes=options.resume)
    is_interrupted = False
    try:
        connect = partial(connected, options.scheduler, options.workers, results, options.dashboard)
        run_cases(connect, plan.cases, place, by, live.row, live.work)
    except KeyboardInterrupt:
        is_interrupted = True
        LOGGER.error("Interrupted: what is done is kept; run the same command again to go on")
    finally:
        live.close()
    found = (live.rows.get(each.name) or failed(each, NOT_REACHED) for each in plan.cases)
    finished = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return Fleet(
        plan.path,
        by.fail_on,
        tuple(found),
        finished,
        round(time.perf_counter() - started, 3),
        is_interrupted,
        gone=gone.names,
    )


def _gone(baseline: str, plan: Plan, results: str) -> Gone:
    """What became of the archives of the baseline; which have other names now is told."""
    gone = gone_archives(baseline, plan.cases, results) if baseline else Gone()
    for each in gone.renamed:
        told = (each.name, printable(each.before), each.shown_by)
        LOGGER.info("%s is compared with %s of the baseline, which has %s", *told)
    return gone


class _Live:
    """What is shown while the fleet runs: every row as it comes, and how far it all is."""

    def __init__(self, archives: int) -> None:
        self.rows: dict[str, Row] = {}
        self._archives = archives
        self._known, self._done = 0.0, 0.0
        self._progress = Progress(is_watched())

    def row(self, row: Row) -> None:
        """Show an archive that is through."""
        from tqdm import tqdm

        self.rows[row.name] = row
        with tqdm.external_write_mode():
            tell([line(row)])
        self._show()

    def work(self, known: float, done: float) -> None:
        """Count work that became known, or was done."""
        self._known += known
        self._done += done
        self._show()

    def _show(self) -> None:
        # Archives that were not opened yet are taken to be like the others.
        seen = max(len(self.rows), 1)
        waiting = max(self._archives - len(self.rows), 0)
        left = max(self._known - self._done, self._known / seen * waiting, 0.0)
        said = f"{len(self.rows)} of {plural(self._archives, 'archive')}"
        self._progress.show(said, self._done, left)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.close()
