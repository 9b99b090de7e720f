"""What the user decides about an emulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.measurements.mixed_precision import DEFAULT_TARGET_DB
from utils.measurements.output_kind import WhatIsJudged


@dataclass(frozen=True)
class Settings:
    """What the user decides about an emulation.

    Parameters
    ----------
    activation_parameters : numbers of activations that the archive does not hold, by name.
    batch_size : samples at once; None takes what suits the size of the network.
    target : chip for which 16-bit layers are chosen; "" takes the archive's own.
    target_db : SNR that a plan for 16-bit layers has to reach at every output; None where nobody
        asked for one: then decisions that are kept suffice where they are counted.
    exact_sensitivity : search guilty layers and a plan without a bound on the work.
    quick : measure nothing behind the data pass.
    judged : how outputs are to be judged; their kinds are settled with all that is known of them.
    """

    activation_parameters: Mapping[str, float] = field(default_factory=dict)
    batch_size: int | None = None
    target: str = ""
    target_db: float | None = None
    exact_sensitivity: bool = False
    quick: bool = False
    judged: WhatIsJudged = field(default_factory=WhatIsJudged)

    @property
    def wanted_db(self) -> float:
        """That SNR, or the usual one."""
        return DEFAULT_TARGET_DB if self.target_db is None else self.target_db
