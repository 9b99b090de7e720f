"""Which algorithms an archive says it was improved by."""

from __future__ import annotations

from utils.facts.optimization_levels import ALGORITHMS, BIAS_CORRECTION, Algorithm
from utils.har.model import Model


def algorithm_ran(model: Model, algorithm: Algorithm) -> bool | None:
    """Whether an algorithm did its work at any layer; None if the archive has no flag of it."""
    flags = [model.algorithm_ran(layer.name, algorithm.flag) for layer in model.network]
    recorded = [flag for flag in flags if flag is not None]
    return any(recorded) if recorded else None


def lacks_bias_correction(model: Model) -> bool:
    """Whether the archive shows that biases were not corrected, nor anything trained.

    Level 0 runs none of these algorithms. What trains a network corrects its biases on the way.
    """
    level = model.optimization_level
    is_shown = algorithm_ran(model, BIAS_CORRECTION) is False or (level is not None and level <= 0)
    return is_shown and not any(algorithm_ran(model, algorithm) for algorithm in ALGORITHMS)
