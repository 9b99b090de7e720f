"""Outputs made up of random numbers, float and coded, cut into batches at will."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.batch import OutputBatch, agreement_of
from utils.measurements.agreement.channels import Extremes
from utils.measurements.output_kind import OutputKind, SettledKind

Floats = NDArray[np.float32]
STEP, ZERO = 0.05, 128


def values(samples: int, pixels: int, channels: int, seed: int = 1) -> Floats:
    """Numbers of a spread of 1."""
    shape = (samples, pixels, channels)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def coded(floats: Floats, step: float = STEP) -> NDArray[np.uint8]:
    """The codes of 8 bit; values far out are clipped."""
    return np.asarray(np.clip(np.rint(floats / step) + ZERO, 0, 255), np.uint8)


def batch_of(
    floats: Floats, codes: NDArray[np.uint8], positions: Sequence[int], step: float = STEP
) -> OutputBatch:
    chosen = np.asarray(positions, np.int64)
    part, held = floats[chosen], codes[chosen]
    return OutputBatch(
        chosen,
        part,
        ((held.astype(np.float32) - ZERO) * np.float32(step)).astype(np.float32),
        held,
        np.full(floats.shape[2], step, np.float32),
        Extremes.of(part.reshape(-1, floats.shape[2])),
    )


def agreeing(
    batch: OutputBatch, kind: OutputKind = "unknown", threshold: float = 0.0, **settled: Any
) -> OutputAgreement:
    """What one batch says."""
    error = batch.chip.astype(np.float64) - batch.floats
    return agreement_of(
        batch,
        SettledKind(kind, **settled),
        threshold,
        np.square(batch.floats, dtype=np.float64).sum(axis=(1, 2)),
        np.square(error).sum(axis=(1, 2)),
    )


def joined(
    floats: Floats,
    codes: NDArray[np.uint8],
    parts: Sequence[Sequence[int]],
    kind: OutputKind = "unknown",
    **settled: Any,
) -> OutputAgreement:
    """What batches say together; `parts` are the positions of their samples."""
    found = [agreeing(batch_of(floats, codes, part), kind, **settled) for part in parts]
    return reduce(OutputAgreement.merged, found)
