"""How loops are compiled, and how tensors get into them and out.

TensorFlow goes over a tensor once for every operation. These loops read it once and keep one
processor busy, without Python's lock. Where numba is absent, or cannot compile, TensorFlow does
the same.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

numba: Any
try:
    numba = importlib.import_module("numba")
except Exception:  # absent, or made for another numpy: either way there is none
    numba = None

# TensorFlow takes over only memory that starts at a multiple of this.
_ALIGNMENT = 64
# Whether any thread may give back memory that numpy lent by DLPack. Before 1.24 numpy frees it
# without Python's lock, which spoils other memory: https://github.com/numpy/numpy/issues/22507
LENDS_SAFELY = np.lib.NumpyVersion(np.__version__) >= "1.24.0"
# Values of a pixel from which on loops are as fast as they get.
_WIDE = 64


def is_near(tensor: tf.Tensor) -> bool:
    """Whether a tensor lies where the processor reads it."""
    return str(tensor.device).endswith("CPU:0")


def serves(tensor: tf.Tensor) -> bool:
    """Whether the loops can be used for a tensor."""
    return numba is not None and is_near(tensor)


def viewed(tensor: tf.Tensor) -> NDArray[Any]:
    """The values of a tensor (batch, height, width, channels) where they lie, as rows."""
    array = np.asarray(memoryview(tensor))
    return array.reshape(-1, *array.shape[2:])


def together(neighbours: int, channels: int) -> int:
    """How many neighbouring pixels a loop should take for one with as many channels more.

    Of three channels, a loop needs ten times as long for each as of many.

    Parameters
    ----------
    neighbours : pixels that lie one behind the other; as many as are taken divide them.
    """
    found = 1
    while 0 < channels * found < _WIDE and neighbours % (2 * found) == 0:
        found *= 2
    return found


def empty_bytes(shape: Sequence[int]) -> NDArray[np.uint8]:
    """An array for a loop to fill, which `as_tensor` need not copy."""
    size = math.prod(shape)
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    first = -memory.__array_interface__["data"][0] % _ALIGNMENT
    return memory[first : first + size].reshape(shape)


def as_tensor(array: NDArray[Any]) -> tf.Tensor:
    """A tensor in the memory of an array, which nobody may change from now on."""
    if not LENDS_SAFELY:
        return tf.convert_to_tensor(array)  # early versions of TensorFlow take over that memory too
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def compiled(fast: Collection[str] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a loop when it is first called; the result is kept on disk.

    Parameters
    ----------
    fast : freedoms that the arithmetic of floating point may take, as LLVM names them.
    """

    def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
        if numba is None:
            return function
        compile_it = partial(numba.njit, nogil=True, error_model="numpy", fastmath=set(fast))
        try:
            found: Callable[..., Any] = compile_it(cache=True)(function)
        except RuntimeError:  # no folder can be written to
            found = compile_it(cache=False)(function)
        return found

    return decorated
