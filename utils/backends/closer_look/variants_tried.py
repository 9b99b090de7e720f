"""The quantized network with something changed, tried on kept samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from utils.backends.networks import Networks
from utils.backends.parts import Part
from utils.backends.variants import Variant
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.scale_trial import Change


@dataclass(frozen=True)
class Outcomes:
    """What becomes of outputs, by output layer."""

    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class VariantPart(Part[Outcomes]):
    """The quantized network with something changed, on kept samples.

    Parameters
    ----------
    samples : how many of them, evenly spread.
    modes, ranges : precision mode, and output range, by layer that is changed.
    change : what is changed beside these, as of trials of finer codes; "" for nothing.
    """

    samples: int
    modes: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    change: Literal["", Change] = ""
    ANSWER: ClassVar[type] = Outcomes

    def run(self, networks: Networks) -> Outcomes:
        """See `Part`."""
        run = networks.trial_on(self.samples)
        variant = self._variant(networks)
        if variant is None:
            return Outcomes(run.outcomes(networks.model.network, networks.stored, ()))
        return Outcomes(run.outcomes(variant.network, variant.coded_layers, variant.changed))

    def _variant(self, networks: Networks) -> Variant | None:
        """None stands for the archive as it is."""
        if self.change == "equalization":
            return networks.variants.equalized()
        if self.change == "output_scales":
            return networks.variants.with_output_scales()
        if not (self.modes or self.ranges):
            return None
        return networks.variants.of(self.modes, self.ranges)
