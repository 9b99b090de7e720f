"""From the options to a job, and to what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diagnosis.data import bench_for, job_of, measured_by
from diagnosis.inputs import Inputs, read_inputs
from tests.har.archives import small_images, write_small
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.options.options import Options, parse_options


def options(*argv: str) -> Options:
    return parse_options([*argv], {})


def test_without_data() -> None:
    none: Inputs = None  # type: ignore[assignment]
    bench = bench_for(options("x.har"), none, Need.SAMPLE_DIGESTS)
    assert bench is None
    assert measured_by(bench) == Measured()
    assert not measured_by(bench).has_failed


def test_every_option_that_is_about_measuring_reaches_the_job() -> None:
    asked = options(
        *("x.har", "-d", "x.npy", "-c", "7", "--batch-size", "3", "--target-snr", "31"),
        *("--hw_arch", "hailo15h", "--exact-sensitivity", "--backend", "embedded"),
        *("--activation-parameter", "leaky=0.01"),
    )
    settings = Settings({"leaky": 0.01}, 3, "hailo15h", 31.0, True)
    assert job_of(asked, Need.NOISE) == Job("x.har", "x.npy", 7, Need.NOISE, settings, "embedded")
    hurried = job_of(options("x.har", "-d", "x.npy", "--quick"), Need.NOISE)
    assert hurried is not None
    assert hurried.settings.quick


@pytest.mark.parametrize("is_there", [True, False])
def test_the_data_are_measured_or_what_failed_is_said(tmp_path: Path, is_there: bool) -> None:
    data = tmp_path / "x.npy"
    if is_there:
        np.save(data, small_images(samples=3).astype(np.float32))
    asked = options(write_small(tmp_path / "model.har"), "-d", str(data))
    found = measured_by(bench_for(asked, read_inputs(asked), Need.OUTPUT_STATISTICS))
    assert (found.measurements is not None) is is_there
    assert found.has_failed is not is_there
