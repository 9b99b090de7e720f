"""Numbers that activations need and that the graph itself does not hold.

An HN graph stores only the name of an activation. Its slope or limits are searched in the
layer's arrays, then among what the user gave as NAME=VALUE, then assumed where a default
is in common use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from utils.errors import UsageError


@dataclass(frozen=True)
class ActivationParameter:
    """One number of one activation.

    Parameters
    ----------
    meaning : what the number is, for messages.
    words : parts of array names by which it is recognized, the most telling first.
    default : what is assumed where the archive and the user are silent; None if nothing can be.
    """

    meaning: str
    words: tuple[str, ...]
    default: float | None = None


ACTIVATION_PARAMETERS: Mapping[str, ActivationParameter] = {
    # 0.1 is the slope of darknet, whose networks are where leaky is seen most.
    "leaky": ActivationParameter("the slope of leaky below 0", ("alpha", "slope", "leak"), 0.1),
    "elu": ActivationParameter("the scale of elu below 0", ("alpha",), 1.0),
    "hardsigmoid.alpha": ActivationParameter("the slope of hardsigmoid", ("alpha",), 0.2),
    "hardsigmoid.beta": ActivationParameter("the offset of hardsigmoid", ("beta",), 0.5),
    "prelu": ActivationParameter("the slopes of prelu below 0", ("slope", "alpha")),
    "clip.min": ActivationParameter("the lower limit of clip", ("min",)),
    "clip.max": ActivationParameter("the upper limit of clip", ("max",)),
    "threshold": ActivationParameter("the threshold of threshold", ("threshold",)),
    "delta": ActivationParameter("the value at which delta is 1", ("delta", "value", "threshold")),
    "less": ActivationParameter("the threshold of less", ("threshold", "value")),
    "greater": ActivationParameter("the threshold of greater", ("threshold", "value")),
    "equal": ActivationParameter("the value that equal compares to", ("threshold", "value")),
    "pow": ActivationParameter("the exponent of pow", ("exponent", "power", "pow")),
}


def check_activation_parameters(overrides: Mapping[str, float]) -> None:
    """Refuse names that no activation has and values that are no numbers.

    Raises
    ------
    UsageError : naming what is accepted.
    """
    for name, value in overrides.items():
        if name not in ACTIVATION_PARAMETERS:
            known = ", ".join(ACTIVATION_PARAMETERS)
            raise UsageError(f"there is no activation parameter {name!r}; known are {known}")
        if not math.isfinite(value):
            raise UsageError(
                f"activation parameter {name} is {value}; give a number, as in leaky=0.01"
            )
