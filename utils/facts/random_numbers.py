"""Random numbers that scripts calibrate on in place of data, by their moments.

Source: public scripts that make calibration sets of random numbers where they find no pictures, and
the compiler's own --use-random-calib-set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class RandomNumbers:
    """One kind of random numbers.

    Parameters
    ----------
    name : in words, for messages.
    call : of numpy, that makes them.
    mean, variance : of one number.
    squares : variance of the squared deviation from the mean.
    low, high : the ends; infinite where there are none.
    of_any_input : whether other inputs than pictures are tested for them; tables are scaled to
        a mean of 0 and a spread of 1, or to -1..1, by design.
    """

    name: str
    call: str
    mean: float
    variance: float
    squares: float
    low: float = -math.inf
    high: float = math.inf
    of_any_input: bool = False


def _uniform(name: str, call: str, low: float, high: float, *, any_input: bool) -> RandomNumbers:
    width = high - low
    return RandomNumbers(
        name,
        call,
        (low + high) / 2,
        width**2 / 12,
        width**4 * (1 / 80 - 1 / 144),
        low,
        high,
        any_input,
    )


_LEVELS = 256  # grey levels

KINDS = (
    _uniform("uniform random numbers from 0 to 1", "numpy.random.rand", 0.0, 1.0, any_input=True),
    _uniform(
        "uniform random numbers from 0 to 255", "numpy.random.rand", 0.0, 255.0, any_input=False
    ),
    _uniform(
        "uniform random numbers from -1 to 1", "numpy.random.uniform", -1.0, 1.0, any_input=False
    ),
    RandomNumbers(
        "random pixels from 0 to 255",
        "numpy.random.randint",
        (_LEVELS - 1) / 2,
        (_LEVELS**2 - 1) / 12,
        (_LEVELS**2 - 1) * (3 * _LEVELS**2 - 7) / 240 - ((_LEVELS**2 - 1) / 12) ** 2,
        0.0,
        _LEVELS - 1.0,
    ),
    RandomNumbers("normal random numbers", "numpy.random.randn", 0.0, 1.0, 2.0),
)
