"""Outputs that are the same for all samples, at which a signal-to-noise ratio proves nothing."""

from __future__ import annotations

import math

import numpy as np

from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput, judged_outputs
from utils.wording import plural

ROUNDING = 1e-6  # of the largest value; float32 keeps 7 digits


def constant_in_words(context: Context, output: JudgedOutput) -> str:
    """What an output holds in float whatever the sample; "" if it varies.

    One sample, and an output of which no statistics are known, tell nothing unless all is 0.
    """
    samples = context.measurements.samples if context.measurements else 0
    if output.snr_db == -math.inf:
        return f"{output.layer.name} is 0 in {_all(samples)}"
    measured = context.measured(output.layer.name)
    if measured is None or samples < 2:
        return ""
    low, high = measured.output.minimum, measured.output.maximum
    largest = max(float(np.abs(low).max()), float(np.abs(high).max()))
    if not (np.isfinite(largest) and (high - low <= ROUNDING * largest).all()):
        return ""
    if measured.output.high - measured.output.low <= ROUNDING * largest:
        return f"{output.layer.name} is {measured.output.high:.4g} in {_all(samples)}"
    return f"every channel of {output.layer.name} holds one value in {_all(samples)}"


def has_constant_output(context: Context) -> bool:
    """Whether any output that a ratio would judge is the same for all samples."""
    noise = context.measurements.noise if context.measurements else None
    judged = judged_outputs(context.model.network, noise) if noise else []
    return any(constant_in_words(context, output) for output in judged)


def _all(samples: int) -> str:
    return f"all {plural(samples, 'sample')}" if samples > 1 else "the only sample"
