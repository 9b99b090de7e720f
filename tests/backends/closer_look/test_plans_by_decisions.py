"""Plans for archives whose pooled SNR does not show what they lose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.emulator.measuring.decisions import features, regression, vector_network
from tests.emulator.measuring.test_agreement_pass import Made
from tests.emulator.networks import weights
from tests.emulator.quantized_networks import INPUT, quantized_pair
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.output_kind import OutputKind, SettledKind, WhatIsJudged

OUTPUT = "net/output_layer1"


def measured(
    made: Made, folder: Path, kind: OutputKind, target_db: float | None = None
) -> Measurements:
    pair, batch = made
    np.save(folder / "data.npy", batch[INPUT])
    model = pair.model
    calibration = open_dataset(str(folder / "data.npy"), model.float_network.input_layers, 64)
    settings = Settings(target_db=target_db, judged=WhatIsJudged({OUTPUT: SettledKind(kind)}))
    found = embedded.measure(OpenedJob(model, calibration, Need.PRECISION_PLAN, settings))
    assert found.failures == ()
    return found.measurements


def test_where_no_decision_is_lost_no_plan_is_searched(tmp_path: Path) -> None:
    made = regression(tmp_path, is_raw=False)
    assert measured(made, tmp_path, "regression").plan is None


def test_a_target_that_somebody_asks_for_is_searched_for_all_the_same(tmp_path: Path) -> None:
    made = regression(tmp_path, is_raw=False)
    plan = measured(made, tmp_path, "regression", 60.0).plan
    assert plan is not None
    assert (plan.is_asked, plan.target_db) == (True, 60.0)


@pytest.fixture
def wide_beside_narrow(tmp_path: Path) -> Made:
    """Three targets in one layer; the first spreads a thousand times as far as the third."""
    batch = features()
    kernel = weights(8, 3, seed=1)
    kernel *= np.array([1000.0, 100.0, 1.0], np.float32) / np.sqrt(np.square(kernel).sum(axis=0))
    arrays = {"fc1/kernel": kernel, "fc1/bias": np.zeros(3, np.float32)}
    return quantized_pair(tmp_path / "wide.har", vector_network(3), arrays, batch), batch


def test_a_channel_without_codes_gets_16_bit_although_the_pool_is_clean(
    wide_beside_narrow: Made, tmp_path: Path
) -> None:
    found = measured(wide_beside_narrow, tmp_path, "regression")
    assert found.noise is not None
    assert found.noise.layers[OUTPUT].output.snr_db > 30
    plan = found.plan
    assert plan is not None
    assert plan.is_proven
    assert plan.gains_decisions
    assert "net/fc1" in plan.modes
    before, after = plan.before[OUTPUT], plan.after[OUTPUT]
    assert before.measures["beyond_0.1"].value > 0.5
    assert after.measures["beyond_0.1"].value < 0.25
    assert after.severity is None


@pytest.fixture
def coarse_input(tmp_path: Path) -> Made:
    """Two classes that differ by less than a code of the input, which has to stay at 8 bit."""
    random = np.random.default_rng(4)
    batch = {INPUT: random.uniform(0, 1, (64, 1, 1, 8)).astype(np.float32)}
    batch[INPUT][:, 0, 0, 0] = random.uniform(0, 1e-3, 64)
    kernel = np.zeros((8, 2), np.float32)
    kernel[0] = 1.0, -1.0
    kernel[1:, 0] = kernel[1:, 1] = weights(8, 2, seed=3)[1:, 0]
    arrays = {"fc1/kernel": kernel, "fc1/bias": np.array([-5e-4, 5e-4], np.float32)}
    pair = quantized_pair(tmp_path / "coarse.har", vector_network(2), arrays, batch)
    return pair, batch


def test_decisions_that_no_set_brings_back_have_no_lines(
    coarse_input: Made, tmp_path: Path
) -> None:
    found = measured(coarse_input, tmp_path, "classes")
    plan = found.plan
    assert plan is not None
    assert plan.before[OUTPUT].severity is not None
    assert not plan.reached
    assert not plan.is_proven
    assert plan.modes == {}
    assert plan.missed == (OUTPUT,)
