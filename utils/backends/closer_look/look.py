"""What is known of a run behind its data pass, and what may still be spent on it.

Hailo's SDK has no way to quantize a single layer, or to change a mode, short of optimizing anew
for an hour; so what follows is the embedded engine's work whoever ran the data pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from utils.backends.closer_look.plan_goal import Goal, goal_of
from utils.backends.networks import Networks
from utils.emulator.measuring.budget import Budget
from utils.measurements import Measurements
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome

# Below this an output is not clean: enough for classes, too little for a regression.
CLEAN_DB = 30.0


class Look:
    """Measurements that grow, step by step.

    Attributes
    ----------
    measured : all that is known, also while something is being measured.
    has_measured : whether anything was added.
    networks, budget : what is run, and what that may cost together.
    engine_agreement : of the outputs as the embedded engine sees them; None where only the SDK has
        run. A plan compares before with after, so both have to be of the engine that has both.
    """

    def __init__(
        self,
        networks: Networks,
        measured: Measurements,
        engine_agreement: AgreementMeasurements | None,
        budget: Budget,
    ) -> None:
        """Take what the data pass yielded."""
        self.measured = measured
        self.has_measured = False
        self.networks = networks
        self.phases = networks.job.phases
        self.engine_agreement = engine_agreement
        self.budget = budget

    def leave_out(self, what: str, reason: str) -> None:
        """Say why something is not measured."""
        left_out = {**self.measured.left_out, what: reason}
        self.measured = replace(self.measured, left_out=left_out)

    def add(self, **found: Any) -> None:
        """Take fields of `Measurements`."""
        self.measured = replace(self.measured, **found)
        self.has_measured = True

    def assume_and_add(self, assumed: Iterable[str], **found: Any) -> None:
        """Take fields of `Measurements`, with sentences on what they rest on."""
        self.add(assumptions=(*self.measured.assumptions, *assumed), **found)

    @cached_property
    def before(self) -> Mapping[str, Outcome]:
        """What becomes of the outputs, as the data pass sees it."""
        return goal_of(self.networks, self.measured.agreement).before

    @cached_property
    def goal(self) -> Goal:
        """What a plan has to reach, as far as that is known without another pass."""
        return goal_of(self.networks, self.engine_agreement or self.measured.agreement)

    @cached_property
    def searched_outputs(self) -> set[str]:
        """Outputs that are not clean, or lose decisions."""
        networks, noise = self.networks, self.measured.noise
        if noise is None:
            return set()
        outputs = {layer.name for layer in networks.model.network.output_layers}
        if networks.settings.exact_sensitivity:
            return outputs
        target = max(networks.settings.wanted_db, CLEAN_DB)
        measured = {name: noise.layers[name].output for name in outputs if name in noise.layers}
        lost = {n for n in measured if n in self.before and not self.before[n].is_fine}
        return lost | {name for name, tensor in measured.items() if not tensor.snr_db >= target}
