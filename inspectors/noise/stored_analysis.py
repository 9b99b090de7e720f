"""The noise analysis that the compiler stored, against what was measured here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from utils.har.model import Model
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.wording import plural


@dataclass(frozen=True, eq=False)
class Agreement:
    """One quantity, stored and measured.

    Parameters
    ----------
    quantity : what it is, in words.
    stored, measured : in dB by layer, for the same layers, at least one.
    """

    quantity: str
    stored: Mapping[str, float]
    measured: Mapping[str, float]

    @property
    def differences(self) -> dict[str, float]:
        """Absolute difference in dB by layer."""
        return {name: abs(self.measured[name] - db) for name, db in self.stored.items()}

    @property
    def median_db(self) -> float:
        """Median of the differences."""
        return median(self.differences.values())

    @property
    def farthest(self) -> str:
        """The layer with the largest difference."""
        differences = self.differences
        return max(differences, key=differences.__getitem__)

    def numbers(self) -> dict[str, float]:
        """What stands behind the words, by name."""
        differences = self.differences
        return {
            f"layers compared for {self.quantity}": len(differences),
            f"median difference of {self.quantity}": self.median_db,
            f"largest difference of {self.quantity}": differences[self.farthest],
        }

    def described(self, model: Model) -> str:
        """The numbers in words."""
        name = self.farthest
        return (
            f"{self.quantity} {self.median_db:.1f} dB apart in the median of "
            f"{plural(len(self.stored), 'layer')}, {self.differences[name]:.1f} dB at "
            f"{model.network[name].described()} (stored {self.stored[name]:.1f} dB, measured "
            f"{self.measured[name]:.1f} dB)"
        )


def agreements(model: Model, noise: NoiseMeasurements) -> list[Agreement]:
    """What can be compared, like with like; layers without a finite number on both sides fall out.

    The simple analysis stores the ratio at a layer with everything quantized, the full one the
    ratio at the worst output with only this layer quantized.
    """
    at_layer = {name: found.output.snr_db for name, found in noise.layers.items()}
    pairs = (
        ("SNR at the layer, all quantized,", model.stored_layer_snr, at_layer),
        (
            "SNR at the worst output, this layer alone quantized,",
            model.stored_output_snr,
            _worst_output_snr(noise.sensitivity),
        ),
    )
    found = []
    for quantity, stored_snr, measured in pairs:
        stored = {
            name: ratio
            for name, own in measured.items()
            if (ratio := stored_snr(name)) is not None
            if math.isfinite(ratio) and math.isfinite(own)
        }
        if stored:
            found.append(Agreement(quantity, stored, {name: measured[name] for name in stored}))
    return found


def _worst_output_snr(sensitivity: Sensitivity | None) -> dict[str, float]:
    measured = sensitivity.output_snr_db if sensitivity is not None else {}
    return {name: min(by_output.values(), default=math.nan) for name, by_output in measured.items()}
