"""The command over one situation, in this process, and what it says first."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import inspectors
from benchmarks.judgement.drawing import Drawn
from benchmarks.judgement.pairs import Pair, harms_alone, told, verdict_of_pair
from benchmarks.judgement.scoring import Outcome, Said, said_above_info, verdict_of
from benchmarks.judgement.written import write
from diagnosis.diagnosing import diagnose
from inspectors.base_inspector import BaseInspector
from utils.options.options import parse_options
from utils.report import Report
from utils.terminal.logger import logging_to


@cache
def _available() -> tuple[list[type[BaseInspector]], dict[str, str]]:
    found, _ = inspectors.discover()
    return found, {cls.name(): cls.summary() for cls in found}


def report_of(arguments: Sequence[str]) -> Report:
    """What the command finds; nothing is shown."""
    available, names = _available()
    return diagnose(parse_options(arguments, names), available, ())


def judged(one: Drawn, folder: Path) -> Outcome:
    """Write a situation, run the command over it, and judge what it says."""
    arguments, harm = write(one.situation, folder)
    report, said = _said(arguments)
    verdict = verdict_of(said, one.wanted, harm)
    return Outcome(one.id, one.family, one.kind, harm, said, verdict, report.shortfalls)


def judged_pair(pair: Pair, folder: Path) -> Outcome:
    """Write both faults, and each alone, and judge what the command says of both."""
    one, alone = pair.both, harms_alone(pair, folder)
    arguments, harm = write(one.situation, folder)
    report, said = _said(arguments)
    verdict = verdict_of_pair(said, pair.wanted, alone, harm)
    kind = f"{one.kind}, {told(said, pair.wanted, alone, harm)}"
    return Outcome(one.id, one.family, kind, harm, said, verdict, report.shortfalls)


def _said(arguments: Sequence[str]) -> tuple[Report, Said]:
    with contextlib.redirect_stderr(io.StringIO()):
        report = report_of(arguments)
    diagnosis = report.diagnosis
    infos = tuple(c.finding.id for c in diagnosis.causes if c not in said_above_info([c]))
    step = diagnosis.next.text if diagnosis.next else ""
    return report, Said(said_above_info(diagnosis.causes), infos, step)


def shown(one: Drawn, folder: Path) -> str:
    """What a user of the command reads, with the files left in the folder."""
    arguments, harm = write(one.situation, folder)
    available, names = _available()
    out = io.StringIO()
    with logging_to(str(folder / "log"), False, out), contextlib.redirect_stdout(out):
        diagnose(parse_options(arguments, names), available, ())
    facts = f"{one.id}: {one.family}, {one.kind}; {harm}\n{one.wanted}\n{one.situation.script}\n"
    command = " ".join(arguments)
    sys.stderr.flush()
    return f"{out.getvalue()}\n{facts}{command}\n"
