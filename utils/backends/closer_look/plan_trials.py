"""Sets of layers at 16 bit, emulated on as many samples as the budget allows."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import ClassVar, TypeVar

from utils.backends.closer_look.variants_tried import VariantPart
from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.backends.variants import Variant
from utils.emulator.measuring.budget import Budget, affordable_count
from utils.emulator.measuring.outcomes import outcomes_of
from utils.emulator.measuring.trial import TrialRun, compared
from utils.emulator.measuring.work import judging_work, quantized_work, total_work
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.quantization import PrecisionMode, parse_precision_mode
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcomes
from utils.quantizer.sixteen_bit import closed_modes

T = TypeVar("T")

# Share of a plan's work that trials may take; the proof, which takes more samples, has the rest.
TRIALS = 0.4
# What bisecting 100 layers and leaving out some takes; most sets are smaller than the first.
USUAL_TRIALS = 12
# Values of a single sample differ, but an output of a large network has many of them.
FEWEST_SAMPLES = 2
# With fewer a proof would be none.
FEWEST_PROVEN = 16
SPREAD = 8  # batches that a proof on some samples takes at least


@dataclass(frozen=True, eq=False)
class Compared:
    """What outputs of a changed network say, and of the archive's; None where it was not run."""

    after: AgreementMeasurements
    archived: AgreementMeasurements | None


@dataclass(frozen=True)
class ProofPart(Part[Compared]):
    """The quantized network with other precision modes, on a batch of all samples.

    Parameters
    ----------
    first, stop : the samples, counted over those that are used.
    with_archived : whether the archive's own network is run beside it.
    """

    modes: Mapping[str, str]
    first: int
    stop: int
    with_archived: bool
    ANSWER: ClassVar[type] = Compared

    def run(self, networks: Networks) -> Compared:
        """See `Part`."""
        variant = networks.variants.of(self.modes)
        runs = [QuantizedEmulator(networks.floats, variant.network, variant.coded_layers)]
        runs += [networks.quantized] * self.with_archived
        (batch,) = networks.read_some(slice(self.first, self.stop))
        after, *archived = compared(
            networks.floats,
            runs,
            batch,
            networks.model.network,
            networks.settings.judged,
            self.first,
        )
        return Compared(after, archived[0] if archived else None)


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
        self,
        networks: Networks,
        candidates: Sequence[str],
        budget: Budget,
        work: float,
        eight_bit: Mapping[str, str] | None = None,
    ) -> None:
        """Say what it may cost.

        Parameters
        ----------
        candidates : all layers that a set may hold.
        budget : what is done is counted there.
        work : how much of it the trials and the proof may take together.
        eight_bit : modes with 8-bit weights, by layer, that every set has beside its 16 bit.
        """
        self._networks = networks
        self._target = networks.settings.target or networks.model.hw_arch
        self._candidates = candidates
        self._budget = budget
        self._end = budget.spent + work
        self._trials_end = budget.spent + TRIALS * work
        self._eight_bit = dict(eight_bit or {})
        self._found: dict[frozenset[str], Outcomes] = {}

    @property
    def count(self) -> int:
        """How many sets were tried."""
        return len(self._found)

    def modes(self, layers: Collection[str]) -> dict[str, str]:
        """Precision modes that a set takes, with the 8-bit weights that every set has."""
        network = self._networks.model.network
        modes = {**self._eight_bit, **closed_modes(network, layers, self._target, self._mode)}
        return {name: modes[name] for name in network.layers if name in modes}

    def _mode(self, layer: str) -> PrecisionMode | None:
        """The mode that a layer has without any 16 bit of a set."""
        if layer in self._eight_bit:
            return parse_precision_mode(self._eight_bit[layer])
        return self._networks.model.precision_mode(layer)

    def affords(self, layers: Sequence[str]) -> bool:
        """Whether a set is known, or may still be tried."""
        return (
            frozenset(layers) in self._found
            or self._budget.spent + self._cost(layers) <= self._trials_end
        )

    def outcomes(self, layers: Sequence[str]) -> Outcomes:
        """What becomes of every output with these layers at 16 bit, on some samples."""
        chosen = frozenset(layers)
        if chosen not in self._found:
            part = VariantPart(self.run.samples, self.modes(layers))
            self._found[chosen] = self._tried(part, self._cost(layers))
        return self._found[chosen]

    def _tried(self, part: VariantPart, work: float) -> Outcomes:
        (found,) = self._networks.answers([part], work)
        self._budget.spend(work)
        return found.outcomes

    @property
    def has_all_kept(self) -> bool:
        """Whether sets are tried on all samples that were kept."""
        return self.run.samples == self._networks.kept_count

    def archived(self) -> Outcomes:
        """What becomes of the archive's outputs on the samples that sets are tried on."""
        networks, run = self._networks, self.run
        work = run.work(networks.model.network, networks.stored)
        return self._tried(VariantPart(run.samples), run.samples * work)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left for another proof."""
        return self._budget.spent >= self._end

    def proven(self, layers: Collection[str]) -> Proof:
        """The same on all samples, or as many as the budget allows."""
        networks, variant, modes = self._networks, self._variant(layers), self.modes(layers)
        runs = [QuantizedEmulator(networks.floats, variant.network, variant.coded_layers)]
        left, used = self._end - self._budget.spent, networks.job.calibration.used
        with_archived = left < used * self._proving_work(runs)
        if with_archived:
            runs.append(networks.quantized)  # to know what these samples are like
        each = self._proving_work(runs)
        count = affordable_count(left, each, min(FEWEST_PROVEN, used), used)
        # Some batches may be left out, so they have to be small enough to be spread.
        largest = networks.batch_size if count == used else max(count // SPREAD, 1)
        size = min(networks.batch_size, largest)
        spans = [(first, min(first + size, used)) for first in range(0, used, size)]
        parts = [ProofPart(modes, *span, with_archived) for span in _spread(spans, count / used)]
        seen = sum(part.stop - part.first for part in parts)
        found = []
        answers = networks.answers(parts, each * seen)
        for part, answer in zip(parts, answers, strict=True):
            found.append(answer)
            self._budget.spend(each * (part.stop - part.first))
        return self._proof(found, seen)

    def _proof(self, found: Sequence[Compared], seen: int) -> Proof:
        network = self._networks.model.network
        archived = [each.archived for each in found if each.archived is not None]
        after = _joined([each.after for each in found])
        return Proof(
            outcomes_of(network, after, seen),
            outcomes_of(network, _joined(archived), seen) if archived else None,
            seen,
        )

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
        return self._networks.variants.of(self.modes(layers))


def _joined(found: Sequence[AgreementMeasurements]) -> AgreementMeasurements:
    return reduce(AgreementMeasurements.merged, found)


def _spread(batches: Sequence[T], share: float) -> Iterator[T]:
    """A share of the batches, spread evenly over all of them; never none."""
    due = 0.0
    for index, batch in enumerate(batches):
        due += share
        if due >= 1 - 1e-9 or index == 0:
            yield batch
            due -= 1
