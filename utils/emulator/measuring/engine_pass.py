"""The data pass of our own networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.steps import Lockstep
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.measurements import Need
from utils.measurements.output_kind import WhatIsJudged


def engine_pass(
    floats: FloatEmulator,
    need: Need,
    ranges: Mapping[str, tuple[float, float]],
    quantized: QuantizedEmulator | None = None,
    judged: WhatIsJudged | None = None,
    indices: NDArray[np.int64] | None = None,
    first: int = 0,
) -> DataPass:
    """A data pass that runs both networks layer by layer; see `DataPass`."""
    steps = Lockstep(floats, quantized).steps
    return DataPass(floats, need, ranges, quantized, steps, judged, indices, first)
