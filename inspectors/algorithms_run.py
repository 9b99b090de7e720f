"""Which algorithms an archive says it was improved by."""

from __future__ import annotations

from utils.facts.optimization_levels import Algorithm
from utils.har.model import Model


def algorithm_ran(model: Model, algorithm: Algorithm) -> bool | None:
    """Whether an algorithm did its work at any layer; None if the archive has no flag of it."""
    flags = [model.algorithm_ran(layer.name, algorithm.flag) for layer in model.network]
    recorded = [flag for flag in flags if flag is not None]
    return any(recorded) if recorded else None
