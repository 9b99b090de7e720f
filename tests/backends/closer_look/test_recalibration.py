"""A calibration on the data given, tried: from the archive to what is said of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.float_graph import FloatArray
from inspectors.recalibration_inspector import RecalibrationInspector
from tests.backends.closer_look import asking
from tests.backends.closer_look.asking import Made, written
from tests.fixtures.noise_archives import Fault, images, write_archive
from tests.har.archives import NAME
from tests.har.samples import DIRECTORY, sample_path
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.jobs.bundle import bundled, unbundled
from utils.measurements import Measurements, Need
from utils.measurements.left_out import QUICK, RECALIBRATION

OUTPUT = f"{NAME}/output_layer1"
NEED = Need.NOISE | Need.PREACTIVATION_STATISTICS | Need.RECALIBRATION
measured = partial(asking.measured, need=NEED)


def said(made: Made) -> list[Finding]:
    return asking.said(RecalibrationInspector(), made)


def calibrated_on(folder: Path, seen: FloatArray) -> tuple[str, str]:
    """The sound network, calibrated on some images and given others."""
    return written(folder, seen, 0)


@pytest.fixture(scope="module")
def dim(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An archive that was calibrated on nearly grey images, on images as they should be."""
    folder = tmp_path_factory.mktemp("dim")
    return measured(*calibrated_on(folder, images() * np.float32(0.15)))


@loud("calibration-costs")
def test_ranges_that_are_too_narrow_cost_what_other_ranges_bring_back(dim: Made) -> None:
    trial = dim[1].recalibration
    assert trial is not None
    assert trial.measured_on == 64
    assert trial.judged_on == 32
    assert trial.after[OUTPUT].snr_db > trial.before[OUTPUT].snr_db + 10
    (finding,) = said(dim)
    assert finding.id == "calibration-costs"
    assert "--calib-set-path" in finding.command
    assert finding.gain is not None
    assert "ranges of all 64 samples, judged on 32" in finding.evidence
    assert any("without what a script clips" in each for each in dim[1].assumptions)


def test_what_it_foretells_is_what_the_quantizer_makes_of_these_data(
    dim: Made, tmp_path: Path
) -> None:
    trial = dim[1].recalibration
    assert trial is not None
    _, again = measured(*calibrated_on(tmp_path, images()), need=Need.NOISE)
    assert again.noise is not None
    expected = again.noise.layers[OUTPUT].output.snr_db
    assert trial.after[OUTPUT].snr_db == pytest.approx(expected, abs=1.0)


def test_it_foretells_what_the_author_of_a_real_archive_got_by_calibrating_again() -> None:
    """Random numbers were replaced by real flows: the same weights, and two real archives."""
    wrong = sample_path("ids_mlp_logits_randomcalib_q8")
    right = sample_path("ids_mlp_logits_realcalib_q8")
    data = str(DIRECTORY.parent / "calib" / "ids_flows_99x1x1x80.npy")
    trial = measured(wrong, data, samples=99)[1].recalibration
    noise = measured(right, data, need=Need.NOISE, samples=99)[1].agreement
    assert trial is not None
    assert noise is not None
    (after,), (before,) = trial.after.values(), trial.before.values()
    (output,) = noise.outputs.values()
    assert before.median_db < 6
    assert after.median_db == pytest.approx(output.samples.snr_db_at(0.5), abs=1.0)


@quiet("calibration-costs")
@loud("calibration-not-to-blame")
def test_where_a_channel_takes_the_codes_no_calibration_gives_them_back(tmp_path: Path) -> None:
    path, data = write_archive(tmp_path, Fault.OUTLIER_CHANNEL)
    np.save(data, images() * np.float32(0.75))  # so that some ranges end elsewhere
    made = measured(path, data)
    assert made[1].recalibration is not None
    assert [finding.id for finding in said(made)] == ["calibration-not-to-blame"]


@quiet("calibration-costs", "calibration-not-to-blame")
def test_data_of_the_calibration_itself_are_not_tried(tmp_path: Path) -> None:
    made = measured(*write_archive(tmp_path, Fault.FOUR_BIT_LAYER))
    assert made[1].recalibration is None
    assert said(made) == []


@quiet("calibration-costs", "calibration-not-to-blame")
@pytest.mark.parametrize(
    ("need", "samples"), [(Need.NOISE, 64), (NEED, 15)], ids=["not asked for", "few samples"]
)
def test_it_takes_a_question_and_enough_samples(need: Need, samples: int, tmp_path: Path) -> None:
    files = calibrated_on(tmp_path, images() * np.float32(0.15))
    made = measured(*files, need=need, samples=samples)
    assert made[1].recalibration is None
    assert said(made) == []


def test_a_quick_run_leaves_it_out(tmp_path: Path) -> None:
    files = calibrated_on(tmp_path, images() * np.float32(0.15))
    assert measured(*files, quick=True)[1].left_out == {RECALIBRATION: QUICK}


def test_the_trial_survives_a_journey_to_another_process(dim: Made) -> None:
    found = dim[1].recalibration
    again = unbundled(Measurements, bundled(dim[1])).recalibration
    assert found is not None
    assert again is not None
    assert again.as_stored[OUTPUT].snr_db == found.as_stored[OUTPUT].snr_db


def test_without_stored_ranges_nothing_is_said(dim: Made) -> None:
    model, found = dim
    assert said((model, replace(found, recalibration=None))) == []
