"""What to do about a noisy output or layer, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable

from inspectors.base_inspector import Context
from inspectors.bias_correction import by_bias_correction
from inspectors.quantizing_again import ON_THESE
from inspectors.searched_plan import has_proven_plan, plan_of
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Network
from utils.har.reach import reaching
from utils.measurements.left_out import PLAN, remedy_of
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB, MixedPrecisionPlan
from utils.wording import listed

UNTUNED = "Leave the training of the optimization out, and quantize again."
LEVEL_OF_FINETUNE = 2  # the lowest optimization level at which the compiler trains the network


def remedy_for_output(
    context: Context, output: str, snr_db: float, causes: Iterable[Finding]
) -> str:
    """One sentence: what trials have proven, else what its cause asks for, else training.

    Parameters
    ----------
    output : name of the output layer.
    snr_db : its SNR, with everything quantized.
    causes : findings about causes, in the order in which they are to be considered.
    """
    if proven := by_trial(context):
        return proven
    upstream = reaching(context.model.network, [output])
    possible = [cause for cause in causes if not upstream.isdisjoint(cause.layers)]
    worst = max(possible, key=lambda cause: cause.severity, default=None)
    if worst is not None and worst.severity > Severity.INFO:
        return worst.remedy
    if search := by_searching(context):
        return search
    if plan_of(context) is None and snr_db >= DEFAULT_TARGET_DB:
        return "Run again with a higher --target-snr to find the layers that need 16 bit."
    return by_training(context.model)


def by_trial(context: Context) -> str:
    """What trials have shown to mend the outputs, the cheapest first; "" without any."""
    return by_bias_correction(context) or by_plan(context)


def by_plan(context: Context) -> str:
    """To take the plan that emulation has proven; "" without one."""
    plan = plan_of(context)
    if plan is None or not has_proven_plan(context):
        return ""
    return f"{given_bits(context.model.network, plan)} and quantize again."


def given_bits(network: Network, plan: MixedPrecisionPlan) -> str:
    """To give layers what a plan has for them, as the beginning of a sentence."""
    wide = [name for name in network.layers if name in plan.sixteen_bit]
    narrow = [name for name in network.layers if name in plan.eight_bit]
    parts = [f"{listed(narrow)} 8-bit weights"] if narrow else []
    parts += [f"{listed(wide)} 16 bit"] if wide else []
    return f"Give {' and '.join(parts)}"


def by_quantizing_again(context: Context) -> str:
    """To quantize again with what a trial shows to mend the outputs without 16 bit; "" else."""
    found = context.measurements
    untuned, ranges = (found.untuned_trial, found.recalibration) if found else (None, None)
    if untuned is not None and untuned.takes_half_back:
        return UNTUNED
    return ON_THESE if ranges is not None and ranges.mends else ""


def by_eight_bit_weights(model: Model, names: Iterable[str]) -> str:
    """To give the layers among these that have 4-bit weights 8 bit; "" where none has."""
    modes = {name: model.precision_mode(name) for name in names}
    narrow = [name for name, mode in modes.items() if mode is not None and mode.weight_bits < 8]
    return f"Give {listed(narrow)} 8-bit weights and quantize again." if narrow else ""


def by_searching(context: Context) -> str:
    """To have the layers searched that need 16 bit, where that was left out; "" elsewhere."""
    left_out = context.measurements.left_out if context.measurements else {}
    remedy = remedy_of(left_out.get(PLAN, ""))
    if not remedy.startswith("run"):
        return ""
    return f"{remedy.capitalize()} to find out which layers need 16 bit."


def by_training(model: Model) -> str:
    """What is left where 16 bit does not help."""
    level = model.optimization_level
    if level is not None and level >= LEVEL_OF_FINETUNE:
        return "Finetune the network longer and on more samples."
    return f"Quantize again at optimization level {LEVEL_OF_FINETUNE}, which finetunes the network."
