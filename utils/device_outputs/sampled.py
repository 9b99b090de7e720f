"""Some values of an array, spread over all of its axes."""

from __future__ import annotations

import math


def stride_over(shape: tuple[int, ...], enough: int) -> int:
    """By how many values to step, in the order in which they lie, to meet about so many.

    It has no divisor in common with any axis: steps of as many values as there are channels would
    meet one of them alone.

    Parameters
    ----------
    shape : of the array, which holds values.
    enough : how many values tell enough.
    """
    values = math.prod(shape)
    stride = max(values // enough, 1)
    while math.gcd(stride, values) > 1:
        stride += 1
    return stride
