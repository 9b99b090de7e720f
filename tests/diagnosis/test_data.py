"""From the options to a job, and to what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diagnosis.data import bench_for, job_of, measured_by
from diagnosis.inputs import Inputs, read_inputs
from tests.fixtures.builders import build_layer, build_model, chain
from tests.har.archives import small_images, write_small
from utils.errors import UsageError
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.output_kind import SettledKind, WhatIsJudged
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
        *("--activation-parameter", "leaky=0.01", "--score-threshold", "0.25"),
        *("--output-kind", "output_layer1=regression"),
    )
    judged = WhatIsJudged(
        {"net/output_layer1": SettledKind("regression", "--output-kind says so")}, 0.25
    )
    settings = Settings({"leaky": 0.01}, 3, "hailo15h", 31.0, True, judged=judged)
    found = job_of(asked, inputs(), Need.NOISE)
    assert found == Job("x.har", "x.npy", 7, Need.NOISE, settings, "embedded")
    hurried = job_of(options("x.har", "-d", "x.npy", "--quick"), inputs(), Need.NOISE)
    assert hurried is not None
    assert (hurried.settings.quick, hurried.samples) == (True, None)


def inputs() -> Inputs:
    layers = [build_layer("input_layer1"), build_layer("fc1", "dense", shape=(1, 1, 3))]
    return Inputs(build_model(chain(*layers, build_layer("output_layer1", shape=(1, 1, 3)))))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("conv9=classes", "--output-kind conv9=classes names no output; there are output_layer1"),
        ("output_layer1=class", "names no kind of output; known are classes, scores,"),
        ("output_layer1=unknown", "names no kind of output"),
    ],
)
def test_outputs_and_kinds_that_do_not_exist_are_refused(asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        job_of(options("x.har", "-d", "x.npy", "--output-kind", asked), inputs(), Need.NOISE)


@pytest.mark.parametrize("is_there", [True, False])
def test_the_data_are_measured_or_what_failed_is_said(tmp_path: Path, is_there: bool) -> None:
    data = tmp_path / "x.npy"
    if is_there:
        np.save(data, small_images(samples=3).astype(np.float32))
    asked = options(write_small(tmp_path / "model.har"), "-d", str(data))
    found = measured_by(bench_for(asked, read_inputs(asked), Need.OUTPUT_STATISTICS))
    assert (found.measurements is not None) is is_there
    assert found.has_failed is not is_there
