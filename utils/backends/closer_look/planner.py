"""The search for a 16-bit plan, by emulation of every set of layers that is considered.

Where 4-bit weights make a share of the noise, every set gives them 8 bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from utils.backends.closer_look.plan_goal import Goal, judged_outputs
from utils.backends.closer_look.plan_trials import PlanTrials
from utils.backends.closer_look.precision_search import SearchResult, smallest_set
from utils.backends.networks import Networks
from utils.emulator.measuring.budget import Budget
from utils.har.network import Layer
from utils.measurements.agreement.outcome import Outcome, Outcomes
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import Sensitivity
from utils.quantizer.four_bit_weights import LEFT_AT_8_BIT, eight_bit_modes, four_bit_layers
from utils.quantizer.sixteen_bit import cost, sixteen_bit_mode
from utils.wording import listed, tenths

# A plan that holds on few samples may miss the target on all of them by a little.
ATTEMPTS = 3
# Where sets are tried on fewer samples than are kept, there may be no work left for a second proof.
FEW_SAMPLES_DB = 0.3
_NO_NUMBER = "with 16 bit at some layers it is not run, or its values are NaN"
_NOT_SMALLEST = "not shown to be the smallest set, as the work allowed for trials was used up"
_OVER_BUDGET = "a longer search may find one: --exact-sensitivity lifts the bound on the work"
_HOLDS_ON_FEW = "the sets that were tried reach it on some of the samples, not on all"
_GAINS_LITTLE = "no set of layers gains 1 dB, or a decision"


class Planner:
    """Everything that a plan is made from; see `plan`."""

    def __init__(
        self,
        networks: Networks,
        goal: Goal,
        sensitivity: Sensitivity,
        budget: Budget,
        work: float = math.inf,
    ) -> None:
        """Take what was measured, and what trials are run with.

        Parameters
        ----------
        goal : what it has to reach, from what the embedded engine measured, which also runs the
            trials.
        budget : what is done is counted there.
        work : how much of it the plan may take.
        """
        self._networks = networks
        self._model = networks.model
        self._goal = goal
        self._sensitivity = sensitivity
        self._settings = networks.settings
        self._target = networks.settings.target or networks.model.hw_arch
        self._stored = networks.stored
        self._outputs = [layer.name for layer in judged_outputs(networks.model)]
        self._eight_bit = self._eight_bit_modes()
        self._trials = PlanTrials(networks, self.ranking(), budget, work, self._eight_bit)

    def _eight_bit_modes(self) -> dict[str, str]:
        """What undoes 4-bit weights that make a share of the noise, which 16 bit need not mend."""
        compressed = four_bit_layers(self._model.network, self._model.precision_mode)
        return eight_bit_modes(compressed, map(self._sensitivity.noise_shares, self._outputs))

    def plan(self) -> MixedPrecisionPlan | None:
        """The smallest set found that brings every output to the goal; None if all are there."""
        goal = self._goal
        if not self._not_run() and goal.is_reached_already:
            return None
        if not self._trials.has_all_kept:
            goal = replace(goal, margin_db=FEW_SAMPLES_DB)
        for _ in range(ATTEMPTS):
            result, goal = self._searched(goal)
            if not result.reached:
                return self._missed(result.after, self._obstacle(result.after))
            proof = self._trials.proven(result.layers)
            after = self._over_all(proof.after, proof.archived)
            if unknown := self._not_run(after):
                return self._missed(after, unknown)
            if goal.without_margin.is_met(after):
                return self._reached(result, after, proof.samples)
            goal = goal.stricter(result.after, after)
            if self._trials.is_over:
                return replace(self._missed(after, _OVER_BUDGET), cut_short=_OVER_BUDGET)
        return self._missed(after, _HOLDS_ON_FEW)

    def _searched(self, goal: Goal) -> tuple[SearchResult[Outcomes], Goal]:
        """What the search found, and for which goal: a lesser one where no set reaches all."""
        found = self._search(goal)
        if found.reached:
            return found, goal
        for lesser in (replace(goal, by_decisions=True), goal.nearly(found.after)):
            if lesser.is_met(found.after):
                return self._search(lesser), lesser
        return found, goal

    def _search(self, goal: Goal) -> SearchResult[Outcomes]:
        """8-bit instead of 4-bit weights are tried without any 16 bit first: they cost less."""
        if self._eight_bit and goal.is_met(after := self._emulated(())):
            return SearchResult((), after, self._trials.count, reached=True, minimal=True)
        return smallest_set(self.ranking(), self._emulated, goal.is_met, self._trials.affords)

    def ranking(self) -> list[str]:
        """Layers that chip and type let run at 16 bit, those that harm the outputs most first."""
        harm = {}
        for name, by_output in self._sensitivity.output_snr_db.items():
            noise = [10 ** (-snr / 10) for o, snr in by_output.items() if o in self._outputs]
            if any(noise) and self._gains_bits(self._model.network[name]):
                left = LEFT_AT_8_BIT if name in self._eight_bit else 1.0
                harm[name] = math.inf if any(map(math.isnan, noise)) else left * max(noise)
        return sorted(harm, key=lambda name: -harm[name])

    def _gains_bits(self, layer: Layer) -> bool:
        # A 16-bit input would ask another kind of data of everything that feeds the chip.
        if layer.type == "input_layer":
            return False
        return bool(sixteen_bit_mode(layer, self._target, self._model.precision_mode(layer.name)))

    def _emulated(self, layers: Sequence[str]) -> Outcomes:
        return self._over_all(self._trials.outcomes(layers), self._archived_on_few)

    @cached_property
    def _archived_on_few(self) -> Outcomes | None:
        return None if self._trials.has_all_kept else self._trials.archived()

    def _over_all(self, found: Outcomes, archived: Outcomes | None) -> Outcomes:
        """Outcomes over all samples, from those on some of them.

        What a set gains in dB differs less between samples than how noisy they are, so even two
        samples of a large network tell what it gains.

        Parameters
        ----------
        archived : of the archive on the same samples; None where these stand for all.
        """
        after = {name: found[name] for name in self._outputs if name in found}
        if archived is None:
            return after
        before = self._goal.before
        return {
            name: _shifted(outcome, before[name], archived[name])
            if name in before and name in archived
            else outcome
            for name, outcome in after.items()
        }

    def _reached(
        self, result: SearchResult[Outcomes], after: Outcomes, samples: int
    ) -> MixedPrecisionPlan:
        if not (self._goal.is_asked or self._goal.helps(after)):
            return self._missed(after, _GAINS_LITTLE)
        modes = self._trials.modes(result.layers)
        weights, macs = cost(self._model.network, modes, self._model.weight_count)
        return MixedPrecisionPlan(
            target_db=self._goal.target_db,
            modes=modes,
            before=self._goal.before,
            after=after,
            predicted=result.after,
            weight_share=weights,
            mac_share=macs,
            eight_bit=tuple(n for n, mode in modes.items() if mode == self._eight_bit.get(n)),
            trials=self._trials.count,
            samples=samples,
            cut_short="" if result.minimal else _NOT_SMALLEST,
            is_asked=self._goal.is_asked,
        )

    def _missed(self, best: Outcomes, obstacle: str) -> MixedPrecisionPlan:
        return MixedPrecisionPlan(
            target_db=self._goal.target_db,
            modes={},
            candidates=tuple(self.ranking()),
            before=self._goal.before,
            after=best,
            missed=tuple(self._missing(best)),
            obstacle=obstacle,
            trials=self._trials.count,
            samples=self._trials.run.samples,
            is_asked=self._goal.is_asked,
        )

    def _missing(self, after: Outcomes) -> list[str]:
        missing = self._goal.missing(after)
        return [name for name in self._outputs if name in missing or name not in after]

    def _obstacle(self, after: Outcomes) -> str:
        """What keeps the outputs below the target even with all 16 bit that there is."""
        if unknown := self._not_run(after):
            return unknown
        missing = self._missing(after)
        clauses = [clause for name in missing if (clause := self._clipped(name))]
        clauses += [clause for name in missing if (clause := self._by_few(name, after[name]))]
        if clauses:
            return "; ".join(clauses)
        return self._remaining_noise(missing)

    def _not_run(self, after: Outcomes | None = None) -> str:
        """Which outputs are not run, and why; those of the archive by default."""
        reasons = self._networks.floats.not_measured
        found = self._goal.before if after is None else after
        return "; ".join(
            f"emulation yields nothing at {name}: {reasons.get(name, _NO_NUMBER)}"
            for name in self._outputs
            if name not in found
        )

    def _by_few(self, output: str, after: Outcome) -> str:
        """Where the pooled SNR is that of few samples, more bits were not what the others miss."""
        target = self._goal.target_db
        if not after.snr_db >= target > after.median_db:
            return ""
        return (
            f"the {tenths(after.snr_db)} dB over all samples of {output} are those of few of them, "
            f"and half of them stay at {tenths(after.median_db)} dB or less"
        )

    def _clipped(self, output: str) -> str:
        described = self._stored[output]
        if described.output is None or not described.output.scales.size:
            return ""
        found = self._trials.run.clipping(output, described.output, described.highest_code)
        if found.snr_db >= self._goal.target_db:
            return ""
        return (
            f"{output} can hold {found.range_low:.6g} to {found.range_high:.6g}, the float values "
            f"reach from {found.low:.6g} to {found.high:.6g}, and to cut these off alone leaves "
            f"{tenths(found.snr_db)} dB"
        )

    def _remaining_noise(self, outputs: Sequence[str]) -> str:
        candidates = self.ranking()
        fixed = {
            name: min((snr for o, snr in by_output.items() if o in outputs), default=math.inf)
            for name, by_output in self._sensitivity.output_snr_db.items()
            if name not in candidates
        }
        low = [name for name, snr in fixed.items() if snr < self._goal.target_db]
        if low:
            worst_first = sorted(low, key=fixed.__getitem__)
            # Measured on few samples; what is below the SNR of all samples is no limit of these.
            whole = min((self._goal.before[o].snr_db for o in outputs), default=math.nan)
            named = [f"{tenths(fixed[n])} dB ({n})" for n in worst_first if fixed[n] >= whole]
            if named:
                return f"layers that cannot run at 16 bit limit the SNR to {listed(named, 3)}"
            return f"{listed(worst_first, 3)} cannot run at 16 bit"
        return "the rest comes from many layers, from clipped ranges or from the 8-bit input"


def _shifted(outcome: Outcome, over_all: Outcome, on_few: Outcome) -> Outcome:
    """An outcome with its SNR moved by what the archive has more on all samples than on few."""
    return replace(
        outcome,
        snr_db=outcome.snr_db + _shift(over_all.snr_db, on_few.snr_db),
        median_db=outcome.median_db + _shift(over_all.median_db, on_few.median_db),
    )


def _shift(over_all_db: float, on_few_db: float) -> float:
    shift = over_all_db - on_few_db
    return shift if math.isfinite(shift) else 0.0
