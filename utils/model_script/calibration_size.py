"""How many samples a model script lets the compiler calibrate on."""

from __future__ import annotations

from utils.facts.optimization_levels import DEFAULT_CALIBRATION_SIZE
from utils.model_script import ModelScript


def requested_calibration_size(script: ModelScript | None) -> int:
    """How many samples calibration is to take; the compiler's default if nobody says."""
    statements = script.commands("model_optimization_config") if script else ()
    sizes = [
        statement.keywords["calibset_size"]
        for statement in statements
        if "calibration" in statement.positional and "calibset_size" in statement.keywords
    ]
    numbers = [size for size in sizes if type(size) is int]
    return numbers[-1] if numbers and numbers[-1] > 0 else DEFAULT_CALIBRATION_SIZE
