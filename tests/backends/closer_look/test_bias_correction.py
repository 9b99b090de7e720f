"""Bias correction tried where the compiler left it out, from the archive to what is said of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from inspectors.bias_correction_inspector import BiasCorrectionInspector
from tests.backends.closer_look import asking
from tests.backends.closer_look.asking import Made, written
from tests.fixtures.noise_archives import Fault, images, write_archive
from tests.har.archives import NAME
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.jobs.bundle import bundled, unbundled
from utils.measurements import Measurements, Need
from utils.measurements.left_out import BIAS_TRIAL, QUICK

OUTPUT = f"{NAME}/output_layer1"
NEED = Need.NOISE | Need.BIAS_TRIAL
measured = partial(asking.measured, need=NEED)


def said(made: Made) -> list[Finding]:
    return asking.said(BiasCorrectionInspector(), made)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An archive with a bias that is wrong, and its images."""
    return write_archive(tmp_path_factory.mktemp("moved"), Fault.CONSTANT_BIAS)


@pytest.fixture(scope="module")
def tried(moved: tuple[str, str]) -> Made:
    """What was measured of it."""
    return measured(*moved)


def with_algorithms(folder: Path, *names: str, level: int = 1) -> tuple[str, str]:
    """The sound network, as an archive that records what ran."""
    return written(folder, images(), level, *names)


@loud("bias-correction-missing")
def test_a_wrong_bias_is_mended_on_samples_that_did_not_measure_it(tried: Made) -> None:
    trial = tried[1].bias_trial
    assert trial is not None
    assert (trial.measured_on, trial.judged_on) == (32, 32)
    assert trial.after[OUTPUT].snr_db > trial.before[OUTPUT].snr_db + 10
    assert trial.suffices
    (finding,) = said(tried)
    assert finding.id == "bias-correction-missing"
    assert finding.commands == ("post_quantization_optimization(bias_correction, policy=enabled)",)
    assert finding.recommendation is not None
    assert finding.recommendation.proven
    assert finding.layers == (OUTPUT,)
    assert "measured on 32 samples, judged on 32 others" in finding.evidence
    assert any("bias correction is taken to" in each for each in tried[1].assumptions)


@pytest.mark.slow
def test_no_plan_is_searched_for_what_a_bias_mends(moved: tuple[str, str]) -> None:
    need = NEED | Need.SENSITIVITY | Need.PRECISION_PLAN
    without, with_trial = (
        measured(*moved, need=need & ~Need.BIAS_TRIAL),
        measured(*moved, need=need),
    )
    assert without[1].plan is not None
    assert with_trial[1].plan is None
    assert with_trial[1].left_out == {}


@quiet("bias-correction-missing", "bias-correction-helps")
@pytest.mark.parametrize(
    ("names", "level"),
    [
        (("bias_correction",), 1),
        pytest.param(("quantization-aware_fine-tuning",), 2, marks=pytest.mark.slow),
    ],
)
def test_where_biases_were_corrected_nothing_is_tried(
    names: tuple[str, ...], level: int, tmp_path: Path
) -> None:
    made = measured(*with_algorithms(tmp_path, *names, level=level))
    assert made[1].bias_trial is None
    assert said(made) == []


@quiet("bias-correction-missing", "bias-correction-helps")
@pytest.mark.parametrize(
    ("need", "samples"), [(Need.NOISE, 64), (NEED, 15)], ids=["not asked for", "few samples"]
)
def test_it_takes_a_question_and_enough_samples(
    need: Need, samples: int, moved: tuple[str, str]
) -> None:
    made = measured(*moved, need=need, samples=samples)
    assert made[1].bias_trial is None
    assert said(made) == []


def test_a_quick_run_leaves_it_out(moved: tuple[str, str]) -> None:
    assert measured(*moved, quick=True)[1].left_out == {BIAS_TRIAL: QUICK}


@quiet("bias-correction-helps")
@loud("bias-correction-helps")
def test_what_is_not_enough_or_not_needed_has_another_name(tried: Made) -> None:
    model, found = tried
    trial = found.bias_trial
    assert trial is not None
    part = replace(trial, suffices=False)
    (finding,) = said((model, replace(found, bias_trial=part)))
    assert finding.id == "bias-correction-helps"
    in_vain = replace(trial, after=trial.before, suffices=False)
    assert said((model, replace(found, bias_trial=in_vain))) == []


def test_the_trial_survives_a_journey_to_another_process(tried: Made) -> None:
    _, found = tried
    again = unbundled(Measurements, bundled(found)).bias_trial
    assert again is not None
    assert found.bias_trial is not None
    assert again.judged_on == found.bias_trial.judged_on
    assert again.after[OUTPUT].snr_db == found.bias_trial.after[OUTPUT].snr_db
