"""What is measured behind the data pass, on the samples that it kept, by the embedded engine.

Hailo's SDK has no way to quantize a single layer, or to change a mode, short of optimizing anew
for an hour; so this is the embedded engine's work whoever ran the data pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from utils.backends import behind, bias_trials, recalibration_trials, table_trials, workload
from utils.backends.networks import Networks
from utils.backends.plan_goal import Goal
from utils.backends.planning import Planner, judged_outputs, plan_goal
from utils.backends.scale_trials import (
    Candidate,
    affordable_run,
    assumptions_of,
    candidates,
    tried_scales,
    weak_places,
    work_for_each,
)
from utils.backends.table_trials import noisy_layers_to_try
from utils.emulator.measuring.budget import Budget
from utils.emulator.measuring.sensitivity import Search
from utils.emulator.measuring.sweeps import Sweep, Swept
from utils.emulator.measuring.work import total_work
from utils.measurements import Measurements, Need
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.channel_order import holds_colour_images
from utils.measurements.left_out import (
    BIAS_TRIAL,
    CHANNEL_ORDER,
    FAILED,
    PLAN,
    RECALIBRATION,
    SCALE_TRIALS,
    SENSITIVITY,
    TABLE_TRIALS,
)
from utils.measurements.noise import Sensitivity
from utils.wording import plural

# Below this an output is not clean: enough for classes, too little for a regression.
CLEAN_DB = 30.0


class CloserLook:
    """Adds to measurements what is needed and may still be spent.

    Attributes
    ----------
    measured : all that is known, also while something is being measured.
    has_measured : whether anything was added.
    """

    def __init__(
        self,
        networks: Networks,
        measured: Measurements,
        engine_agreement: AgreementMeasurements | None,
        budget: Budget,
    ) -> None:
        """Take what the data pass yielded.

        Parameters
        ----------
        engine_agreement : of the outputs as the embedded engine sees them; it is measured where
            it is None and a plan needs it. A plan compares before with after, so both have to be
            of the engine that has both.
        budget : what the search, the plan and trials of ranges may cost together.
        """
        self.measured = measured
        self.has_measured = False
        self._networks = networks
        self._phases = networks.job.phases
        self._engine_agreement = engine_agreement
        self._budget = budget

    def is_needed(self, what: str) -> bool:
        """Whether something was asked for, and the data pass does not show it to be useless."""
        return {
            SENSITIVITY: self._needs_sensitivity,
            TABLE_TRIALS: lambda: bool(self._tables_to_try),
            SCALE_TRIALS: lambda: bool(self._scales_to_try),
            BIAS_TRIAL: lambda: self._needs_bias_trial,
            RECALIBRATION: self._needs_recalibration,
            PLAN: self._needs_plan,
            CHANNEL_ORDER: self._needs_channel_order,
        }[what]()

    def leave_out(self, what: str, reason: str) -> None:
        """Say why something is not measured."""
        left_out = {**self.measured.left_out, what: reason}
        self.measured = replace(self.measured, left_out=left_out)

    def without(self, to_come: Iterable[str]) -> Measurements:
        """All that is known, as if what is to come had failed."""
        failed = {what: FAILED for what in to_come if self.is_needed(what)}
        return replace(self.measured, left_out={**self.measured.left_out, **failed})

    def _needs_sensitivity(self) -> bool:
        wanted = self._networks.job.need & (Need.SENSITIVITY | Need.PRECISION_PLAN)
        return bool(wanted and self._searched_outputs)

    @cached_property
    def _before(self) -> Mapping[str, Outcome]:
        """What becomes of the outputs, as the data pass sees it."""
        return plan_goal(self._networks, self.measured.agreement).before

    @cached_property
    def _searched_outputs(self) -> set[str]:
        """Outputs that are not clean, or lose decisions."""
        networks, noise = self._networks, self.measured.noise
        if noise is None:
            return set()
        outputs = {layer.name for layer in networks.model.network.output_layers}
        if networks.settings.exact_sensitivity:
            return outputs
        target = max(networks.settings.wanted_db, CLEAN_DB)
        measured = {name: noise.layers[name].output for name in outputs if name in noise.layers}
        lost = {n for n in measured if n in self._before and not self._before[n].is_fine}
        return lost | {name for name, tensor in measured.items() if not tensor.snr_db >= target}

    def add_sensitivity(self) -> None:
        """Add what single layers do to the outputs."""
        networks, noise = self._networks, self.measured.noise
        assert noise is not None
        work = workload.search_work(networks)
        search = Search(networks.floats, networks.quantized, self._searched_outputs, work)
        with self._phases.phase(workload.SEARCH, search.most_work(networks.kept_count)):
            spent = 0.0
            for found in search.refined(networks.kept, self._swept, networks.job.parts.spreads):
                self._add(noise=replace(noise, sensitivity=found))
                self._phases.note(found.in_words())
                self._budget.spend(search.spent - spent)
                spent = search.spent

    def _swept(self, sweeps: Sequence[Sweep], work: float) -> Iterator[Swept]:
        return self._networks.answers([behind.SweepPart(sweep) for sweep in sweeps], work)

    @cached_property
    def _tables_to_try(self) -> Mapping[str, str]:
        networks = self._networks
        if Need.TABLE_TRIALS not in networks.job.need:
            return {}
        return noisy_layers_to_try(networks.model.network, self.measured, CLEAN_DB)

    def add_table_trials(self) -> None:
        """Add what outputs are like with their activation on the host."""
        networks = self._networks
        samples, work = table_trials.affordable(networks, workload.TABLE_SHARE * self._budget.left)
        with self._phases.phase(workload.TABLES, work):
            part = behind.TablesPart(self._tables_to_try, samples)
            (found,) = networks.answers([part], work)
            self._budget.spend(work)
        self._add(table_trials=found.trials)

    @cached_property
    def _scales_to_try(self) -> list[Candidate]:
        """Changes that may give channels more codes, where some have too few."""
        networks = self._networks
        if Need.SCALE_TRIALS not in networks.job.need or self.measured.noise is None:
            return []
        return candidates(networks, weak_places(networks, self.measured, self._before))

    def add_scale_trials(self) -> None:
        """Add what finer codes for single channels do to the outputs."""
        networks, tried = self._networks, self._scales_to_try
        run = affordable_run(networks, tried, workload.SCALE_SHARE * self._budget.left)
        work = run.samples * work_for_each(networks, run, tried)
        with self._phases.phase(workload.SCALES, work):
            trials = tuple(tried_scales(networks, run.samples, tried, work))
            self._budget.spend(work)
        self._assume_and_add(assumptions_of(trials), scale_trials=trials)

    @cached_property
    def _needs_bias_trial(self) -> bool:
        networks, noise, outputs = self._networks, self.measured.noise, self._searched_outputs
        if noise is None or not outputs or Need.BIAS_TRIAL not in networks.job.need:
            return False
        noisy = [noise.layers[name].output for name in outputs if name in noise.layers]
        return bias_trials.is_worth_trying(networks, self._goal, noisy)

    def add_bias_trial(self) -> None:
        """Add what bias correction does to the outputs, where the compiler left it out."""
        networks = self._networks
        share = workload.BIAS_SHARE * self._budget.left
        samples, work = workload.affordable_halves(networks, share, bias_trials.PASSES)
        with self._phases.phase(workload.BIASES, work):
            (found,) = networks.answers([behind.BiasPart(samples)], work)
            self._budget.spend(work)
        if found.trial is not None:
            judged = bias_trials.held_against(self._goal, found.trial)
            self._assume_and_add([bias_trials.ASSUMED], bias_trial=judged)

    def _needs_recalibration(self) -> bool:
        networks, measured = self._networks, self.measured
        if Need.RECALIBRATION not in networks.job.need or not self._searched_outputs:
            return False
        if measured.bias_trial is not None and measured.bias_trial.suffices:
            return False
        return recalibration_trials.is_worth_trying(networks, self._goal, measured)

    def add_recalibration(self) -> None:
        """Add what a calibration on these data does to the outputs."""
        networks = self._networks
        share = workload.RECALIBRATION_SHARE * self._budget.left
        samples, work = workload.affordable_halves(networks, share, recalibration_trials.PASSES)
        with self._phases.phase(workload.CALIBRATING, work):
            seen = recalibration_trials.RangesSeen.of(self.measured)
            (found,) = networks.answers([behind.RecalibrationPart(samples, seen)], work)
            self._budget.spend(work)
        if found.trial is not None:
            self._assume_and_add([recalibration_trials.ASSUMED], recalibration=found.trial)

    @cached_property
    def _goal(self) -> Goal:
        """What a plan has to reach, as far as that is known without another pass."""
        return plan_goal(self._networks, self._engine_agreement or self.measured.agreement)

    def _needs_plan(self) -> bool:
        networks, noise = self._networks, self.measured.noise
        if noise is None or Need.PRECISION_PLAN not in networks.job.need:
            return False
        if self.measured.bias_trial is not None and self.measured.bias_trial.suffices:
            return False  # 16 bit costs frames per second, a bias costs nothing
        if self.measured.recalibration is not None and self.measured.recalibration.mends:
            return False  # nor do other ranges
        # Without a search there is nothing to choose from, unless not even the output was run.
        outputs = {layer.name for layer in networks.model.network.output_layers}
        if not (self._searched_outputs or outputs & set(networks.floats.not_measured)):
            return False
        if self._engine_agreement is None:
            return True  # only the engine itself can tell
        is_known = all(layer.name in self._goal.before for layer in judged_outputs(networks.model))
        return not (is_known and self._goal.is_reached_already)

    def add_plan(self) -> None:
        """Add the plan for 16 bit."""
        networks, noise = self._networks, self.measured.noise
        assert noise is not None
        found = self._engine_agreement or self._agreement_of_the_engine() or self.measured.agreement
        goal = plan_goal(networks, found)
        work = workload.plan_work(networks, self._budget)
        expected = min(work, workload.expected_plan_work(networks))
        with self._phases.phase(workload.PLAN, expected):
            plan = Planner(
                networks, goal, noise.sensitivity or Sensitivity(0), self._budget, work
            ).plan()
            if plan is not None:
                self._phases.note(f"{plural(plan.trials, 'set')} tried")
        self._add(plan=plan)

    def _agreement_of_the_engine(self) -> AgreementMeasurements | None:
        networks = self._networks
        samples = networks.job.calibration.used
        each = workload.data_pass_work(networks) / samples
        with self._phases.phase(workload.COMPARING, each * samples):
            return (
                networks.data_pass(Need.NOISE)
                .run(networks.read_again(), lambda count: self._phases.advance(each * count))
                .agreement
            )

    def _needs_channel_order(self) -> bool:
        return Need.CHANNEL_SWAPPED in self._networks.job.need and bool(self._images())

    def _images(self) -> list[str]:
        layers = self.measured.layers
        return [
            name
            for name, shape in self._networks.floats.input_shapes.items()
            if name in layers and holds_colour_images(shape, layers[name].output)
        ]

    def add_channel_order(self) -> None:
        """Add how sure the network is with its images as they are, and with channels reversed."""
        networks = self._networks
        work = workload.SWAPPING * total_work(networks.floats.network) * networks.kept_count
        with self._phases.phase(workload.SWAP, work):
            (order,) = networks.answers([behind.OrderPart(tuple(self._images()))], work)
        self._add(channel_order=order)

    def _assume_and_add(self, assumed: Iterable[str], **found: Any) -> None:
        self._add(assumptions=(*self.measured.assumptions, *assumed), **found)

    def _add(self, **found: Any) -> None:
        self.measured = replace(self.measured, **found)
        self.has_measured = True
