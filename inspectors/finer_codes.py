"""What gives channels more codes, as trials in emulation show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.searched_plan import has_proven_plan
from utils.findings import Recommendation
from utils.har.quantization import precision_commands
from utils.measurements.agreement.change import gain_at_the_worst
from utils.measurements.scale_trial import ScaleTrial, best_trial
from utils.model_script import ModelScript
from utils.wording import listed

EQUALIZATION = "pre_quantization_optimization(equalization, policy=enabled)"
IN_PART = ", which mends only a part,"
OUTPUT_SCALES = "model_optimization_config(globals, output_encoding_vector=enabled)"


@dataclass(frozen=True)
class FinerCodes:
    """What trials showed for some layers.

    Parameters
    ----------
    remedy : to take the cheapest change that mends, or the one that helps most; "" where none is
        better than the 16-bit plan.
    evidence : what each of those gave that help, and which do not.
    recommendation : its lines, which are proven.
    is_in_vain : whether 16 bit was tried, and neither that nor anything else helped.
    """

    remedy: str
    evidence: str
    recommendation: Recommendation | None = None
    is_in_vain: bool = False


def tried_finer_codes(context: Context, layers: Iterable[str]) -> FinerCodes | None:
    """What was tried for exactly these layers; None where nothing was."""
    found = context.measurements.scale_trials if context.measurements else ()
    wanted = set(layers)
    trials = [trial for trial in found if set(trial.layers) == wanted]
    if not trials:
        return None
    said = "; ".join(_told(context, trials))
    best = best_trial(trials)
    # A plan brings all outputs where they are wanted, so what only helps is no match for it.
    if best is None or (has_proven_plan(context) and not best.mends):
        widened = any(trial.change == "sixteen_bit" for trial in trials)
        is_in_vain = widened and not any(trial.helps for trial in trials)
        return FinerCodes("", said, is_in_vain=is_in_vain)
    gain = gain_at_the_worst(best.before, best.after)
    proven = Recommendation(_commands(best), proven=True, gain=gain)
    return FinerCodes(_remedy(context, best), said, proven)


def _told(context: Context, trials: Sequence[ScaleTrial]) -> Iterator[str]:
    """Numbers for what helps; what does not needs none."""
    for trial in trials:
        if trial.helps:
            yield f"with {_named(context, trial)}: {trial.described()}"
    vain = [_named(context, trial) for trial in trials if not trial.helps]
    if vain:
        yield f"tried without gain: {listed(vain)}"


def _named(context: Context, trial: ScaleTrial) -> str:
    return {
        "equalization": "equalization",
        "output_scales": "a scale for each channel of the outputs",
        "sixteen_bit": f"16 bit at {listed(_widened(context, trial))}",
    }[trial.change]


def _remedy(context: Context, trial: ScaleTrial) -> str:
    part = "" if trial.mends else IN_PART
    return {
        "equalization": f"Switch equalization on with this line{part} and quantize again.",
        "output_scales": "Give each channel of the outputs a scale of its own with this line"
        f"{part} and quantize again.",
        "sixteen_bit": sixteen_bit_remedy(_widened(context, trial), part),
    }[trial.change]


def sixteen_bit_remedy(layers: Sequence[str], part: str = "") -> str:
    """To give layers 16 bit with the lines that stand beside it.

    Parameters
    ----------
    part : says that this is not enough.
    """
    return f"Give {listed(layers)} 16 bit with these lines{part} and quantize again."


def _widened(context: Context, trial: ScaleTrial) -> list[str]:
    return [name for name in context.model.network.layers if name in trial.modes]


def _commands(trial: ScaleTrial) -> tuple[str, ...]:
    if trial.change == "sixteen_bit":
        return precision_commands(trial.modes)
    return (EQUALIZATION if trial.change == "equalization" else OUTPUT_SCALES,)


def lacks_equalization(script: ModelScript | None) -> bool:
    """Whether the script switches it off."""
    policies = [
        statement.keywords.get("policy")
        for statement in (script.commands("pre_quantization_optimization") if script else ())
        if "equalization" in statement.positional
    ]
    return bool(policies) and policies[-1] == "disabled"
