"""From which value on a score fires at an output."""

from __future__ import annotations

from utils.har.network import Layer, Network
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.producers import PROBABILITY_ACTIVATIONS


def threshold_at(network: Network, output: Layer, judged: WhatIsJudged) -> float:
    """What a value of an output has to exceed to fire: a probability, or a logit."""
    is_probability = all(
        layer.type == "softmax" or layer.activation in PROBABILITY_ACTIVATIONS
        for layer in network.producers(output)
    )
    return judged.threshold(is_probability=is_probability)
