"""The outputs of a network, what feeds them, and what kind of numbers leaves through them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

from utils.findings import Severity
from utils.har.network import Layer, Network
from utils.measurements.noise import NoiseMeasurements, TensorNoise
from utils.outputs.probabilities import holds_probabilities
from utils.outputs.producers import SELECTING_TYPES, is_normalized, joined_producers
from utils.wording import listed, tenths


class NumberKind(Enum):
    """What kind of numbers leaves through an output, as far as the graph tells."""

    SELECTION = auto()  # indices, or boxes that were chosen
    PROBABILITY = auto()  # of a softmax or a sigmoid
    QUANTITY = auto()  # evidently a regression or an embedding
    LINEAR = auto()  # logits, a regression or an embedding: the graph does not tell
    OTHER = auto()  # behind any other activation


@dataclass(frozen=True, eq=False)
class JudgedOutput:
    """An output whose noise was measured.

    Parameters
    ----------
    layer : the output layer.
    producers : layers that compute what leaves there.
    kind : what it stands for.
    noise : with everything quantized.
    """

    layer: Layer
    producers: tuple[Layer, ...]
    kind: NumberKind
    noise: TensorNoise

    @property
    def snr_db(self) -> float:
        """SNR with everything quantized, in dB."""
        return self.noise.snr_db

    def described_feeder(self) -> str:
        """Name of the output, and of what feeds it."""
        return f"{self.layer.name}, fed by {listed([p.described() for p in self.producers])}"

    @property
    def rms_error(self) -> float:
        """Root of the mean squared error, in the unit of the output."""
        return self._rms(self.noise.noise)

    def described(self, remark: str = "") -> str:
        """Names and numbers."""
        size = self._rms(self.noise.signal)
        numbers = (
            f"SNR {tenths(self.snr_db)} dB, typical error {self.rms_error:.3g}, "
            f"typical value {size:.3g}"
        )
        return ", ".join(filter(None, (f"{self.described_feeder()}: {numbers}", remark)))

    def _rms(self, energy: float) -> float:
        return math.sqrt(energy / max(self.noise.count * len(self.noise.error_sums), 1))


@dataclass(frozen=True)
class WantedRatios:
    """What an output ought to reach.

    Parameters
    ----------
    error_db, warning_db, info_db : SNR below which it is a finding of that severity.
    quantity_db : the same for a warning about a regression or an embedding.
    probability_error : rms error of a probability that does no harm whatever the SNR.
    """

    error_db: float
    warning_db: float
    info_db: float
    quantity_db: float
    probability_error: float

    def severity(self, output: JudgedOutput) -> Severity | None:
        """How much the noise of an output matters; None if it is low enough."""
        if output.snr_db == -math.inf:
            return Severity.WARNING  # nothing to compare with is no proof of a fault
        is_quantity = output.kind is NumberKind.QUANTITY
        may_be_quantity = output.kind is NumberKind.LINEAR
        limits = {
            Severity.ERROR: self.error_db,
            Severity.WARNING: self.quantity_db if is_quantity else self.warning_db,
            Severity.INFO: self.quantity_db if may_be_quantity else self.info_db,
        }
        found = next((each for each, limit in limits.items() if output.snr_db < limit), None)
        return Severity.INFO if found and self.is_harmless(output) else found

    def is_harmless(self, output: JudgedOutput) -> bool:
        """Whether a probability is off by so little that a low SNR shows no more than its size."""
        is_probability = output.kind is NumberKind.PROBABILITY
        return is_probability and output.rms_error <= self.probability_error

    def remark(self, output: JudgedOutput) -> str:
        """What to know of the kind of output to understand the severity; "" if nothing."""
        wanted = f"a regression or an embedding needs {self.quantity_db:g} dB"
        if output.kind is NumberKind.QUANTITY:
            return wanted
        if output.kind is NumberKind.LINEAR and output.snr_db >= self.info_db:
            return f"enough for classes, but {wanted}"
        if self.is_harmless(output):
            return "an error of less than one 8-bit step of a probability"
        return ""


def judged_outputs(network: Network, noise: NoiseMeasurements) -> list[JudgedOutput]:
    """Outputs that a signal-to-noise ratio can judge, in the order the user sees."""
    return [
        JudgedOutput(layer, network.producers(layer), kind, found)
        for layer in network.output_layers
        if (kind := number_kind(network, layer)) is not NumberKind.SELECTION
        if layer.name in noise.layers
        if not math.isnan((found := noise.layers[layer.name].output).snr_db)
    ]


def reasons_not_judged(network: Network, noise: NoiseMeasurements) -> dict[str, str]:
    """Why an output is not judged, by name of the output layer, for exactly those."""
    judged = {output.layer.name for output in judged_outputs(network, noise)}
    reasons = {}
    for layer in network.output_layers:
        if layer.name in judged:
            continue
        selecting = [p.type for p in network.producers(layer) if p.type in SELECTING_TYPES]
        reasons[layer.name] = (
            f"an SNR says nothing about what {listed(selecting)} selects"
            if selecting
            else noise.not_measured.get(layer.name, "its noise was not measured")
        )
    return reasons


def number_kind(network: Network, output: Layer) -> NumberKind:
    """What leaves through an output layer, from the layers that feed it.

    Joined tensors count as what is most in need of precision among them.
    """
    kinds = {_kind(network, layer) for layer in joined_producers(network, output)}
    order = (
        NumberKind.SELECTION,
        NumberKind.QUANTITY,
        NumberKind.LINEAR,
        NumberKind.OTHER,
        NumberKind.PROBABILITY,
    )
    return next(kind for kind in order if kind in kinds)


def _kind(network: Network, layer: Layer) -> NumberKind:
    if layer.type in SELECTING_TYPES:
        return NumberKind.SELECTION
    if holds_probabilities(network, layer):
        return NumberKind.PROBABILITY
    if layer.activation == "tanh" or is_normalized(network, layer):
        return NumberKind.QUANTITY
    return NumberKind.LINEAR if layer.activation == "linear" else NumberKind.OTHER
