"""From findings to a diagnosis: what made it so, what that explains, what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from utils.findings import Finding, Gain, Severity


class Proof(Enum):
    """How sure the finding is that stands as a cause, the surest first."""

    ARITHMETIC = "arithmetic"  # computed: codes that are left, sums that do not fit
    TRIAL = "trial"  # mended in emulation, and measured again
    FIT = "fit"  # the stored statistics fit one hypothesis
    RULE = "rule of thumb"

    @property
    def in_words(self) -> str:
        """As a clause for people. It is about the finding, not about what that explains."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Proof.ARITHMETIC: "the finding is certain: it is counted or read",
    Proof.TRIAL: "the remedy is proven: emulation with it shows the gain",
    Proof.FIT: "the finding is likely: the statistics of the values point to it",
    Proof.RULE: "the finding is possible: a rule of thumb points to it",
}


@dataclass(frozen=True)
class Cause:
    """A finding that nothing explains, with all that it explains.

    Parameters
    ----------
    explains : the consequences; empty for a finding that stands alone.
    """

    finding: Finding
    proof: Proof
    explains: tuple[Finding, ...] = ()

    @property
    def gain(self) -> Gain | None:
        """What a trial showed of its remedy; a finding that it explains may hold the trial."""
        own = self.finding.shown_gain
        if own is not None or self.proof is not Proof.TRIAL:
            return own
        return next((f.gain for f in self.explains if f.gain is not None), None)

    @property
    def severity(self) -> Severity:
        """The highest among itself and what it explains: folding makes nothing milder."""
        return max(finding.severity for finding in (self.finding, *self.explains))

    @property
    def explains_trouble(self) -> bool:
        """Whether it stands for something to be mended; an info that explains infos does not."""
        return bool(self.explains) and self.severity > Severity.INFO

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it is worth knowing, and no more, as is then all that it explains."""
        return self.severity is Severity.INFO and self.finding.asks_for_nothing


@dataclass(frozen=True)
class NextStep:
    """The one thing to do first.

    Parameters
    ----------
    id : of the finding that it follows from; "" where it follows from none.
    text : one imperative sentence, whole, and where in the script it is to be done, if anywhere.
    commands : lines for the model script, or for a shell.
    is_script : whether the lines belong into the model script.
    """

    id: str
    text: str
    commands: tuple[str, ...] = ()
    is_script: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """All findings of a run, sorted by what explains them.

    Parameters
    ----------
    causes : all that nothing explains, what matters most first; those that explain nothing are
        causes without consequences.
    next : None where there is nothing to do.
    """

    causes: tuple[Cause, ...] = ()
    next: NextStep | None = None

    @cached_property
    def _told(self) -> Mapping[int, Cause]:
        # By identity: two findings that say the same may have different causes.
        return {
            id(finding): cause
            for cause in self.causes
            for finding in (cause.finding, *cause.explains)
        }

    def cause_of(self, finding: Finding) -> Finding | None:
        """The finding that explains another; None for what stands by itself."""
        cause = self._told.get(id(finding))
        return None if cause is None or cause.finding is finding else cause.finding

    def severity_of(self, finding: Finding) -> Severity:
        """The severity at which a finding is told: a cause has the worst of what it explains."""
        cause = self._told.get(id(finding))
        is_cause = cause is not None and cause.finding is finding
        return cause.severity if cause is not None and is_cause else finding.severity

    def told(self, severity: Severity) -> list[Cause]:
        """Causes, and findings that stand alone, of one severity as they are told."""
        return [cause for cause in self.causes if cause.severity == severity]
