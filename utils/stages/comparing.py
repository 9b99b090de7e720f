"""One tensor in two stages: how far they lie apart, and whether the later one decides the same."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.batch import OutputBatch, agreement_of
from utils.measurements.agreement.channels import Extremes
from utils.measurements.noise import decibels
from utils.measurements.output_kind import SettledKind
from utils.stages import Match, MatchedBy

Floats32 = NDArray[np.float32]


def compared(
    layer: str,
    other: str,
    by: MatchedBy,
    layout: str,
    earlier: NDArray[np.floating],
    later: NDArray[np.floating],
    settled: SettledKind | None,
    threshold: float,
    *,
    is_numbered: bool = False,
) -> Match:
    """One tensor of the samples in an earlier and a later stage.

    Parameters
    ----------
    layer, other, by, layout : see `Match`.
    earlier, later : values (samples, height, width, channels), of the same shape; the later ones
        lie as the archive has them.
    settled : kind of the output that it is; None of tensors that are no output.
    threshold : what a value has to exceed to fire; see `WhatIsJudged.threshold`.
    is_numbered : whether class numbers leave, as they do an argmax: no SNR says anything of them.

    Returns
    -------
    A match whose SNR is minus infinity, and whose largest difference is infinite, where values of
    the later stage alone are not finite; without numbers where those of the earlier one are not.

    Raises
    ------
    ValueError : the shapes differ, or there are no samples.
    """
    if earlier.shape != later.shape or earlier.ndim != 4 or not earlier.size:
        raise ValueError(f"{layer} has the shapes {earlier.shape} and {later.shape}")
    if not np.isfinite(earlier).all():
        return Match(layer, other, by, layout)
    span = float(earlier.max()) - float(earlier.min())
    if not np.isfinite(later).all():
        return Match(layer, other, by, layout, -math.inf, math.inf, span)
    error = later.astype(np.float64) - earlier
    signal = np.square(earlier, dtype=np.float64).sum(axis=(1, 2, 3))
    noise = np.square(error).sum(axis=(1, 2, 3))
    return Match(
        layer,
        other,
        by,
        layout,
        math.nan if is_numbered else decibels(float(signal.sum()), float(noise.sum())),
        float(np.abs(error).max()),
        span,
        None
        if settled is None
        else _agreement(earlier, later, settled, threshold, signal, noise, is_numbered),
    )


def _agreement(
    earlier: NDArray[np.floating],
    later: NDArray[np.floating],
    settled: SettledKind,
    threshold: float,
    signal: NDArray[np.float64],
    noise: NDArray[np.float64],
    is_numbered: bool,
) -> OutputAgreement:
    samples, height, width, channels = earlier.shape
    shape = (samples, height * width, channels)
    before: Floats32 = earlier.reshape(shape).astype(np.float32, copy=False)
    after: Floats32 = later.reshape(shape).astype(np.float32, copy=False)
    batch = OutputBatch(
        np.arange(samples),
        before,
        after,
        after,
        np.zeros(channels, np.float32),
        Extremes.of(before.reshape(-1, channels)),
        undecided=np.zeros(shape[:2], np.bool_) if is_numbered else None,
        width=width,
    )
    return agreement_of(batch, settled, threshold, signal, noise)
