"""Inputs of which a few channels reach so far that most others have few codes, and it is felt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.agreement.inputs import (
    SCALE_FEATURES,
    SHARED_WIDTH,
    CodedInput,
    coarse_inputs,
    coded_input,
    named,
)
from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context
from inspectors.searched_plan import has_proven_plan
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.wording import plural, tenths

# Of one sign and four bits: what is coded so has a signal-to-noise ratio of about 20 dB.
FEW_CODES = 16.0
# Range of a channel over that of half the channels; it takes four of their eight bits.
FAR = 16.0
LEAST_SHARE = 0.25  # of the noise at an output, so that no other layer is much more to blame
NEGLIGIBLE_DB = 20.0  # what the input alone leaves at an output that is clean enough


@dataclass(frozen=True)
class Cost:
    """What the codes of an input do to an output, all other layers in float.

    Parameters
    ----------
    output : name of the output layer.
    snr_db : what is left there.
    share : of the noise of all layers, 0 to 1.
    """

    output: str
    snr_db: float
    share: float

    def described(self) -> str:
        """The output and its numbers, as a clause."""
        return (
            f"with nothing but this input quantized {self.output} has an SNR of "
            f"{tenths(self.snr_db)} dB, {self.share:.0%} of its noise"
        )


def noisy_input_findings(context: Context) -> Iterator[Finding]:
    """One finding for each such input that is not told for channels without any codes."""
    for layer, cost, coded in costly_inputs(context):
        yield from _finding(context, layer, cost, coded.codes)


def costly_inputs(context: Context) -> Iterator[tuple[Layer, Cost, CodedInput]]:
    """Inputs of which an output suffers, but for those with channels without any codes."""
    told = {found.layer.name for found in context.known(coarse_inputs)}
    for layer in context.model.network.input_layers:
        cost = None if layer.name in told else _cost(context, layer)
        coded = None if cost is None else coded_input(context, layer)
        if cost is not None and coded is not None:
            yield layer, cost, coded


def _cost(context: Context, layer: Layer) -> Cost | None:
    """At the output that suffers most; None where the noise of the input is not to blame."""
    sensitivity = context.measurements.sensitivity if context.measurements else None
    if sensitivity is None:
        return None
    alone = sensitivity.output_snr_db.get(layer.name, {})
    found = [
        Cost(output, snr_db, sensitivity.noise_shares(output).get(layer.name, 0.0))
        for output, snr_db in alone.items()
    ]
    felt = [each for each in found if each.snr_db < NEGLIGIBLE_DB and each.share >= LEAST_SHARE]
    return min(felt, key=lambda each: each.snr_db, default=None)


def _finding(
    context: Context, layer: Layer, cost: Cost, codes: NDArray[np.float64]
) -> Iterator[Finding]:
    varying = codes[codes > 0]
    usual = float(np.median(varying)) if varying.size else FEW_CODES
    far = tuple(map(int, np.flatnonzero(codes >= FAR * usual)))
    if usual >= FEW_CODES or not far:
        return
    reach = f"{codes[list(far)].min():.0f} codes"
    yield Finding(
        id="channel-without-codes",
        severity=bounded(context, Severity.WARNING, [layer.name]) or Severity.INFO,
        headline="Most channels of an input have few codes, as others reach much farther",
        evidence=f"{named(far)} of {plural(codes.size, 'channel')} of {layer.name} "
        f"{f'spans {reach}' if len(far) == 1 else f'span {reach} or more'}, half of the channels "
        f"{usual:.2g} or less; {cost.described()}",
        why=SHARED_WIDTH,
        remedy=SCALE_FEATURES,
        layers=(layer.name,),
        measured={
            "channels": float(len(far)),
            "of": float(codes.size),
            "usual codes": usual,
            f"{cost.output} alone": cost.snr_db,
        },
        # 16 bit behind such an input bring nothing back of what it lost, unless a plan shows it.
        removes_cause=not has_proven_plan(context),
    )
