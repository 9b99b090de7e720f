"""Lines of numpy, as findings print them, run on arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def after(line: str, array: Array) -> Array:
    """The array x after a line."""
    names: dict[str, Any] = {"x": array, "np": np}
    exec(line, names)
    return np.asarray(names["x"])


def line_in(remedy: str) -> str:
    """The line that a remedy prints."""
    found = re.search(r"`(x = [^`]*)`", remedy)
    assert found, remedy
    return found[1]
