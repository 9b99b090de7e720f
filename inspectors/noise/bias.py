"""Errors that are an offset rather than noise, and whether bias correction can still be tried."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.bias_correction import (
    SWITCHED_ON,
    helps_in_trial,
    how_to_correct,
    is_in_vain,
    tried_lines,
)
from inspectors.noise.origins import Origin
from inspectors.noise.outputs import JudgedOutput
from inspectors.noise.remedies import by_plan, by_training
from inspectors.searched_plan import plan_of
from utils.facts.optimization_levels import BIAS_CORRECTION
from utils.findings import Recommendation
from utils.har.reach import reaching
from utils.measurements.noise import TensorNoise
from utils.measurements.table_noise import MAIN_SHARE
from utils.model_script.optimization_requests import requested_algorithm
from utils.wording import tenths

ALGORITHM = BIAS_CORRECTION.feature
CAN_DO = f"{ALGORITHM} can remove such a shift at no cost on the chip."


@dataclass(frozen=True, eq=False)
class Suspect:
    """A tensor whose error may be an offset.

    Parameters
    ----------
    name : of the layer.
    description : for the evidence.
    noise : of its output, with everything quantized.
    corrected : names of the layers whose biases would have to make up for it.
    """

    name: str
    description: str
    noise: TensorNoise
    corrected: tuple[str, ...]

    def described(self) -> str:
        """Name and numbers."""
        return (
            f"{self.noise.bias_share:.0%} of the error at {self.description}, "
            f"SNR {tenths(self.noise.snr_db)} dB"
        )


@dataclass(frozen=True)
class Cure:
    """What to do about offsets.

    Parameters
    ----------
    remedy : one sentence.
    remark : what is known of bias correction in this archive, for the evidence.
    why : what it can do; "" where it did that already, or was asked to.
    recommendation : the line, which waits to be accepted.
    """

    remedy: str
    remark: str = ""
    why: str = ""
    recommendation: Recommendation | None = None


def suspects(
    context: Context, outputs: Sequence[JudgedOutput], born: Iterable[Origin]
) -> list[Suspect]:
    """Every output, and the layers in front of them at which noise is born.

    A layer whose error the output shows directly is not named beside it. The table of an
    activation is off by the same for all samples, and no bias makes up for that.

    Parameters
    ----------
    outputs : those that are noisy; offsets that reach no such output do no harm.
    """
    network = context.model.network
    found = [
        Suspect(o.layer.name, o.described_feeder(), o.noise, tuple(p.name for p in o.producers))
        for o in outputs
    ]
    shown = {name for suspect in found for name in suspect.corrected}
    in_front = reaching(network, [output.layer.name for output in outputs])
    found += [
        Suspect(layer.name, layer.described(), origin.noise, (layer.name,))
        for origin in born
        if (layer := origin.layer).name in in_front - shown
    ]
    tables = context.measurements.tables if context.measurements else {}
    held = {name for name, table in tables.items() if table.share >= MAIN_SHARE}
    return [suspect for suspect in found if not held.issuperset(suspect.corrected)]


def cure(context: Context, biased: Iterable[Suspect]) -> Cure:
    """What to do about offsets, by what the compiler did about them already."""
    layers = {name for suspect in biased for name in suspect.corrected}
    if all(context.model.algorithm_ran(name, ALGORITHM) for name in layers):
        remedy = _by_plan(context, layers) or by_training(context.model)
        return Cure(remedy, f"{ALGORITHM} has run")
    if is_in_vain(context):
        remedy = _by_plan(context, layers) or by_training(context.model)
        return Cure(remedy, f"{ALGORITHM} was tried in emulation and gains nothing")
    if helps_in_trial(context):
        return Cure(how_to_correct(context), "", CAN_DO, tried_lines(context))
    policy = requested_algorithm(context.script, ALGORITHM)
    if policy:
        level = context.model.optimization_level
        at_level = "" if level is None else f" at optimization level {level}"
        return Cure(
            f"Read in the compiler's log why {ALGORITHM} did not run.",
            f"the model script enables {ALGORITHM}, and the archive does not record that it ran"
            f"{at_level}",
        )
    recommendation = Recommendation(
        (SWITCHED_ON,),
        question=f"Enable {ALGORITHM}? What it gains was not tried.",
        default=False,
    )
    return Cure(
        f"Enable {ALGORITHM} in the model script and quantize again.",
        f"the model script disables {ALGORITHM}" if policy is False else "",
        CAN_DO,
        recommendation,
    )


def _by_plan(context: Context, layers: Collection[str]) -> str:
    """The 16-bit plan, if it widens any of these layers or what they compute with."""
    plan = plan_of(context)
    in_front = reaching(context.model.network, layers)
    return "" if plan is None or in_front.isdisjoint(plan.modes) else by_plan(context)
