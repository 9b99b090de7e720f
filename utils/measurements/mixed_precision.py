"""A plan for mixed precision: which layers get 16 bit, what it gains and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_TARGET_DB = 20.0


@dataclass(frozen=True)
class MixedPrecisionPlan:
    """The smallest set of layers at 16 bit that was found to reach a target, tried by emulation.

    Parameters
    ----------
    target_db : SNR wanted at every output.
    modes : precision mode by layer as the model script has to set it, closed over the layers
        that hand codes on and over producers in front of 16-bit layers. Empty where the target
        cannot be reached.
    before_db, after_db : emulated SNR by output layer, before over all samples that were measured,
        after over as many of them as `samples` says.
    predicted_db : what the search expected, from fewer samples.
    weight_share, mac_share : share of the network's weights and multiply-accumulates that run
        at 16 bit because of the plan, 0 to 1.
    obstacle : what keeps an output below the target, as a clause; "" where it is reached.
    candidates : where it is not reached, the layers that were tried at 16 bit.
    trials : number of candidate sets that were emulated.
    samples : how many `after_db` rests on; 0 stands for all that were measured.
    cut_short : what is to be said of a search that did not come to its end; else "".
    """

    target_db: float
    modes: Mapping[str, str]
    before_db: Mapping[str, float]
    after_db: Mapping[str, float]
    predicted_db: Mapping[str, float] = field(default_factory=dict)
    weight_share: float = 0.0
    mac_share: float = 0.0
    obstacle: str = ""
    candidates: tuple[str, ...] = ()
    trials: int = 0
    samples: int = 0
    cut_short: str = ""

    @property
    def reached(self) -> bool:
        """Whether every output meets the target."""
        return not self.obstacle
