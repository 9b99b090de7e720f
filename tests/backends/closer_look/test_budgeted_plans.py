"""Plans where the work allowed does not suffice for everything."""

from __future__ import annotations

import math

import pytest

from tests.fixtures.outcomes import outcomes
from tests.har.archives import NAME
from utils.backends import embedded
from utils.backends.closer_look.plan_goal import goal_of
from utils.backends.closer_look.plan_trials import PlanTrials
from utils.backends.closer_look.planner import Planner
from utils.backends.networks import Networks
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.emulator.measuring.budget import Budget
from utils.emulator.measuring.sensitivity import measured_sensitivity
from utils.emulator.measuring.work import total_work
from utils.har.model import load_model
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import Sensitivity

OUTPUT = f"{NAME}/output_layer1"
GAIN = 6.0  # dB that the plans are to bring
SAMPLES = 64


class Measured:
    """The sound archive, up to where a plan is looked for."""

    def __init__(self, har: str, data: str) -> None:
        model = load_model(har)
        calibration = open_dataset(data, model.float_network.input_layers, SAMPLES)
        embedded.prepare_tensorflow()
        job = OpenedJob(model, calibration, Need.NOISE)
        first = Networks(job)
        found = first.data_pass(Need.NOISE).run(first.first_read(16))
        assert found.noise is not None
        target = found.noise.layers[OUTPUT].output.snr_db + GAIN
        settings = Settings(target_db=target)
        self.networks = Networks(OpenedJob(model, calibration, Need.NOISE, settings))
        for _ in self.networks.first_read(16):
            pass
        self.goal = goal_of(self.networks, found.agreement)
        self.sensitivity: Sensitivity = measured_sensitivity(
            self.networks.floats, self.networks.quantized, self.networks.kept, [OUTPUT]
        )

    @property
    def work(self) -> float:
        """Work of the float network for all samples."""
        return total_work(self.networks.floats.network) * SAMPLES

    def plan(self, work: float) -> tuple[MixedPrecisionPlan, float]:
        """A plan, and what it cost."""
        budget = Budget(work)
        found = Planner(self.networks, self.goal, self.sensitivity, budget, work).plan()
        assert found is not None
        return found, budget.spent


@pytest.fixture(scope="module")
def measured(sound: tuple[str, str]) -> Measured:
    return Measured(*sound)


def test_without_a_bound_the_set_is_shown_to_be_the_smallest(measured: Measured) -> None:
    plan, _ = measured.plan(math.inf)
    assert plan.reached
    assert (plan.samples, plan.cut_short) == (SAMPLES, "")


def test_a_search_that_ends_early_has_a_set_all_the_same_and_says_so(measured: Measured) -> None:
    whole, cost = measured.plan(math.inf)
    work = 12 * measured.work
    plan, spent = measured.plan(work)
    assert spent < work * 1.1
    assert spent < cost
    assert plan.reached
    assert plan.after_db[OUTPUT] >= plan.target_db
    assert "not shown to be the smallest" in plan.cut_short
    assert len(plan.modes) >= len(whole.modes)


def test_a_proof_is_made_on_as_many_samples_as_the_work_suffices_for(measured: Measured) -> None:
    whole, _ = measured.plan(math.inf)
    for share, least, most in ((10.0, SAMPLES, SAMPLES), (3.0, 17, SAMPLES - 1), (0.1, 16, 16)):
        work = share * measured.work
        trials = PlanTrials(measured.networks, list(whole.modes), Budget(work), work)
        proof = trials.proven(list(whole.modes))
        assert least <= proof.samples <= most
        gain = proof.after[OUTPUT].snr_db - (proof.archived or whole.before)[OUTPUT].snr_db
        assert gain == pytest.approx(GAIN, abs=3.0)


def test_where_no_set_is_proven_the_plan_says_that_one_may_exist(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    from utils.backends.closer_look import plan_trials

    monkeypatch.setattr(plan_trials, "outcomes_of", lambda *_: outcomes({OUTPUT: 0.0}))
    plan, _ = measured.plan(0.0)
    assert not plan.reached
    assert plan.modes == {}
    assert "--exact-sensitivity" in plan.obstacle
    assert plan.cut_short
