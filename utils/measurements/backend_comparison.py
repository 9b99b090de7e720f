"""Hailo's SDK and the embedded engine on the same data, layer by layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from utils.har.network import Network

# Two float32 engines that do the same differ by rounding, 1e-6 of the range; ten times the sums
# of a deep network do not reach this.
FLOAT_TOLERANCE = 1e-3
# Halves may be rounded either way; anything else moves many codes.
CODES_TOLERANCE = 0.01

Part = Literal["float", "codes"]


@dataclass(frozen=True)
class LayerAgreement:
    """How far the two are apart at one layer.

    Parameters
    ----------
    float_difference : largest difference of float outputs, as share of the SDK's range of values;
        None where one of them has none.
    codes_differing : share of output values that are a code apart when our integers are given
        what entered the layer in the SDK, 0 to 1; None likewise.
    sdk_snr_db, embedded_snr_db : SNR at the layer, each against its own float values, in dB.
    """

    float_difference: float | None = None
    codes_differing: float | None = None
    sdk_snr_db: float | None = None
    embedded_snr_db: float | None = None

    @property
    def snr_difference_db(self) -> float | None:
        """What the embedded engine has more than the SDK; None where one has none."""
        if self.sdk_snr_db is None or self.embedded_snr_db is None:
            return None
        if self.sdk_snr_db == self.embedded_snr_db:  # infinite, both of them
            return 0.0
        return self.embedded_snr_db - self.sdk_snr_db

    def differs(self, part: Part) -> bool:
        """Whether the difference is more than rounding."""
        if part == "float":
            return self.float_difference is not None and self.float_difference > FLOAT_TOLERANCE
        return self.codes_differing is not None and self.codes_differing > CODES_TOLERANCE


@dataclass(frozen=True)
class BackendComparison:
    """Where the SDK and the embedded engine agree, and where they part.

    Parameters
    ----------
    layers : by name, in graph order.
    samples : number of samples that both ran.
    """

    layers: Mapping[str, LayerAgreement] = field(default_factory=dict)
    samples: int = 0

    def parting(self, network: Network, part: Part) -> tuple[str, ...]:
        """Layers where they part: they differ there, and what enters them does not.

        Where what enters them was not compared, what enters that counts. Codes are compared on
        equal operands, so every layer that differs is its own cause.

        Parameters
        ----------
        network : graph that says what enters a layer.
        """
        apart = [name for name, found in self.layers.items() if found.differs(part)]
        if part == "codes":
            return tuple(apart)
        compared = {name for name, found in self.layers.items() if _value(found, part) is not None}
        return tuple(
            name
            for name in apart
            if name in network and _above(network, name, compared).isdisjoint(apart)
        )

    def compared(self, part: Part) -> int:
        """Number of layers at which this part was compared."""
        return sum(_value(found, part) is not None for found in self.layers.values())

    def largest(self, part: Part) -> tuple[str, float] | None:
        """Layer with the largest difference, with the difference; None without any."""
        values = {
            name: value
            for name, found in self.layers.items()
            if (value := _value(found, part)) is not None
        }
        return max(values.items(), key=lambda item: item[1]) if values else None


def _value(found: LayerAgreement, part: Part) -> float | None:
    return found.float_difference if part == "float" else found.codes_differing


def _above(network: Network, name: str, compared: Collection[str]) -> set[str]:
    """The nearest layers above that were compared."""
    seen: set[str] = set()
    pending = [name]
    while pending:
        for source in network[pending.pop()].inputs:
            if source not in seen and source not in compared:
                pending.append(source)
            seen.add(source)
    return seen.intersection(compared)
