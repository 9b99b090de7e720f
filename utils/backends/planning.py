"""The search for a 16-bit plan, by emulation of every set of layers that is considered."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from utils.backends.precision_search import SearchResult, smallest_set
from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.trial import TrialRun, streamed_snr_db
from utils.har.model import Model
from utils.har.network import Layer
from utils.jobs.settings import Settings
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.quantizer.integers import CodedLayer, changed_layers
from utils.quantizer.requantizer import Requantizer
from utils.quantizer.sixteen_bit import closed_modes, cost, sixteen_bit_mode
from utils.wording import listed

# Layers whose values are an index or a choice, for which a ratio of energies says nothing.
NO_SIGNAL_TYPES = frozenset("argmax nms postprocess bbox_decoder proposal_generator".split())
# A plan that holds on few samples may miss the target on all of them by a little.
ATTEMPTS = 3
MARGIN_DB = 0.1
_NO_NUMBER = "with 16 bit at some layers it is not run, or its values are NaN"
_HOLDS_ON_FEW = "the sets that were tried reach it on some of the samples, not on all"


class Planner:
    """Everything that a plan is made from; see `plan`."""

    def __init__(
        self,
        model: Model,
        noise: NoiseMeasurements,
        sensitivity: Sensitivity,
        settings: Settings,
        stored: Mapping[str, CodedLayer],
        trial: TrialRun,
        floats: FloatEmulator,
        batches: Callable[[], Iterable[Batch]],
        on_trial: Callable[[int], object],
    ) -> None:
        """Take what was measured, and what trials are run with.

        Parameters
        ----------
        noise : of the embedded engine, which also runs the trials.
        stored : layers as the archive has them.
        trial : runs variants on the kept samples.
        batches : yields all samples that were measured, for the proof.
        on_trial : called with 1 after each trial.
        """
        self._model = model
        self._noise = noise
        self._sensitivity = sensitivity
        self._settings = settings
        self._target = settings.target or model.hw_arch
        self._stored = stored
        self._trial = trial
        self._floats = floats
        self._batches = batches
        self._on_trial = on_trial
        self._requantizer = Requantizer(model)
        # An output that was not run may be anywhere, so no plan can promise anything for it.
        self._before = {
            layer.name: _snr_db(noise, layer.name)
            for layer in model.network.output_layers
            if _has_signal(model, layer)
        }

    def plan(self) -> MixedPrecisionPlan | None:
        """The smallest set found that brings every output to the target; None if all are there."""
        target = self._settings.target_db
        if all(snr >= target for snr in self._before.values()):
            return None
        wanted, trials = target, 0
        for _ in range(ATTEMPTS):
            result = smallest_set(self.ranking(), self._emulated, wanted)
            trials += result.trials
            if not result.reached:
                return self._missed(result.after_db, self._obstacle(result), trials)
            after = self._proven(result.layers)
            if unknown := _unknown(after):
                return self._missed(after, self._not_run(unknown), trials)
            shortfall = target - min(after.values(), default=math.inf)
            if shortfall <= 0:
                return self._reached(result, after, trials)
            wanted += shortfall + MARGIN_DB
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

    def _modes(self, layers: Collection[str]) -> dict[str, str]:
        network, current = self._model.network, self._model.precision_mode
        return closed_modes(network, layers, self._target, current)

    def _emulated(self, layers: Sequence[str]) -> dict[str, float]:
        changed = self._requantizer.apply(self._modes(layers))
        found = self._trial.snr_db(changed.network, changed_layers(self._stored, changed.layers))
        self._on_trial(1)
        return self._judged(found)

    def _proven(self, layers: Collection[str]) -> dict[str, float]:
        changed = self._requantizer.apply(self._modes(layers))
        coded = changed_layers(self._stored, changed.layers)
        return self._judged(streamed_snr_db(self._floats, changed.network, coded, self._batches()))

    def _judged(self, found: Mapping[str, float]) -> dict[str, float]:
        return {name: found.get(name, math.nan) for name in self._before}

    def _reached(
        self, result: SearchResult, after: Mapping[str, float], trials: int
    ) -> MixedPrecisionPlan:
        modes = self._modes(result.layers)
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
        found = self._trial.clipping(output, described.output, described.highest_code)
        if found.snr_db >= self._settings.target_db:
            return ""
        return (
            f"{output} can hold {found.range_low:.6g} to {found.range_high:.6g}, the float values "
            f"reach from {found.low:.6g} to {found.high:.6g}, and to cut these off alone leaves "
            f"{found.snr_db:.1f} dB"
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
            named = [f"{fixed[name]:.1f} dB ({name})" for name in worst_first]
            return f"what cannot run at 16 bit leaves no more than {listed(named, 3)}"
        return "the rest comes from many layers, from clipped ranges or from the 8-bit input"


def _snr_db(noise: NoiseMeasurements, name: str) -> float:
    return noise.layers[name].output.snr_db if name in noise.layers else math.nan


def _unknown(found: Mapping[str, float]) -> list[str]:
    return [name for name, snr in found.items() if math.isnan(snr)]


def _has_signal(model: Model, output: Layer) -> bool:
    producers = model.network.producers(output)
    return not any(producer.type in NO_SIGNAL_TYPES for producer in producers)
