"""What the tasks of a fleet take, each by itself, on one worker of one core."""

from __future__ import annotations

import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.fleet_simulation import Times
from diagnosis.fleet.cluster import connected
from diagnosis.fleet.judging import Judged
from diagnosis.fleet.rounds import Round
from diagnosis.fleet.tasks import MOST_BATCHES, SLICE_WORK, Workplace
from utils.emulator.floats.batch_size import default_batch_size
from utils.emulator.measuring.work import total_work
from utils.fleet.plan import Case, read_plan
from utils.fleet.rows import Row
from utils.har.model import load_model

PASSES = 3.0  # of the float network, that measuring a sample takes


@dataclass(frozen=True)
class Measured:
    """Seconds of the tasks of one archive.

    Parameters
    ----------
    images : how many were measured.
    work : multiply-accumulates of measuring one.
    batch : images at once.
    slices : of all slices together, the first with reading and tracing the archive.
    look : of looking at the samples.
    answers : of all parts together that judging has asked for.
    """

    name: str
    images: int
    work: float
    batch: int
    survey: float
    slices: float
    join: float
    look: float
    answers: float
    judge: float


def measured_fleet(plan: Path, results: Path, images: int) -> list[Measured]:
    """Run a fleet on one worker of one core, and time its tasks."""
    from distributed import get_task_stream

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    results.mkdir()
    cases = [_with(case, images) for case in read_plan(str(plan)).cases]
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        tempfile.TemporaryDirectory() as other,
        connected("", 1, scratch, False) as client,
    ):
        # TensorFlow is imported once a worker: that is no time of an archive.
        _run(client, cases[-1:], Workplace(other), [])
        with get_task_stream(client=client) as stream:
            _run(client, cases, Workplace(str(results)), rows)
    if any(row.code for row in rows):
        raise RuntimeError("; ".join(row.verdict for row in rows if row.code))
    spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for task in stream.data:
        kind, _, rest = task["key"].partition("-")
        name = next(case.name for case in cases if rest.startswith(f"{case.name}-"))
        for part in task["startstops"]:
            if part["action"] == "compute":
                spent[name][kind] += part["stop"] - part["start"]
    return [_measured(case, images, spent[case.name]) for case in cases]


def _run(client: Any, cases: Sequence[Case], place: Workplace, rows: list[Row]) -> None:
    by = Judged("", "never")
    Round(client, place, by, rows.append, lambda known, done: None).run(cases)


def _with(case: Case, images: int) -> Case:
    options = [each for each in case.arguments if not each.startswith("--data-count")]
    return replace(case, arguments=(*options, f"--data-count={images}"))


def _measured(case: Case, images: int, spent: dict[str, float]) -> Measured:
    network = load_model(case.archive).float_network
    return Measured(
        case.name,
        images,
        PASSES * total_work(network),
        default_batch_size(network),
        spent["survey"],
        spent["measure"],
        spent["join"],
        spent["look"],
        spent["answer"],
        spent["judge"],
    )


def scaled(half: Measured, full: Measured, images: int) -> Times:
    """What an archive takes with more images: times grow by what the second half of them took.

    What is left of the slices when nothing is measured is reading and tracing. A join is taken to
    last as long as judging takes to read what was joined: a twentieth of a second where none ran.
    """
    more = full.images - half.images
    each = max((full.slices - half.slices) / more, 1e-3 * full.slices / full.images)
    opening = max(full.slices - each * full.images, 0.0)
    looking, answering, judging = (
        max((getattr(full, what) - getattr(half, what)) / more, 0.0)
        for what in ("look", "answers", "judge")
    )
    batches = min(int(SLICE_WORK / full.work) // full.batch, MOST_BATCHES)
    size = max(batches, 1) * full.batch
    counts = [min(size, images - first) for first in range(0, images, size)]
    grown = images - full.images
    return Times(
        full.name,
        full.survey,
        opening,
        tuple(each * count for count in counts),
        full.join or 0.05,
        full.judge + judging * grown,
        full.look + looking * grown,
        _parts(full.answers + answering * grown, max(counts) * each),
    )


def _parts(seconds: float, largest: float) -> tuple[float, ...]:
    """Equal parts, none of them longer than a slice."""
    count = math.ceil(seconds / largest) if largest > 0 else 1
    return (seconds / count,) * count if seconds > 0 else ()
