"""Whether what is read first is true, held against the fault and against what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from benchmarks.judgement.situation import FOUR_BITS, NOISE, Expected
from benchmarks.judgement.written import Harm
from utils.causes import Cause
from utils.findings import Finding, Severity

# A fault that loses less of the score, at outputs that follow the float network so well, is none
# to whoever uses the network; one that loses more has to be said. Between them both is right.
NO_LOSS, NO_LOSS_DB = 0.02, 20.0
A_LOSS, A_LOSS_DB = 0.06, 8.0
# What may be said of a network that quantization costs something, though nothing is wrong with it.
NATURAL = frozenset(f"{NOISE} {FOUR_BITS}".split())


class Weight(Enum):
    """What a fault costs, in three grades."""

    NOTHING = "costs nothing"
    LITTLE = "costs little"
    MUCH = "costs much"


class Verdict(Enum):
    """Of one situation."""

    TRUE = "true"
    PART = "part"
    FALSE = "false"
    MISSED = "missed"
    FALSE_ALARM = "false alarm"
    QUIET = "quiet, rightly"

    @property
    def is_wrong(self) -> bool:
        """Whether a user is misled or left alone."""
        return self in (Verdict.FALSE, Verdict.MISSED, Verdict.FALSE_ALARM)


class Said(NamedTuple):
    """What a user reads first, and what else stands above an info.

    Parameters
    ----------
    causes : those above an info, as they are told.
    infos : ids of the others.
    step : the line behind ``Next:``; "" without one.
    """

    causes: tuple[Cause, ...] = ()
    infos: tuple[str, ...] = ()
    step: str = ""

    @property
    def first(self) -> str:
        """Id and severity of the first cause."""
        if not self.causes:
            return "-"
        cause = self.causes[0]
        return f"{cause.finding.id} ({cause.severity.label})"


@dataclass(frozen=True)
class Outcome:
    """What came of one situation.

    Parameters
    ----------
    shortfalls : why the run was not whole.
    """

    id: str
    family: str
    kind: str
    harm: Harm
    said: Said
    verdict: Verdict
    shortfalls: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.kind.startswith("healthy")


def weight_of(harm: Harm) -> Weight:
    """How much a fault costs, by the score of the task first."""
    if harm.lost >= A_LOSS or harm.snr_db < A_LOSS_DB:
        return Weight.MUCH
    is_free = harm.lost <= NO_LOSS and harm.snr_db >= NO_LOSS_DB
    return Weight.NOTHING if is_free else Weight.LITTLE


def verdict_of(said: Said, wanted: Expected | None, harm: Harm) -> Verdict:
    """Judge what was said.

    Parameters
    ----------
    wanted : what names the fault; None where there is none.
    """
    if wanted is None:
        return _of_healthy(said, harm)
    if not said.causes:
        return Verdict.MISSED if weight_of(harm) is Weight.MUCH else Verdict.QUIET
    if names(said.causes[0], wanted):
        return Verdict.TRUE
    is_part = said.causes[0].finding.id in wanted.true | wanted.part
    if is_part or any(names(cause, wanted) for cause in said.causes[1:]):
        return Verdict.PART
    return Verdict.FALSE


def _of_healthy(said: Said, harm: Harm) -> Verdict:
    """8 bit cost some networks something by themselves, which may be said."""
    if not said.causes:
        return Verdict.QUIET
    is_natural = weight_of(harm) is not Weight.NOTHING and said.causes[0].finding.id in NATURAL
    return Verdict.TRUE if is_natural else Verdict.FALSE_ALARM


def names(cause: Cause, wanted: Expected) -> bool:
    """Whether a cause is the fault itself, at a layer and for a reason that it has."""
    if cause.finding.id not in wanted.true:
        return False
    if wanted.words and not any(word in cause.finding.measured for word in wanted.words):
        return False
    if not wanted.layers or cause.finding.id in wanted.anywhere:
        return True
    return _names_layer((cause.finding, *cause.explains), wanted.layers)


def _names_layer(findings: Sequence[Finding], layers: Sequence[str]) -> bool:
    named = {name.rpartition("/")[2] for finding in findings for name in finding.layers}
    return not named.isdisjoint(layers)


def said_above_info(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Causes that are told as warnings or errors, in their order."""
    return tuple(cause for cause in causes if cause.severity > Severity.INFO)
