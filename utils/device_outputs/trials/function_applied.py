"""Values that a host put through a function, number by number: exp, log, tanh, a clip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import LARGEST
from utils.device_outputs.dumped import Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.undone import FEWEST_CODES, FEWEST_VALUES, Undone
from utils.wording import rounded

# Values for each code that there is: fewer are some function of the codes by chance, though not
# one that has a name.
FEWEST_OF_A_CODE = 6
MOST_CODES = 1 << 17  # twice those of 16 bits; they are counted rather than sorted
# Of the energy about the mean, what is no function of the codes.
MOST_LEFT = 1e-3
MOST_UNSURE = 2  # codes that a threshold cuts now and then
CLOSE = 1e-3  # of the span of the values, by which a named function may be off
NAMED: dict[str, Callable[[Numbers], Numbers]] = {
    "exp(x)": np.exp,
    "log(x)": np.log,
    "1 / x": np.reciprocal,
    "tanh(x)": np.tanh,
    "sqrt(x)": np.sqrt,
    "x ** 2": np.square,
    "abs(x)": np.abs,
    "round(x)": np.rint,
    "int(x)": np.trunc,
    "max(x, 0)": lambda x: np.maximum(x, 0),
    "exp(x) - 1": np.expm1,
    "log(1 + x)": np.log1p,
    "log(1 + exp(x))": lambda x: np.logaddexp(0, x),
    "-log(1 + exp(-x))": lambda x: -np.logaddexp(0, -x),
    "x / (1 + exp(-x))": lambda x: x / (1 + np.exp(-x)),
}


def undone(expected: Expected, given: Numbers) -> Undone | None:
    """The emulation put through the function that leads from each code to the dump."""
    codes = expected.codes
    if codes is None or given.size < FEWEST_VALUES or not (np.abs(given) < LARGEST).all():
        return None
    places = (codes - codes.min()).astype(np.int64).ravel()
    if places.max() > MOST_CODES:
        return None
    counts = np.bincount(places)
    is_known = counts > 0
    if is_known.sum() < FEWEST_CODES:
        return None
    held = given.ravel()
    sums = np.bincount(places, held)
    of_codes = np.divide(sums, counts, out=np.zeros_like(sums), where=is_known)
    fitted = of_codes[places]
    energy = float(np.square(held - held.mean()).sum())
    if not energy or float(np.square(held - fitted).sum()) > MOST_LEFT * energy:
        return None
    means = of_codes[is_known]
    first = np.unique(codes, return_index=True)[1]
    values = expected.values.ravel()[first].astype(np.float64)
    name = _name(values, means)
    if not name and _different(codes) < FEWEST_OF_A_CODE * len(means):
        return None
    evidence = _evidence(name, values, means)
    uncoded = Expected(
        expected.layer,
        expected.own_names,
        expected.original_names,
        fitted.reshape(given.shape).astype(np.float32),
    )
    return Undone(given, evidence, uncoded)


def _different(codes: NDArray[np.float64]) -> int:
    """Values of all different frames: what the same frame shows again is nothing new."""
    return len({frame.tobytes() for frame in codes}) * int(codes[0].size)


def _evidence(name: str, values: NDArray[np.float64], means: NDArray[np.float64]) -> str:
    said = f"every value went through {name}" if name else "every value went through one function"
    ends = [f"{rounded(float(values[k]))} to {rounded(float(means[k]))}" for k in (0, -1)]
    return f"{said}, {ends[0]} and {ends[1]}"


def _name(values: NDArray[np.float64], means: NDArray[np.float64]) -> str:
    """The function; "" where none that is known fits."""
    near = CLOSE * float(np.ptp(means))
    with np.errstate(all="ignore"):
        for name, function in NAMED.items():
            found = function(values)
            if np.isfinite(found).all() and np.abs(found - means).max() <= near:
                return name
    low, high = float(means.min()), float(means.max())
    if np.abs(np.clip(values, low, high) - means).max() <= near:
        return f"a clip to {rounded(low)}..{rounded(high)}"
    return _threshold(values, means, near)


def _threshold(values: NDArray[np.float64], means: NDArray[np.float64], near: float) -> str:
    """That values below one of them are 0 and the others as they were; "" where they are not."""
    is_kept = np.abs(values - means) <= near
    is_cut = ~is_kept & (np.abs(means) <= near)
    if not is_cut.any():
        return ""
    lowest = float(values[is_cut].max())
    above = values[is_kept & (values > lowest)]
    below = is_kept & (values < lowest) & (np.abs(values) > near)
    # Codes next to the threshold are cut where the chip gave another one.
    unsure = values[~(is_kept | is_cut)]
    if not len(above) or below.any() or len(unsure) > MOST_UNSURE:
        return ""
    if len(unsure) and not lowest < unsure.min() <= unsure.max() < above.min():
        return ""
    return f"a threshold, which makes 0 of what is below {rounded(float(above.min()))}"
