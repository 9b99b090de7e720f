"""The bench of this process: what failed, what was looked at nevertheless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.har.archives import small_images, write_small
from utils.backends import bench as bench_module
from utils.backends import embedded
from utils.backends.bench import LocalBench
from utils.errors import DatasetError
from utils.har.model import load_model
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.range_trial import RangeRequest
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.left_out import INTERRUPTED, QUICK, SAMPLES
from utils.model_script import ModelScript, parse_model_script

IMAGES = small_images(samples=20).astype(np.float32)


def ran(
    folder: Path,
    array: Any,
    samples: int = 64,
    batch_size: int | None = None,
    need: Need = Need.SAMPLE_DIGESTS,
) -> Measured:
    har, data = write_small(folder / "model.har"), str(folder / "x.npy")
    np.save(data, array)
    return benched(Job(har, data, samples, need, Settings(batch_size=batch_size))).measure()


def benched(job: Job, script: ModelScript | None = None) -> LocalBench:
    return LocalBench(job, load_model(job.archive), script)


@pytest.mark.parametrize("count", [1, 7, 20, 64])
def test_every_sample_is_looked_at_once(tmp_path: Path, count: int) -> None:
    run = ran(tmp_path, IMAGES, count, 3)
    assert not run.has_failed
    assert run.measurements is not None
    assert run.measurements.samples == min(count, 20)
    assert run.samples is not None
    assert run.samples.samples == 20
    (seen,) = run.samples.inputs.values()
    np.testing.assert_allclose(seen.maximum, IMAGES.max(axis=(1, 2, 3)))
    assert seen.outside is not None


@pytest.mark.parametrize(
    ("asked", "in_file", "used"), [(None, 99, 99), (64, 99, 64), (None, 300, 64), (None, 20, 20)]
)
def test_small_files_are_used_whole_and_others_evenly(
    tmp_path: Path, asked: int | None, in_file: int, used: int
) -> None:
    har, data = write_small(tmp_path / "model.har"), str(tmp_path / "x.npy")
    np.save(data, small_images(samples=in_file))
    facts = benched(Job(har, data, asked)).open_data()
    assert (facts.used, facts.samples) == (used, in_file)
    assert facts.is_whole is (used == in_file)


def test_large_networks_take_no_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "WHOLE_FILE_WORK", 1.0)
    har, data = write_small(tmp_path / "model.har"), str(tmp_path / "x.npy")
    np.save(data, small_images(samples=99))
    facts = benched(Job(har, data, None)).open_data()
    assert (facts.used, facts.indices[-1]) == (64, 98)


def test_in_a_hurry_no_range_is_tried(tmp_path: Path) -> None:
    har, data = write_small(tmp_path / "model.har"), str(tmp_path / "x.npy")
    np.save(data, IMAGES)
    bench = benched(Job(har, data, 8, Need.OUTPUT_STATISTICS, Settings(quick=True)))
    assert not bench.measure().has_failed
    found = bench.try_ranges(RangeRequest({"net/conv1": (0.0, 1.0)}))
    assert (found.trials, found.left_out) == ({}, QUICK)


def test_an_interruption_while_looking_at_the_rest_keeps_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_module, "read_the_rest", interrupted)
    run = ran(tmp_path, IMAGES, 7)
    assert run.is_interrupted
    assert run.measurements is not None
    assert run.measurements.left_out == {SAMPLES: INTERRUPTED}
    assert run.samples is not None
    assert run.samples.samples == 7
    (said,) = run.all_failures(is_explained=True)
    assert "interrupted" in said


def test_behind_an_interruption_no_range_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_module, "read_the_rest", interrupted)
    har, data = write_small(tmp_path / "model.har"), str(tmp_path / "x.npy")
    np.save(data, IMAGES)
    bench = benched(Job(har, data, 7, Need.SAMPLE_DIGESTS))
    assert bench.measure().is_interrupted
    assert bench.try_ranges(RangeRequest({"net/conv1": (0.0, 1.0)})).left_out == INTERRUPTED


def test_an_interruption_of_the_data_pass_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ran(tmp_path, IMAGES)


def test_samples_are_not_looked_at_where_nobody_asks(tmp_path: Path) -> None:
    run = ran(tmp_path, IMAGES, need=Need.INPUT_STATISTICS)
    assert run.samples is None
    assert run.measurements is not None


def test_numbers_that_are_none_leave_the_digests(tmp_path: Path) -> None:
    spoiled = IMAGES.copy()
    spoiled[3, 0, 0, 0] = np.nan
    run = ran(tmp_path, spoiled, batch_size=2)
    assert run.measurements is None
    assert run.refusal is not None
    assert run.refusal.finding_id == "calibration-not-finite"
    assert run.failures == ()
    assert run.samples is not None
    assert run.samples.samples == 20


def test_another_shape_leaves_nothing(tmp_path: Path) -> None:
    run = ran(tmp_path, IMAGES.transpose(0, 3, 1, 2))
    assert (run.dataset, run.measurements, run.samples) == (None, None, None)
    assert run.all_failures(is_explained=True) == [
        "the data were not measured, calibration-shape says why"
    ]
    assert "transpose" in run.all_failures(is_explained=False)[0]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har")
    run = benched(Job(har, "no.npy", 64, Need.SAMPLE_DIGESTS)).measure()
    assert run.refusal is not None
    assert run.refusal.headline == "The calibration set does not exist"
    assert run.refusal.evidence == "no.npy"
    assert run.refusal.finding_id == "calibration-unreadable"
    assert run.all_failures(is_explained=True) == [
        "the data were not measured, calibration-unreadable says why"
    ]


def test_a_file_that_is_damaged_behind_the_measured_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = embedded.measure

    def shrinking(*arguments: Any) -> Any:
        emulation = measure(*arguments)
        path = tmp_path / "x.npy"
        path.write_bytes(path.read_bytes()[:-4000])
        return emulation

    monkeypatch.setattr(embedded, "measure", shrinking)
    run = ran(tmp_path, IMAGES, 4)
    assert run.measurements is not None
    assert run.samples is not None
    assert run.samples.samples == 4
    assert run.refusal is not None
    assert run.refusal.headline == "The data changed while they were read"
    (failure,) = run.all_failures(is_explained=True)
    assert failure == "the data were not read to their end, calibration-unreadable says why"


def test_an_error_that_is_told_twice_is_one_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any) -> Any:
        (tmp_path / "x.npy").write_bytes(b"\x93NUMPY")
        raise DatasetError("x.npy is damaged")

    monkeypatch.setattr(embedded, "measure", damaged)
    run = ran(tmp_path, IMAGES)
    assert run.samples is None
    assert len(run.failures) <= 1
    assert run.refusal is not None
    assert run.refusal.headline == "x.npy is damaged"


def test_data_behind_a_conversion_are_looked_at_but_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    har = write_small(tmp_path / "model.har")
    np.save(tmp_path / "x.npy", np.ones((9, 4, 4, 3), np.uint8))
    monkeypatch.setattr(
        "utils.backends.opened_data.converted_shapes", lambda *_: {"net/input_layer1": (4, 4, 3)}
    )
    script = parse_model_script("c = input_conversion(nv12_to_rgb)\n")
    job = Job(har, str(tmp_path / "x.npy"), 64, Need.SAMPLE_DIGESTS)
    run = benched(job, script).measure()
    assert run.measurements is None
    assert "fit behind the input_conversion" in run.failures[0]
    assert run.samples is not None
    assert run.samples.samples == 9


def test_without_a_measurement_nothing_can_be_tried(tmp_path: Path) -> None:
    job = Job(write_small(tmp_path / "model.har"), "no.npy", 64)
    found = benched(job).try_ranges(RangeRequest({"net/conv1": (0.0, 1.0)}))
    assert (found.trials, found.failure) == ({}, "the data were not measured")
