"""The search for a 16-bit plan, by emulation of every set of layers that is considered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from utils.backends.networks import Networks
from utils.backends.plan_trials import PlanTrials
from utils.backends.precision_search import SearchResult, smallest_set
from utils.emulator.measuring.budget import Budget
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.quantizer.sixteen_bit import cost, sixteen_bit_mode
from utils.wording import listed, tenths

# Layers whose values are an index or a choice, for which a ratio of energies says nothing.
NO_SIGNAL_TYPES = frozenset("argmax nms postprocess bbox_decoder proposal_generator".split())
# A plan that holds on few samples may miss the target on all of them by a little.
ATTEMPTS = 3
MARGIN_DB = 0.1
# Where sets are tried on fewer samples than are kept, there may be no work left for a second proof.
FEW_SAMPLES_DB = 0.3
_NO_NUMBER = "with 16 bit at some layers it is not run, or its values are NaN"
_NOT_SMALLEST = "not shown to be the smallest set, as the work allowed for trials was used up"
_OVER_BUDGET = "a longer search may find one: --exact-sensitivity lifts the bound on the work"
_HOLDS_ON_FEW = "the sets that were tried reach it on some of the samples, not on all"


def output_ratios(model: Model, noise: NoiseMeasurements) -> dict[str, float]:
    """SNR in dB by output that a plan is judged by; NaN where it was not measured.

    An output that was not run may be anywhere, so no plan can promise anything for it.
    """
    return {
        layer.name: _snr_db(noise, layer.name)
        for layer in model.network.output_layers
        if _has_signal(model, layer)
    }


class Planner:
    """Everything that a plan is made from; see `plan`."""

    def __init__(
        self,
        networks: Networks,
        noise: NoiseMeasurements,
        sensitivity: Sensitivity,
        budget: Budget,
        work: float = math.inf,
    ) -> None:
        """Take what was measured, and what trials are run with.

        Parameters
        ----------
        noise : of the embedded engine, which also runs the trials.
        budget : what is done is counted there.
        work : how much of it the plan may take.
        """
        self._model = networks.model
        self._noise = noise
        self._sensitivity = sensitivity
        self._settings = networks.settings
        self._target = networks.settings.target or networks.model.hw_arch
        self._stored = networks.stored
        self._before = output_ratios(networks.model, noise)
        self._trials = PlanTrials(networks, self.ranking(), budget, work)

    def plan(self) -> MixedPrecisionPlan | None:
        """The smallest set found that brings every output to the target; None if all are there."""
        target = self._settings.target_db
        if all(snr >= target for snr in self._before.values()):
            return None
        wanted, trials = target, 0
        if not self._trials.has_all_kept:
            wanted += FEW_SAMPLES_DB
        for _ in range(ATTEMPTS):
            may_try = self._trials.affords
            result = smallest_set(self.ranking(), self._emulated, wanted, may_try)
            trials += result.trials
            if not result.reached:
                return self._missed(result.after_db, self._obstacle(result), trials)
            proof = self._trials.proven(result.layers)
            after = self._over_all(proof.after_db, proof.archived_db)
            if unknown := _unknown(after):
                return self._missed(after, self._not_run(unknown), trials)
            shortfall = target - min(after.values(), default=math.inf)
            if shortfall <= 0:
                return self._reached(result, after, trials, proof.samples)
            wanted += shortfall + MARGIN_DB
            if self._trials.is_over:
                return replace(self._missed(after, _OVER_BUDGET, trials), cut_short=_OVER_BUDGET)
        return self._missed(after, _HOLDS_ON_FEW, trials)

    def ranking(self) -> list[str]:
        """Layers that chip and type let run at 16 bit, those that harm the outputs most first."""
        harm = {}
        for name, by_output in self._sensitivity.output_snr_db.items():
            noise = [10 ** (-snr / 10) for o, snr in by_output.items() if o in self._before]
            if any(noise) and self._gains_bits(self._model.network[name]):
                harm[name] = math.inf if any(map(math.isnan, noise)) else max(noise)
        return sorted(harm, key=lambda name: -harm[name])

    def _gains_bits(self, layer: Layer) -> bool:
        # A 16-bit input would ask another kind of data of everything that feeds the chip.
        if layer.type == "input_layer":
            return False
        return bool(sixteen_bit_mode(layer, self._target, self._model.precision_mode(layer.name)))

    def _emulated(self, layers: Sequence[str]) -> dict[str, float]:
        return self._over_all(self._trials.snr_db(layers), self._archived_on_few)

    @cached_property
    def _archived_on_few(self) -> Mapping[str, float] | None:
        return None if self._trials.has_all_kept else self._trials.archived_snr_db()

    def _over_all(
        self, found: Mapping[str, float], archived: Mapping[str, float] | None
    ) -> dict[str, float]:
        """SNR by output over all samples, from that on some of them.

        What a set gains differs less between samples than how noisy they are, so even two samples
        of a large network tell what it gains.

        Parameters
        ----------
        archived : of the archive on the same samples; None where these stand for all.
        """
        after = self._judged(found)
        if archived is None:
            return after
        before = self._judged(archived)
        shifts = {name: snr - before[name] for name, snr in self._before.items()}
        return {n: snr + (shifts[n] if math.isfinite(shifts[n]) else 0) for n, snr in after.items()}

    def _judged(self, found: Mapping[str, float]) -> dict[str, float]:
        return {name: found.get(name, math.nan) for name in self._before}

    def _reached(
        self, result: SearchResult, after: Mapping[str, float], trials: int, samples: int
    ) -> MixedPrecisionPlan:
        modes = self._trials.modes(result.layers)
        weights, macs = cost(self._model.network, modes, self._model.weight_count)
        return MixedPrecisionPlan(
            target_db=self._settings.target_db,
            modes=modes,
            before_db=self._before,
            after_db=after,
            predicted_db=result.after_db,
            weight_share=weights,
            mac_share=macs,
            trials=trials,
            samples=samples,
            cut_short="" if result.minimal else _NOT_SMALLEST,
        )

    def _missed(self, best: Mapping[str, float], obstacle: str, trials: int) -> MixedPrecisionPlan:
        return MixedPrecisionPlan(
            target_db=self._settings.target_db,
            modes={},
            candidates=tuple(self.ranking()),
            before_db=self._before,
            after_db=best,
            obstacle=obstacle,
            trials=trials,
            samples=self._trials.run.samples,
        )

    def _obstacle(self, result: SearchResult) -> str:
        """What keeps the outputs below the target even with all 16 bit that there is."""
        if unknown := _unknown(result.after_db):
            return self._not_run(unknown)
        missing = [
            name for name, snr in result.after_db.items() if not snr >= self._settings.target_db
        ]
        clauses = [clause for name in missing if (clause := self._clipped(name))]
        if clauses:
            return "; ".join(clauses)
        return self._remaining_noise(missing)

    def _not_run(self, outputs: Sequence[str]) -> str:
        reasons = self._noise.not_measured
        return "; ".join(
            f"emulation yields no SNR at {name}: {reasons.get(name, _NO_NUMBER)}"
            for name in outputs
        )

    def _clipped(self, output: str) -> str:
        described = self._stored[output]
        if described.output is None:
            return ""
        found = self._trials.run.clipping(output, described.output, described.highest_code)
        if found.snr_db >= self._settings.target_db:
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
        low = [name for name, snr in fixed.items() if snr < self._settings.target_db]
        if low:
            worst_first = sorted(low, key=fixed.__getitem__)
            named = [f"{tenths(fixed[name])} dB ({name})" for name in worst_first]
            return f"layers that cannot run at 16 bit limit the SNR to {listed(named, 3)}"
        return "the rest comes from many layers, from clipped ranges or from the 8-bit input"


def _snr_db(noise: NoiseMeasurements, name: str) -> float:
    return noise.layers[name].output.snr_db if name in noise.layers else math.nan


def _unknown(found: Mapping[str, float]) -> list[str]:
    return [name for name, snr in found.items() if math.isnan(snr)]


def _has_signal(model: Model, output: Layer) -> bool:
    producers = model.network.producers(output)
    return not any(producer.type in NO_SIGNAL_TYPES for producer in producers)
