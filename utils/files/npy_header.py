"""The header of an npy file, which is a literal of Python in somebody else's words."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.lib import format as npy

_PARSERS = {1: npy.read_array_header_1_0, 2: npy.read_array_header_2_0}


def parsed_header(major: int, header: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether the order is Fortran's, and type; raises whatever NumPy does where it is bad.

    Parameters
    ----------
    major : version of the format, 1 or 2.
    header : its length, and the text.
    """
    with warnings.catch_warnings():
        # Python's parser would warn of what it finds in a literal, in front of our own sentence.
        warnings.simplefilter("ignore")
        return _PARSERS[major](io.BytesIO(header))
