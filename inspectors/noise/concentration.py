"""Whether the noise of an output comes from few layers or from all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput
from inspectors.noise.remedies import (
    by_eight_bit_weights,
    by_searching,
)
from inspectors.searched_plan import has_proven_plan, plan_of
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.measurements.noise import Sensitivity
from utils.wording import listed, tenths


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

    def loudest(self, count: int) -> tuple[str, ...]:
        """So many layers, the loudest first."""
        return tuple(self.shares)[:count]

    def held(self, count: int) -> float:
        """Share that so many of the loudest layers hold, 0 to 1."""
        return sum(self.shares[name] for name in self.loudest(count))

    def guilty(self, held: float) -> tuple[str, ...]:
        """The fewest layers that hold more than this share; () if the few do not suffice."""
        sums = accumulate(self.shares[name] for name in self.loudest(self.allowed))
        enough = next((count for count, sum_ in enumerate(sums, 1) if sum_ > held), 0)
        return self.loudest(enough)

    def measured_name(self, name: str) -> str:
        """What the share of a layer is called among the numbers of a finding."""
        return f"{name} at {self.output.layer.name}"

    def described(self, network: Network, names: Sequence[str]) -> str:
        """The shares of these layers, and the output."""
        named = [f"{self.shares[name]:.0%} from {network[name].described()}" for name in names]
        return (
            f"{listed(named, 3)} at {self.output.layer.name}, which has an SNR of "
            f"{tenths(self.output.snr_db)} dB and noise from {len(self.shares)} layers"
        )

    def described_held(self, network: Network, count: int) -> str:
        """What the loudest layers hold together, and what would be gained without them."""
        named = [network[name].described() for name in self.loudest(count)]
        gain = -10 * math.log10(1 - self.held(count))
        return (
            f"{listed(named, 3)}, the loudest of {len(self.shares)} layers, add "
            f"{self.held(count):.0%} of the noise at {self.output.layer.name}, whose SNR of "
            f"{tenths(self.output.snr_db)} dB would be {tenths(gain)} dB higher without their noise"
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


def remedy_for_few(guilty: Sequence[str], context: Context, causes: Iterable[Finding]) -> str:
    """What to do about the layers that hold most of the noise; "" where others say it.

    Parameters
    ----------
    causes : findings about what more bits do not mend.
    """
    if has_proven_plan(context):
        return ""
    if any(f.severity > Severity.INFO and not set(guilty).isdisjoint(f.layers) for f in causes):
        return ""
    model = context.model
    if any(model.network[name].type == "input_layer" for name in guilty):
        return "Calibrate again so that the range of the input fits the data."
    if wider := by_eight_bit_weights(model, guilty):
        return wider
    if search := by_searching(context):
        return search
    if plan_of(context) is None:
        return "Run again with a higher --target-snr to try 16 bit for these layers."
    return ""
