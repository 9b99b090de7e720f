"""What counts as a fault of a run, and which kind of fault it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.running import HANG_SECONDS, MEMORY_BYTES, Ended
from utils.tool import ROOT

STATUSES = (0, 1, 2)
TRACE = "Traceback (most recent call last)"
# What the command says where it met something that nobody expected.
ADMITTED = re.compile(r"crashed and did not finish: [^\n]*|this is a fault of the tool[^\n]*")
# A frame of the project's own code in a traceback.
_FRAME = re.compile(
    rf'File "{re.escape(str(ROOT))}/((?:utils|inspectors|diagnosis|main\.py)[^"]*)", '
    r"line \d+, in (\S+)"
)
REPORTS = ("report.json", "report.sarif")


@dataclass(frozen=True)
class Fault:
    """What went wrong.

    Parameters
    ----------
    kind : the same for faults with the same root, as far as that can be told.
    told : all that is known, lines of text.
    """

    kind: str
    told: str


def fault_of(ended: Ended, files: Mapping[str, bytes]) -> Fault | None:
    """What is wrong with how a run in the current folder ended; None for nothing.

    Parameters
    ----------
    files : what the run was given to read.
    """
    said = next(_said(ended, files), None)
    if said is None:
        return None
    trace = ended.traces[-1] if ended.traces else ""
    frames = _FRAME.findall(trace)
    where = " < ".join(f"{path}:{name}" for path, name in frames[:-3:-1])
    raised = trace.strip().rpartition("\n")[2].partition(":")[0] if trace else ""
    kind = f"{raised} at {where}" if where else re.sub(r"\d+", "N", said)[:150]
    return Fault(kind, "\n".join([said, *ended.traces, ended.shown[-500:], ended.errors[-800:]]))


def _said(ended: Ended, files: Mapping[str, bytes]) -> Iterator[str]:
    text = f"{ended.shown}\n{ended.errors}"
    if ended.status not in STATUSES:
        yield f"the status is {ended.status}"
    if TRACE in text:
        yield "a traceback is shown"
    if found := ADMITTED.search(text):
        yield found.group()
    if ended.seconds > HANG_SECONDS:
        yield f"it takes longer than {HANG_SECONDS} s"
    if ended.grown > MEMORY_BYTES:
        yield "it takes too much memory"
    if ended.warnings:
        yield f"a warning is shown: {ended.warnings[0]}"
    for name, content in files.items():
        if Path(name).read_bytes() != content:
            yield f"{name} was changed"
    yield from filter(None, map(_wrong_report, REPORTS))


def _wrong_report(name: str) -> str:
    if not Path(name).exists():
        return ""
    try:
        json.loads(Path(name).read_text("utf-8"), parse_constant=_refused)
    except ValueError as error:
        return f"{name} is no JSON: {error}"
    return ""


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
