"""Outputs that are the same for all samples: in float, where nothing is decided, or on the chip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput, judged_outputs
from utils.har.network import Layer
from utils.measurements.agreement import OutputAgreement
from utils.wording import plural

LEAST_CODES = 1.0  # what spans less is one value for the chip, whatever the samples are


@dataclass(frozen=True, eq=False)
class ConstantOutput:
    """An output that does not depend on the sample.

    Parameters
    ----------
    output : its noise.
    compared : what it says in float and on the chip.
    is_so_in_float : whether the float network does not depend on the sample either.
    """

    output: JudgedOutput
    compared: OutputAgreement
    is_so_in_float: bool

    def described(self) -> str:
        """What it holds."""
        name, floats = self.output.layer.name, self.compared.codes.floats
        everywhere = f"all {plural(len(self.compared.samples.positions), 'sample')}"
        low, high = float(floats.low.min()), float(floats.high.max())
        if not self.is_so_in_float:
            return f"{name} has one code in {everywhere}, in float it spans {low:.4g} to {high:.4g}"
        if not floats.differ.any():
            one = len(floats.low) == 1 or np.ptp(floats.high) == 0
            held = f"{name} is {high:.4g}" if one else f"every channel of {name} holds one value"
            return f"{held} in {everywhere}"
        return f"{name} holds the same map in {everywhere}"


def constant_outputs(context: Context) -> list[ConstantOutput]:
    """Outputs that do not depend on the sample, of those that a ratio can judge."""
    measurements = context.measurements
    if measurements is None or measurements.noise is None or measurements.agreement is None:
        return []
    compared = measurements.agreement.outputs
    return [
        ConstantOutput(output, compared[name], compared[name].is_constant_in_float)
        for output in judged_outputs(context.model.network, measurements.noise)
        if (name := output.layer.name) in compared
        if compared[name].is_constant_in_float or _is_so_on_chip(context, name, compared[name])
    ]


def has_constant_output(context: Context) -> bool:
    """Whether any output that a ratio would judge is the same, or 0, for all samples in float."""
    noise = context.measurements.noise if context.measurements else None
    judged = judged_outputs(context.model.network, noise) if noise else []
    is_silent = any(output.snr_db == -math.inf for output in judged)
    return is_silent or any(each.is_so_in_float for each in context.known(constant_outputs))


def _is_so_on_chip(context: Context, name: str, compared: OutputAgreement) -> bool:
    """Whether the chip does not answer, where its codes could tell the float values apart."""
    floats = compared.codes.floats
    return compared.is_constant_on_chip and _exceeds_codes(context, name, floats.high - floats.low)


def do_data_vary(context: Context) -> bool:
    """Whether the samples differ by more than one code of an input; False where nobody knows."""
    samples = context.samples
    if samples is not None and (samples.first_equal == samples.first_equal[:1]).all():
        return False
    return any(_varies(context, layer) for layer in context.model.network.input_layers)


def _varies(context: Context, layer: Layer) -> bool:
    measured = context.measured(layer.name)
    if measured is None:
        return False
    spans = measured.output.maximum - measured.output.minimum
    return _exceeds_codes(context, layer.name, spans)


def _exceeds_codes(context: Context, name: str, spans: NDArray[np.float64]) -> bool:
    """Whether any channel of a layer spans more than the codes of it can miss."""
    encoding = context.model.encoding(name)
    steps = np.zeros(spans.size) if encoding is None else encoding.steps(spans.size)
    return bool((spans > LEAST_CODES * steps).any())
