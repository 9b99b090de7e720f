"""Where TensorFlow runs: on a GPU where it sees one, else on the CPU.

The SDK runs in TensorFlow as well, so this holds for both backends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from utils.backends.tensorflow_runtime import choose_device, on_cpu, uses_gpu
from utils.errors import DiagnosticError, GpuMemoryError
from utils.measurements.device_names import GPU
from utils.terminal.logger import LOGGER

Result = TypeVar("Result")


class Placement:
    """The device of one job; it changes at most once, from a GPU to the CPU."""

    def __init__(self, device: str) -> None:
        """Take the user's choice, one of `device_names.CHOICES`."""
        self._device = device
        self._has_left_gpu = False

    def measured(self, measure: Callable[[], Result], start_again: Callable[[], object]) -> Result:
        """What comes of measuring; again and on the CPU where the memory of a GPU does not suffice.

        Parameters
        ----------
        start_again : called before the second time.

        Raises
        ------
        DiagnosticError : the memory does not suffice on any device that may be used.
        """
        choose_device(self._device)
        try:
            found = measure()
            if uses_gpu():
                LOGGER.info("Measured on a GPU")
            return found
        except GpuMemoryError as error:
            if self._device == GPU:
                raise DiagnosticError(f"on the GPU {error}, or --device auto") from error
            LOGGER.warning(
                "On the GPU %s. Everything is measured again on the CPU; --device cpu does that at "
                "once",
                error,
            )
        self._has_left_gpu = True
        start_again()
        return self.tried(measure)

    def tried(self, run: Callable[[], Result]) -> Result:
        """What comes of a run behind the measuring, on the device where that ended.

        Raises
        ------
        DiagnosticError : the memory does not suffice there.
        """
        try:
            if not self._has_left_gpu:
                return run()
            with on_cpu():
                return run()
        except GpuMemoryError as error:
            raise DiagnosticError(str(error)) from error
