"""From which value on a score fires at an output."""

from __future__ import annotations

from utils.har.network import Layer, Network
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.probabilities import holds_probabilities


def threshold_at(network: Network, output: Layer, judged: WhatIsJudged) -> float:
    """What a value of an output has to exceed to fire: a probability, or a logit."""
    return judged.threshold(is_probability=holds_probabilities(network, output))
