"""The difference between two runs, as data; `utils/baseline_comparison.py` works it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Change = Literal["new", "fixed", "worse", "better", "unchanged"]


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
    """

    id: str
    change: Change
    severity: str
    severity_before: str | None
    inspector: str
    message: str
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class SnrChange:
    """SNR in dB at a layer or output, before and now; None where it was not measured."""

    name: str
    before_db: float | None
    now_db: float | None

    @property
    def gain_db(self) -> float | None:
        """What was gained, negative if it was lost; None where one of them is missing."""
        if self.before_db is None or self.now_db is None:
            return None
        return self.now_db - self.before_db


@dataclass(frozen=True)
class BaselineComparison:
    """The run against an earlier one.

    Parameters
    ----------
    path : report of the earlier run.
    findings : of both runs: new, worse, better, unchanged, fixed; worst severity first in each.
    layers : of both networks, in graph order; only where one of the runs measured an SNR.
    outputs : likewise, for the output layers.
    changes : sentences on what differs between the archives and runs (script, levels, precision,
        statistics, data), the most telling first.
    not_compared : sentences on what could not be compared.
    """

    path: str
    findings: tuple[ChangedFinding, ...] = ()
    layers: tuple[SnrChange, ...] = ()
    outputs: tuple[SnrChange, ...] = ()
    changes: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()

    def of(self, change: Change) -> Iterator[ChangedFinding]:
        """Findings with one kind of change."""
        return (finding for finding in self.findings if finding.change == change)
