"""The difference between two runs, as data; `diagnosis/against_baseline.py` works it out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from utils.baseline.checked_json import encodable
from utils.findings import Finding
from utils.measurements.agreement.readings import Agreement
from utils.measurements.agreement.wording import is_better_low

Key = tuple[str, str, tuple[str, ...]]
Change = Literal["new", "fixed", "worse", "better", "unchanged"]
# In the order in which they are told; what was fixed comes last, it is no more.
CHANGES: tuple[Change, ...] = ("new", "worse", "better", "unchanged", "fixed")
# A twelfth of a bit. The same archive on other samples of the same kind moves by a few tenths.
NOTICEABLE_DB = 0.5
NO_NUMBER = "not measured or not finite"  # what to say of an SNR that is None


@dataclass(frozen=True)
class ChangedFinding:
    """A finding of either run, with what became of it.

    Parameters
    ----------
    id : of the finding.
    change : ``new`` now but not before; ``fixed`` before but not now; else in both.
    severity : label of its severity, now, or before if it is fixed.
    severity_before : label of its severity in the earlier run; None if it is new.
    inspector : name of the inspector that made it.
    message : now, or before if it is fixed.
    layers : now, or before if it is fixed.
    added : its layers that had no finding of this id, or only milder ones, in the earlier run.
    """

    id: str
    change: Change
    severity: str
    severity_before: str | None
    inspector: str
    message: str
    layers: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """By what it is known among the findings of this run."""
        return self.id, self.message, self.layers


def key_of(finding: Finding) -> Key:
    """By what a comparison knows a finding of this run."""
    return finding.id, encodable(finding.message), tuple(map(encodable, finding.layers))


@dataclass(frozen=True)
class SnrChange:
    """SNR in dB at a layer or output, before and now.

    None where it was not measured, or is no finite number: there is no noise at all, or noise
    without any signal. `note` says that the two are SNRs of different tensors; "" otherwise.
    """

    name: str
    before_db: float | None
    now_db: float | None
    note: str = ""

    @property
    def gain_db(self) -> float | None:
        """What was gained, negative if it was lost; None where one of them is missing."""
        if self.before_db is None or self.now_db is None:
            return None
        return self.now_db - self.before_db


@dataclass(frozen=True)
class DecisionChange:
    """How often an output decides as in float, before and now, by one measure."""

    output: str
    measure: str
    before: Agreement
    now: Agreement

    @property
    def direction(self) -> int:
        """1 if it became better, -1 if worse, 0 where both may be the same.

        They differ where their intervals have nothing in common.
        """
        was, is_now = map(_interval, (self.before, self.now))
        if was[0] <= is_now[1] and is_now[0] <= was[1]:
            return 0
        return 1 if (is_now > was) != is_better_low(self.measure) else -1


def _interval(found: Agreement) -> tuple[float, float]:
    if math.isnan(found.low) or math.isnan(found.high):
        return found.value, found.value
    return found.low, found.high


@dataclass(frozen=True)
class BaselineComparison:
    """The run against an earlier one.

    Parameters
    ----------
    path : report of the earlier run.
    findings : of both runs: new, worse, better, unchanged, fixed; worst severity first in each.
    layers : of both networks, in graph order; only where one of the runs measured an SNR.
    outputs : likewise, for the output layers.
    decisions : how often the outputs decide as in float, where both runs counted it.
    changes : sentences on what differs between the archives and runs (script, levels, precision,
        statistics, data), the most telling first.
    not_compared : sentences on what could not be compared.
    is_comparable : False where the earlier run was on another network; then all else is empty,
        and `not_compared` says so.
    script_added, script_removed : statements of the archives' own model scripts that only the
        later and only the earlier one has, in their order.
    stages : SNR of every output of a stage against the stage before it, by name of the stage.
    has_other_data : whether the samples of both runs differ in values or number.
    left_out : findings of this run that seem new or worse, and that `not_compared` tells of.
    """

    path: str
    findings: tuple[ChangedFinding, ...] = ()
    layers: tuple[SnrChange, ...] = ()
    outputs: tuple[SnrChange, ...] = ()
    decisions: tuple[DecisionChange, ...] = ()
    changes: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    is_comparable: bool = True
    script_added: tuple[str, ...] = ()
    script_removed: tuple[str, ...] = ()
    left_out: tuple[ChangedFinding, ...] = ()
    stages: Mapping[str, tuple[SnrChange, ...]] = field(default_factory=dict)
    has_other_data: bool = False

    def regressions(self) -> Iterator[ChangedFinding]:
        """What is new or became worse, or may be, since it could not be compared."""
        yield from self.of("new")
        yield from self.of("worse")
        yield from self.left_out

    def is_regression(self, finding: Finding) -> bool:
        """Whether a finding of this run is new or became worse, or may be."""
        return key_of(finding) in self._regressions

    @cached_property
    def _regressions(self) -> frozenset[Key]:
        return frozenset(changed.key for changed in self.regressions())

    def of(self, change: Change) -> Iterator[ChangedFinding]:
        """Findings with one kind of change."""
        return (finding for finding in self.findings if finding.change == change)

    def moved_decisions(self) -> list[DecisionChange]:
        """Measures that became better or worse, what became worse first."""
        moved = [each for each in self.decisions if each.direction]
        return sorted(moved, key=lambda each: each.direction)

    def gained(self) -> list[SnrChange]:
        """Layers whose SNR became noticeably better, the largest gain first."""
        gains = [each for each in self.layers if (each.gain_db or 0) >= NOTICEABLE_DB]
        return sorted(gains, key=lambda each: -(each.gain_db or 0))

    def lost(self) -> list[SnrChange]:
        """Layers whose SNR became noticeably worse, the largest loss first."""
        losses = [each for each in self.layers if (each.gain_db or 0) <= -NOTICEABLE_DB]
        return sorted(losses, key=lambda each: each.gain_db or 0)
