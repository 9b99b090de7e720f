"""The data of a run: what failed, what was looked at nevertheless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diagnosis.data_run import DataRun, run_data
from tests.har.archives import small_images, write_small
from utils.backends import embedded
from utils.errors import DatasetError
from utils.har.model import load_model
from utils.measurements import Need
from utils.model_script import parse_model_script
from utils.options.options import Options, parse_options

IMAGES = small_images(samples=20).astype(np.float32)


def ran(folder: Path, array: Any, *argv: str, need: Need = Need.SAMPLE_DIGESTS) -> DataRun:
    har = write_small(folder / "model.har")
    arguments = [har, *argv]
    if array is not None:
        np.save(folder / "x.npy", array)
        arguments += ["-d", str(folder / "x.npy")]
    return run_data(options(*arguments), load_model(har), None, need)


def options(*argv: str) -> Options:
    return parse_options([*argv], {})


def test_without_data() -> None:
    run = run_data(options("x.har"), None, None, Need.SAMPLE_DIGESTS)  # type: ignore[arg-type]
    assert run == DataRun()
    assert not run.has_failed


@pytest.mark.parametrize("count", [1, 7, 20, 64])
def test_every_sample_is_looked_at_once(tmp_path: Path, count: int) -> None:
    run = ran(tmp_path, IMAGES, "-c", str(count), "--batch-size", "3")
    assert not run.has_failed
    assert run.emulation is not None
    assert run.emulation.measurements.samples == min(count, 20)
    assert run.samples is not None
    assert run.samples.samples == 20
    (seen,) = run.samples.inputs.values()
    np.testing.assert_allclose(seen.maximum, IMAGES.max(axis=(1, 2, 3)))
    assert seen.outside is not None


def test_samples_are_not_looked_at_where_nobody_asks(tmp_path: Path) -> None:
    run = ran(tmp_path, IMAGES, need=Need.INPUT_STATISTICS)
    assert run.samples is None
    assert run.emulation is not None


def test_numbers_that_are_none_leave_the_digests(tmp_path: Path) -> None:
    spoiled = IMAGES.copy()
    spoiled[3, 0, 0, 0] = np.nan
    run = ran(tmp_path, spoiled, "--batch-size", "2")
    assert run.emulation is None
    assert run.error is not None
    assert run.error.finding_id == "calibration-not-finite"
    assert run.failures == ()
    assert run.samples is not None
    assert run.samples.samples == 20


def test_another_shape_leaves_nothing(tmp_path: Path) -> None:
    run = ran(tmp_path, IMAGES.transpose(0, 3, 1, 2))
    assert (run.calibration, run.emulation, run.samples) == (None, None, None)
    assert run.all_failures(is_explained=True) == [
        "the data were not measured: see calibration-shape"
    ]
    assert "transpose" in run.all_failures(is_explained=False)[0]


def test_a_missing_file_is_no_finding(tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har")
    run = run_data(options(har, "-d", "no.npy"), load_model(har), None, Need.SAMPLE_DIGESTS)
    assert run.error is None
    assert run.all_failures(is_explained=True) == ["no.npy does not exist; give an npy or npz file"]


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
    run = ran(tmp_path, IMAGES, "-c", "4")
    assert run.emulation is not None
    assert run.samples is not None
    assert run.samples.samples == 4
    (failure,) = run.all_failures(is_explained=True)
    assert "x.npy is damaged" in failure


def test_an_error_that_is_told_twice_is_one_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any) -> Any:
        (tmp_path / "x.npy").write_bytes(b"\x93NUMPY")
        raise DatasetError("x.npy is damaged")

    monkeypatch.setattr(embedded, "measure", damaged)
    run = ran(tmp_path, IMAGES)
    assert run.samples is None
    assert len(run.failures) <= 2
    assert run.failures[0] == "x.npy is damaged"


def test_data_behind_a_conversion_are_looked_at_but_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    har = write_small(tmp_path / "model.har")
    np.save(tmp_path / "x.npy", np.ones((9, 4, 4, 3), np.uint8))
    monkeypatch.setattr(
        "diagnosis.data_run.converted_shapes", lambda *_: {"net/input_layer1": (4, 4, 3)}
    )
    script = parse_model_script("c = input_conversion(nv12_to_rgb)\n")
    arguments = options(har, "-d", str(tmp_path / "x.npy"))
    run = run_data(arguments, load_model(har), script, Need.SAMPLE_DIGESTS)
    assert run.emulation is None
    assert "fit behind the input_conversion" in run.failures[0]
    assert run.samples is not None
    assert run.samples.samples == 9
