"""Weights that finetuning led astray, from the archive to what is said of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.float_graph import FloatArray
from inspectors.finetuning_inspector import FinetuningInspector
from tests.backends.closer_look import asking
from tests.backends.closer_look.asking import Made, written
from tests.fixtures.builders import build_context
from tests.fixtures.noise_archives import images, sound_network
from tests.har.archives import NAME
from tests.house.evidence import loud, quiet
from utils.facts.optimization_levels import FINETUNE
from utils.findings import Finding
from utils.har.moved_weights import moved_layers
from utils.jobs.bundle import bundled, unbundled
from utils.measurements import Measurements, Need
from utils.measurements.left_out import QUICK, UNTUNED_TRIAL

OUTPUT = f"{NAME}/output_layer1"
NEED = Need.NOISE | Need.UNTUNED_TRIAL | Need.RECALIBRATION | Need.PRECISION_PLAN
measured = partial(asking.measured, need=NEED)


def said(made: Made) -> list[Finding]:
    return asking.said(FinetuningInspector(), made)


def tuned(share: float) -> dict[str, FloatArray]:
    """Kernels with noise of so many of their standard deviations."""
    random, net = np.random.default_rng(4), sound_network()
    kernels = {n: a for n, a in net.weights().items() if n.endswith("/kernel")}
    return {
        name: (array + share * array.std() * random.standard_normal(array.shape)).astype(np.float32)
        for name, array in kernels.items()
        if "normalization" not in name
    }


def finetuned(folder: Path, share: float) -> tuple[str, str]:
    return written(folder, images(), 2, FINETUNE.flag, tuned=tuned(share))


@pytest.fixture(scope="module")
def astray(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An archive whose weights moved by half of their size."""
    return measured(*finetuned(tmp_path_factory.mktemp("astray"), 0.5))


@loud("finetuning-costs")
def test_what_the_trained_weights_bring_back_is_told(astray: Made) -> None:
    trial = astray[1].untuned_trial
    assert trial is not None
    assert (trial.measured_on, trial.judged_on) == (32, 32)
    assert trial.after[OUTPUT].snr_db > trial.before[OUTPUT].snr_db + 10
    (finding,) = said(astray)
    assert finding.id == "finetuning-costs"
    assert finding.commands == (
        "post_quantization_optimization(finetune, policy=disabled)",
        "post_quantization_optimization(bias_correction, policy=enabled)",
    )
    assert finding.gain is not None
    assert finding.evidence.startswith("finetune ran; the weights of ")
    assert any("is read from the archive" in each for each in astray[1].assumptions)


def test_nothing_else_is_tried_on_weights_that_are_to_be_replaced(astray: Made) -> None:
    assert astray[1].recalibration is None
    assert astray[1].plan is None


def test_it_foretells_what_the_quantizer_makes_of_the_trained_weights(
    astray: Made, tmp_path: Path
) -> None:
    trial = astray[1].untuned_trial
    assert trial is not None
    _, again = measured(*written(tmp_path, images(), 0), need=Need.NOISE)
    assert again.noise is not None
    assert trial.after[OUTPUT].snr_db >= again.noise.layers[OUTPUT].output.snr_db - 1.0


@quiet("finetuning-costs")
def test_finetuning_that_moves_weights_by_little_is_none(tmp_path: Path) -> None:
    made = measured(*finetuned(tmp_path, 0.02))
    assert made[0].known(moved_layers)
    assert said(made) == []


@quiet("finetuning-costs")
def test_weights_that_were_left_alone_are_not_tried(tmp_path: Path) -> None:
    made = measured(*written(tmp_path, images() * np.float32(0.15), 2, FINETUNE.flag))
    assert made[1].untuned_trial is None
    assert said(made) == []
    skipped = FinetuningInspector().should_skip(build_context(*made))
    assert str(skipped) == "the archive holds no weights that differ from the trained ones"


@quiet("finetuning-costs")
@pytest.mark.parametrize(("need", "samples"), [(Need.NOISE, 64), (NEED, 15)])
def test_it_takes_a_question_and_enough_samples(need: Need, samples: int, tmp_path: Path) -> None:
    made = measured(*finetuned(tmp_path, 0.5), need=need, samples=samples)
    assert made[1].untuned_trial is None
    assert said(made) == []


def test_a_quick_run_leaves_it_out(tmp_path: Path) -> None:
    left_out = measured(*finetuned(tmp_path, 0.5), quick=True)[1].left_out
    assert left_out[UNTUNED_TRIAL] == QUICK


def test_the_trial_survives_a_journey_to_another_process(astray: Made) -> None:
    found = astray[1].untuned_trial
    again = unbundled(Measurements, bundled(astray[1])).untuned_trial
    assert found is not None
    assert again is not None
    assert again.after[OUTPUT].snr_db == found.after[OUTPUT].snr_db
