"""Memory of arrays that tensors take over, and that any thread may give back."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from utils.emulator.kernels import compiled

# Takes numpy's own function that frees what was lent, and calls it while no thread holds Python's
# lock, as threads of TensorFlow do. With -X dev Python ends where memory is freed without it.
GIVEN_BACK_WITHOUT_THE_LOCK = """
import ctypes
import numpy as np

lent = np.zeros(1000, np.float32).__dlpack__()
address = ctypes.pythonapi.PyCapsule_GetPointer
address.restype, address.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
renamed = ctypes.pythonapi.PyCapsule_SetName
renamed.argtypes = [ctypes.py_object, ctypes.c_char_p]
tensor, taken = address(lent, b"dltensor"), b"used_dltensor"
renamed(lent, taken)
free = ctypes.cast(tensor + 56, ctypes.POINTER(ctypes.c_void_p))[0]  # behind tensor and owner
ctypes.CFUNCTYPE(None, ctypes.c_void_p)(free)(tensor)
print("freed")
"""


def aligned(values: int) -> np.ndarray:
    array = compiled.empty_bytes((values, 4)).view(np.float32).reshape(1, 1, 1, values)
    array[:] = np.arange(values)
    return array


def test_it_is_known_whether_numpy_frees_safely_what_it_lent() -> None:
    command = [sys.executable, "-X", "dev", "-c", GIVEN_BACK_WITHOUT_THE_LOCK]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode == 0 and "freed" in ended.stdout) == compiled.LENDS_SAFELY
    assert compiled.LENDS_SAFELY or "without holding the GIL" in ended.stderr


@pytest.mark.parametrize("lends_safely", (True, False))
def test_a_tensor_has_the_values_of_its_array(
    lends_safely: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "LENDS_SAFELY", lends_safely)
    tensor = compiled.as_tensor(aligned(100))
    assert tensor.numpy().ravel().tolist() == list(range(100))


def test_nothing_is_lent_that_would_not_be_freed_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    def lend(lent: object) -> None:
        raise AssertionError("memory was lent")

    monkeypatch.setattr(tf.experimental.dlpack, "from_dlpack", lend)
    monkeypatch.setattr(compiled, "LENDS_SAFELY", False)
    compiled.as_tensor(aligned(4))
    monkeypatch.setattr(compiled, "LENDS_SAFELY", True)
    with pytest.raises(AssertionError):
        compiled.as_tensor(aligned(4))
