"""Sets of layers at 16 bit, emulated on as many samples as the budget allows."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from utils.backends.networks import Networks
from utils.backends.variants import Variant
from utils.dataset.calibration_set import Batch, sample_count
from utils.emulator.measuring.budget import Budget, affordable_count
from utils.emulator.measuring.trial import TrialRun, streamed_outcomes
from utils.emulator.measuring.work import judging_work, quantized_work, total_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements.agreement.outcome import Outcome, Outcomes
from utils.quantizer.sixteen_bit import closed_modes

# Share of a plan's work that trials may take; the proof, which takes more samples, has the rest.
TRIALS = 0.4
# What bisecting 100 layers and leaving out some takes; most sets are smaller than the first.
USUAL_TRIALS = 12
# Values of a single sample differ, but an output of a large network has many of them.
FEWEST_SAMPLES = 2
# With fewer a proof would be none.
FEWEST_PROVEN = 16
SPREAD = 8  # batches that a proof on some samples takes at least


@dataclass(frozen=True)
class Proof:
    """What a set does on more samples than those that it was found on.

    Parameters
    ----------
    after : what becomes of every output.
    archived : of the archive as it is, on the same samples; None where these are all.
    samples : how many they were.
    """

    after: Outcomes
    archived: Outcomes | None
    samples: int


class PlanTrials:
    """Trials of sets, and the proof of the one that was found."""

    def __init__(
        self, networks: Networks, candidates: Sequence[str], budget: Budget, work: float
    ) -> None:
        """Say what it may cost.

        Parameters
        ----------
        candidates : all layers that a set may hold.
        budget : what is done is counted there.
        work : how much of it the trials and the proof may take together.
        """
        self._networks = networks
        self._target = networks.settings.target or networks.model.hw_arch
        self._candidates = candidates
        self._budget = budget
        self._end = budget.spent + work
        self._trials_end = budget.spent + TRIALS * work
        self._known: dict[frozenset[str], Variant] = {}
        self._found: dict[frozenset[str], dict[str, Outcome]] = {}

    @property
    def count(self) -> int:
        """How many sets were tried."""
        return len(self._found)

    def modes(self, layers: Collection[str]) -> dict[str, str]:
        """Precision modes that a set takes."""
        model = self._networks.model
        return closed_modes(model.network, layers, self._target, model.precision_mode)

    def affords(self, layers: Sequence[str]) -> bool:
        """Whether a set is known, or may still be tried."""
        return (
            frozenset(layers) in self._found
            or self._budget.spent + self._cost(layers) <= self._trials_end
        )

    def outcomes(self, layers: Sequence[str]) -> dict[str, Outcome]:
        """What becomes of every output with these layers at 16 bit, on some samples."""
        chosen, variant = frozenset(layers), self._variant(layers)
        if chosen not in self._found:
            self._found[chosen] = self.run.outcomes(
                variant.network, variant.coded_layers, variant.changed
            )
            self._budget.spend(self._cost(layers))
        return self._found[chosen]

    @property
    def has_all_kept(self) -> bool:
        """Whether sets are tried on all samples that were kept."""
        return self.run.samples == self._networks.kept_count

    def archived(self) -> dict[str, Outcome]:
        """What becomes of the archive's outputs on the samples that sets are tried on."""
        networks, run = self._networks, self.run
        found = run.outcomes(networks.model.network, networks.stored, ())
        work = run.work(networks.model.network, networks.stored)
        self._budget.spend(run.samples * work)
        return found

    @property
    def is_over(self) -> bool:
        """Whether nothing is left for another proof."""
        return self._budget.spent >= self._end

    def proven(self, layers: Collection[str]) -> Proof:
        """The same on all samples, or as many as the budget allows."""
        networks, variant = self._networks, self._variant(layers)
        runs = [QuantizedEmulator(networks.floats, variant.network, variant.coded_layers)]
        left, used = self._end - self._budget.spent, networks.job.calibration.used
        if left < used * self._proving_work(runs):
            runs.append(networks.quantized)  # to know what these samples are like
        each = self._proving_work(runs)
        count = affordable_count(left, each, min(FEWEST_PROVEN, used), used)
        # Some batches may be left out, so they have to be small enough to be spread.
        largest = networks.batch_size if count == used else max(count // SPREAD, 1)
        seen = 0

        def batches() -> Iterator[Batch]:
            nonlocal seen
            for batch in _spread(networks.read_again(largest), count / used):
                yield batch
                seen += sample_count(batch)
                self._budget.spend(each * sample_count(batch))

        after, *archived = streamed_outcomes(
            networks.floats, runs, batches(), networks.model.network, networks.settings.judged
        )
        return Proof(after, archived[0] if archived else None, seen)

    def _proving_work(self, runs: Sequence[QuantizedEmulator]) -> float:
        return total_work(self._networks.floats.network) + sum(
            quantized_work(run.network, run.coded_layers, run.network.layers)
            + judging_work(run.network)
            for run in runs
        )

    @cached_property
    def run(self) -> TrialRun:
        """The samples that sets are tried on: fewer, where the budget would end too early."""
        variant, kept = self._variant(self._candidates), self._networks.kept_count
        trial = self._networks.trial_on(kept)
        if self._end < math.inf:
            each = trial.work(variant.network, variant.coded_layers) * USUAL_TRIALS
            left = self._trials_end - self._budget.spent
            trial = self._networks.trial_on(affordable_count(left, each, FEWEST_SAMPLES, kept))
        return trial

    def _cost(self, layers: Sequence[str]) -> float:
        variant, run = self._variant(layers), self.run
        return run.samples * run.work(variant.network, variant.coded_layers, variant.changed)

    def _variant(self, layers: Collection[str]) -> Variant:
        chosen = frozenset(layers)
        if chosen not in self._known:
            self._known[chosen] = self._networks.variants.of(self.modes(layers))
        return self._known[chosen]


def _spread(batches: Iterator[Batch], share: float) -> Iterator[Batch]:
    """A share of the batches, spread evenly over all of them; never none."""
    due = 0.0
    for index, batch in enumerate(batches):
        due += share
        if due >= 1 - 1e-9 or index == 0:
            yield batch
            due -= 1
