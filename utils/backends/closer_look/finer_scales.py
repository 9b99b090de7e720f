"""Finer codes for channels that have few, tried on samples of the data, the cheapest first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from utils.backends import workload
from utils.backends.closer_look.step import Step
from utils.backends.closer_look.variants_tried import VariantPart
from utils.backends.networks import Networks
from utils.backends.variants import Variant
from utils.emulator.measuring.budget import affordable_count
from utils.emulator.measuring.trial import TrialRun
from utils.measurements import Measurements, Need
from utils.measurements.agreement.outcome import Outcomes
from utils.measurements.left_out import SCALE_TRIALS
from utils.measurements.own_noise import unclear_coarse_layers
from utils.measurements.scale_trial import COUNTING, Change, ScaleTrial
from utils.quantizer.sixteen_bit import closed_modes, sixteen_bit_mode

FEWEST_SAMPLES = 4
# What the trials of a change rest on.
ASSUMED: Mapping[Change, str] = {
    "equalization": "scales that equalization would choose are taken to reach as far as range, "
    "weights and the layers behind allow, as in archives that have it",
    "output_scales": "output_encoding_vector is taken to give every channel of an output a scale "
    "of its own, and all of them one zero point",
}


@dataclass(frozen=True)
class Weak:
    """Layers whose channels have few codes.

    Parameters
    ----------
    layers : in graph order.
    is_output : whether it is the codes of an output that are few; else those of weights.
    """

    layers: tuple[str, ...]
    is_output: bool


def weak_places(networks: Networks, measured: Measurements, before: Outcomes) -> list[Weak]:
    """Where channels have too few codes, as far as that may cost an output something.

    Parameters
    ----------
    before : what becomes of the outputs as the archive has them.
    """
    found = []
    coarse = unclear_coarse_layers(networks.model, measured)
    if coarse and any(not each.is_counted or not each.is_fine for each in before.values()):
        found.append(Weak(coarse, is_output=False))
    agreement, network = measured.agreement, networks.model.network
    for name, output in agreement.outputs.items() if agreement else ():
        is_counting = output.settled.kind in COUNTING and not output.is_constant_in_float
        if is_counting and agreement and agreement.judged_codes(name).silenced.any():
            producers = tuple(producer.name for producer in network.producers(network[name]))
            found.append(Weak(producers, is_output=True))
    return found


@dataclass(frozen=True)
class Candidate:
    """A change that may mend a place."""

    place: Weak
    change: Change
    variant: Variant
    modes: dict[str, str]


def candidates(networks: Networks, places: Sequence[Weak]) -> list[Candidate]:
    """What there is to try for these places, for each of them the cheapest first."""
    return [each for place in places for each in _candidates(networks, place)]


def _candidates(networks: Networks, place: Weak) -> Iterator[Candidate]:
    model, variants = networks.model, networks.variants
    equalized = None if place.is_output else variants.equalized()
    if equalized is not None:
        yield Candidate(place, "equalization", equalized, {})
    scaled = variants.with_output_scales()
    if scaled is not None and not scaled.changed.isdisjoint(place.layers):
        yield Candidate(place, "output_scales", scaled, {})
    target = networks.settings.target or model.hw_arch
    widened = [
        name
        for name in place.layers
        if sixteen_bit_mode(model.network[name], target, model.precision_mode(name))
    ]
    if widened:
        modes = closed_modes(model.network, widened, target, model.precision_mode)
        yield Candidate(place, "sixteen_bit", variants.of(modes), modes)


def work_for_each(networks: Networks, run: TrialRun, tried: Sequence[Candidate]) -> float:
    """What the trials take for each sample, with the archive itself."""
    variants = (each.variant for each in tried)
    work = run.work(networks.model.network, networks.stored, ())
    return work + sum(run.work(v.network, v.coded_layers, v.changed) for v in variants)


def affordable_run(networks: Networks, tried: Sequence[Candidate], work: float) -> TrialRun:
    """As many of the kept samples as this much work is enough for."""
    kept = networks.kept_count
    each = work_for_each(networks, networks.trial_on(kept), tried)
    return networks.trial_on(affordable_count(work, each, min(FEWEST_SAMPLES, kept), kept))


def tried_scales(
    networks: Networks, samples: int, tried: Sequence[Candidate], work: float
) -> Iterator[ScaleTrial]:
    """What becomes of the outputs with each candidate.

    Parameters
    ----------
    samples : how many of the kept ones they are tried on.
    work : multiply-accumulates of all trials.

    Raises
    ------
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    parts = [VariantPart(samples, each.modes, change=each.change) for each in tried]
    before, *found = networks.answers([VariantPart(samples), *parts], work)
    for each, after in zip(tried, found, strict=True):
        place = each.place
        yield ScaleTrial(
            each.change,
            place.layers,
            before.outcomes,
            after.outcomes,
            each.modes,
            place.is_output,
        )


def assumptions_of(trials: Iterable[ScaleTrial]) -> list[str]:
    """Sentences on what these trials rest on, each once."""
    changes = dict.fromkeys(trial.change for trial in trials)
    return [ASSUMED[change] for change in changes if change in ASSUMED]


class FinerScales(Step):
    """What finer codes for single channels do to the outputs, where some have too few."""

    WHAT = SCALE_TRIALS
    FAILED = "no finer codes were tried"
    TAKES_SAMPLES = True

    @property
    def is_needed(self) -> bool:
        """See `Step`."""
        return bool(self._to_try)

    @cached_property
    def _to_try(self) -> list[Candidate]:
        networks, look = self.networks, self.look
        if Need.SCALE_TRIALS not in networks.job.need or look.measured.noise is None:
            return []
        return candidates(networks, weak_places(networks, look.measured, look.before))

    def run(self) -> None:
        """See `Step`."""
        networks, look, tried = self.networks, self.look, self._to_try
        run = affordable_run(networks, tried, workload.TRIAL_SHARE * look.budget.left)
        work = run.samples * work_for_each(networks, run, tried)
        with look.phases.phase(workload.SCALES, work):
            trials = tuple(tried_scales(networks, run.samples, tried, work))
            look.budget.spend(work)
        look.assume_and_add(assumptions_of(trials), scale_trials=trials)
