"""The plan for 16 bit, where nothing that costs less suffices."""

from __future__ import annotations

from utils.backends import workload
from utils.backends.closer_look.plan_goal import goal_of, judged_outputs
from utils.backends.closer_look.planner import Planner
from utils.backends.closer_look.step import Step
from utils.measurements import Need
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.left_out import FAILED, PLAN
from utils.measurements.noise import Sensitivity
from utils.wording import plural


class Plan(Step):
    """Which layers need 16 bit."""

    WHAT = PLAN
    FAILED = "what single layers do was not measured"
    TAKES_SAMPLES = True

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        networks, look, measured = self.networks, self.look, self.look.measured
        if measured.noise is None or Need.PRECISION_PLAN not in networks.job.need:
            return False
        if measured.bias_trial is not None and measured.bias_trial.suffices:
            return False  # 16 bit costs frames per second, a bias costs nothing
        if measured.recalibration is not None and measured.recalibration.mends:
            return False  # nor do other ranges
        if measured.untuned_trial is not None and measured.untuned_trial.takes_half_back:
            return False  # and what weights would need that are to be replaced, nobody asks
        # Without a search there is nothing to choose from, unless not even the output was run.
        outputs = {layer.name for layer in networks.model.network.output_layers}
        if not (look.searched_outputs or outputs & set(networks.floats.not_measured)):
            return False
        if look.engine_agreement is None:
            return True  # only the engine itself can tell
        is_known = all(layer.name in look.goal.before for layer in judged_outputs(networks.model))
        return not (is_known and look.goal.is_reached_already)

    @property
    def obstacle(self) -> str:
        """See `Step`."""
        if FAILED in self.look.measured.left_out.values():
            return "the search for guilty layers failed"
        return super().obstacle

    def run(self) -> None:
        """See `Step`."""
        networks, look, noise = self.networks, self.look, self.look.measured.noise
        assert noise is not None
        found = look.engine_agreement or self._agreement_of_the_engine() or look.measured.agreement
        goal = goal_of(networks, found)
        work = workload.plan_work(networks, look.budget)
        expected = min(work, workload.expected_plan_work(networks))
        with look.phases.phase(workload.PLAN, expected):
            sensitivity = noise.sensitivity or Sensitivity(0)
            plan = Planner(networks, goal, sensitivity, look.budget, work).plan()
            if plan is not None:
                look.phases.note(f"{plural(plan.trials, 'set')} tried")
        look.add(plan=plan)

    def _agreement_of_the_engine(self) -> AgreementMeasurements | None:
        networks, phases = self.networks, self.look.phases
        samples = networks.job.calibration.used
        each = workload.data_pass_work(networks) / samples
        with phases.phase(workload.COMPARING, each * samples):
            return (
                networks.data_pass(Need.NOISE)
                .run(networks.read_again(), lambda count: phases.advance(each * count))
                .agreement
            )
