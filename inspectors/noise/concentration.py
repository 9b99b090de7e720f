"""Whether the noise of an output comes from few layers or from all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate

from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.measurements.left_out import PLAN, remedy_of
from utils.measurements.noise import Sensitivity
from utils.wording import listed


@dataclass(frozen=True, eq=False)
class Concentration:
    """The share of every layer in the noise of one output.

    Parameters
    ----------
    output : the output.
    shares : of the layers that add noise there, the loudest first; they add up to 1.
    allowed : how many layers are few.
    """

    output: JudgedOutput
    shares: Mapping[str, float]
    allowed: int

    @property
    def loudest(self) -> tuple[str, ...]:
        """As many layers as are few, the loudest first."""
        return tuple(self.shares)[: self.allowed]

    @property
    def held(self) -> float:
        """Share that these hold, 0 to 1."""
        return sum(self.shares[name] for name in self.loudest)

    def guilty(self, held: float) -> tuple[str, ...]:
        """The fewest layers that hold more than this share; () if the few do not suffice."""
        sums = accumulate(self.shares[name] for name in self.loudest)
        enough = next((count for count, sum_ in enumerate(sums, 1) if sum_ > held), 0)
        return self.loudest[:enough]

    def measured_name(self, name: str) -> str:
        """What the share of a layer is called among the numbers of a finding."""
        return f"{name} at {self.output.layer.name}"

    def described(self, network: Network, names: Sequence[str]) -> str:
        """The shares of these layers, and the output."""
        named = [f"{network[name].described()} ({self.shares[name]:.0%})" for name in names]
        return (
            f"{listed(named)} of {len(self.shares)} layers that add any at "
            f"{self.output.layer.name} ({self.output.snr_db:.1f} dB)"
        )


def concentrations(
    network: Network,
    sensitivity: Sensitivity | None,
    outputs: Iterable[JudgedOutput],
    few: float,
) -> list[Concentration]:
    """How the noise of outputs spreads, where at least two layers are known to add any.

    Parameters
    ----------
    few : share of the layers that counts as few, at least one layer.
    """
    if sensitivity is None:
        return []
    found = []
    for output in outputs:
        known = sensitivity.noise_shares(output.layer.name).items()
        shares = {name: share for name, share in known if share > 0 and name in network}
        if len(shares) > 1:
            loudest_first = dict(sorted(shares.items(), key=lambda item: -item[1]))
            found.append(Concentration(output, loudest_first, max(1, int(few * len(shares)))))
    return found


def few_in_words(
    few: Mapping[Concentration, Sequence[str]], context: Context, causes: Iterable[Finding]
) -> str:
    """Guilty layers by output, and what to do about them.

    Parameters
    ----------
    causes : findings about what more bits do not mend.
    """
    network = context.model.network
    named = listed([each.described(network, guilty) for each, guilty in few.items()])
    guilty_layers = {name for guilty in few.values() for name in guilty}
    return f"{named}; {_advice(guilty_layers, context, causes)}"


def _advice(guilty: Set[str], context: Context, causes: Iterable[Finding]) -> str:
    plan = context.measurements.plan if context.measurements else None
    if _has_proven_plan(context):
        return "mixed-precision-plan has what 16 bit gains"
    cause = _first_id(finding for finding in causes if not guilty.isdisjoint(finding.layers))
    if cause:
        return f"mend {cause} there first"
    if any(context.model.network[name].type == "input_layer" for name in guilty):
        return "inputs are coded in 8 bit, so fit their range to the data"
    modes = [context.model.precision_mode(name) for name in guilty]
    if any(mode is not None and mode.weight_bits < 8 for mode in modes):
        return "give those with 4-bit weights 8 bit first"
    if context.measurements and (reason := context.measurements.left_out.get(PLAN)):
        return f"16 bit for these would gain most, which was not tried: {remedy_of(reason)}"
    if plan is None:
        return "16 bit for these would gain most; with a higher --target-snr it is tried"
    return "16 bit for these gains most, but mixed-precision-plan has what stays in the way"


def diffuse_in_words(
    diffuse: Sequence[Concentration], context: Context, causes: Iterable[Finding]
) -> str:
    """Loudest layers by output, and what to do instead of looking for a guilty one.

    Parameters
    ----------
    causes : findings about what more bits do not mend.
    """
    named = listed([each.described(context.model.network, each.loudest) for each in diffuse])
    if _has_proven_plan(context):
        return f"{named}; 16 bit helps if all layers of mixed-precision-plan get it together"
    cause = _first_id(causes)
    if cause:
        return f"{named}; mend {cause} first"
    gain = max(-10 * math.log10(1 - each.held) for each in diffuse)
    return (
        f"{named}; raise the optimization level, finetune, or give all layers 16 bit: these alone "
        f"would gain no more than {gain:.1f} dB"
    )


def _has_proven_plan(context: Context) -> bool:
    plan = context.measurements.plan if context.measurements else None
    return plan is not None and plan.reached and bool(plan.modes)


def _first_id(causes: Iterable[Finding]) -> str:
    return next((finding.id for finding in causes if finding.severity > Severity.INFO), "")
