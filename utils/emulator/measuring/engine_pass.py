"""The data pass of our own networks."""

from __future__ import annotations

from collections.abc import Mapping

from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.steps import Lockstep
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements import Need


def engine_pass(
    floats: FloatEmulator,
    need: Need,
    ranges: Mapping[str, tuple[float, float]],
    quantized: QuantizedEmulator | None = None,
) -> DataPass:
    """A data pass that runs both networks layer by layer; see `DataPass`."""
    return DataPass(floats, need, ranges, quantized, Lockstep(floats, quantized).steps)
