"""A plan for mixed precision: which layers get 16 bit, what it gains and what it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.measurements.agreement.outcome import HELPS_DB, Outcome, gained

DEFAULT_TARGET_DB = 20.0


@dataclass(frozen=True)
class MixedPrecisionPlan:
    """The smallest set of layers at 16 bit that was found to reach a goal, tried by emulation.

    Where 4-bit weights make a share of the noise, they have 8 bit in every set.

    Parameters
    ----------
    target_db : SNR wanted at every output; of those whose decisions are counted no more is wanted
        than that these are kept, where nobody asked for that target and no set reaches it.
    modes : precision mode by layer as the model script has to set it, closed over the layers
        that hand codes on and over producers in front of 16-bit layers. Empty where the goal
        cannot be reached.
    before, after : what becomes of every output layer in emulation, before over all samples that
        were measured, after over as many of them as `samples` says.
    predicted : what the search expected, from fewer samples.
    weight_share, mac_share : share of the network's weights and multiply-accumulates that run
        at 16 bit because of the plan, 0 to 1.
    eight_bit : those of the layers that get no 16 bit, but 8-bit instead of 4-bit weights.
    obstacle : what keeps an output below the goal, as a clause; "" where it is reached.
    missed : the outputs that do not reach it.
    candidates : where it is not reached, the layers that were tried at 16 bit.
    trials : number of candidate sets that were emulated.
    samples : how many `after` rests on; 0 stands for all that were measured.
    cut_short : what is to be said of a search that did not come to its end; else "".
    is_asked : whether somebody asked for `target_db`.
    """

    target_db: float
    modes: Mapping[str, str]
    before: Mapping[str, Outcome]
    after: Mapping[str, Outcome]
    predicted: Mapping[str, Outcome] = field(default_factory=dict)
    weight_share: float = 0.0
    mac_share: float = 0.0
    eight_bit: tuple[str, ...] = ()
    obstacle: str = ""
    missed: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    trials: int = 0
    samples: int = 0
    cut_short: str = ""
    is_asked: bool = False

    @property
    def reached(self) -> bool:
        """Whether every output is where it is wanted."""
        return not self.obstacle

    @property
    def sixteen_bit(self) -> tuple[str, ...]:
        """The layers that read, write or multiply by 16 bit because of the plan."""
        return tuple(name for name in self.modes if name not in self.eight_bit)

    @property
    def before_db(self) -> dict[str, float]:
        """SNR in dB by output as it is, where an SNR says something."""
        return _ratios(self.before)

    @property
    def predicted_db(self) -> dict[str, float]:
        """What the search expected of it."""
        return _ratios(self.predicted)

    @property
    def after_db(self) -> dict[str, float]:
        """The same with the modes."""
        return _ratios(self.after)

    @property
    def gains_decisions(self) -> bool:
        """Whether more is decided as in float at some output."""
        return any(self.after[n].gains_decisions_over(self.before[n]) for n in self._compared)

    @property
    def is_proven(self) -> bool:
        """Whether emulation shows that the modes do what they are for.

        They keep decisions; where these were not counted, the median sample gains; or they reach
        the SNR that was asked for.
        """
        if not self.reached or not self.modes:
            return False
        return self.is_asked or self.gains_decisions or any(map(self._gains_uncounted, self.before))

    def _gains_uncounted(self, output: str) -> bool:
        if output not in self.after or self.before[output].is_counted:
            return False
        return gained(self.after[output].median_db, self.before[output].median_db, HELPS_DB)

    @property
    def helps(self) -> bool:
        """Whether some output gains decisions or 1 dB."""
        return any(self.after[name].helps_over(self.before[name]) for name in self._compared)

    @property
    def _compared(self) -> list[str]:
        return [name for name in self.before if name in self.after]


def _ratios(outcomes: Mapping[str, Outcome]) -> dict[str, float]:
    return {name: o.snr_db for name, o in outcomes.items() if not math.isnan(o.snr_db)}
