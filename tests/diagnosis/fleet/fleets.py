"""Small fleets: archives, a plan, and workers that are threads of this process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diagnosis.fleet.judging import REPORT, Judged
from diagnosis.fleet.running import run_cases
from diagnosis.fleet.tasks import Workplace
from tests.har.archives import small_images, write_small
from utils.emulator.measuring.work import total_work
from utils.fleet.plan import Case
from utils.fleet.rows import Row
from utils.har.model import load_model

BATCH, SAMPLES = 4, 26
OPTIONS = (f"--batch-size={BATCH}", "--target-snr=60")
BY = Judged("", "never")
TIMES = ("seconds", "spent", "finished")


def archives(folder: Path, *names: str) -> list[Case]:
    """Archives of small networks that differ in their precision, with one calibration set."""
    data = folder / "x.npy"
    np.save(data, small_images(samples=SAMPLES).astype(np.float32))
    return [_case(folder, name, str(data), index) for index, name in enumerate(names)]


def _case(folder: Path, name: str, data: str, index: int) -> Case:
    modes = {"conv2": "a8_w4"} if index % 2 else {}
    har = write_small(folder / f"{name}.har", precision_modes=modes)
    return Case(name, har, data, OPTIONS)


def workplace(folder: Path, case: Case, samples: int = SAMPLES, **changes: Any) -> Workplace:
    """A folder of results, with slices of so many samples."""
    results = folder / "results"
    results.mkdir(exist_ok=True)
    work = 3.0 * total_work(load_model(case.archive).float_network) * (samples + 0.5)
    return Workplace(str(results), work, **changes)


@contextmanager
def cluster(workers: int = 1) -> Iterator[Any]:
    """A client of workers that are threads of this process."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
        ) as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        yield client


def ran(client: Any, cases: Sequence[Case], place: Workplace, by: Judged = BY) -> dict[str, Row]:
    """Rows by name of the archive."""
    rows: dict[str, Row] = {}
    run_cases(
        lambda: nullcontext(client), cases, place, by, lambda row: rows.update({row.name: row})
    )
    return rows


def report_of(place: Workplace, row: Row) -> Any:
    """The report of an archive, times aside."""
    text = (Path(place.results) / row.folder / REPORT).read_text("utf-8")
    return timeless(json.loads(text))


def timeless(document: Any) -> Any:
    """The same without what a clock says."""
    if isinstance(document, dict):
        return {key: timeless(each) for key, each in document.items() if key not in TIMES}
    if isinstance(document, list):
        return [timeless(each) for each in document]
    return document
