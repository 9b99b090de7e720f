"""Bias correction, tried in emulation where the compiler did not run it."""

from __future__ import annotations

from dataclasses import dataclass

from utils.measurements.agreement.held_out import HeldOutTrial


@dataclass(frozen=True)
class BiasTrial(HeldOutTrial):
    """What corrected biases do to the outputs.

    Parameters
    ----------
    suffices : whether every output comes where a 16-bit plan would have to bring it.
    """

    suffices: bool = False
