"""What an inspector says: findings, complete and frozen when they are born."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding matters; the order is used by ``--fail-on``."""

    INFO = 1  # worth knowing
    WARNING = 2  # not standard, may be fine
    ERROR = 3  # most likely wrong

    @property
    def label(self) -> str:
        """Lower-case name, as it is printed: info, warning, error."""
        return self.name.lower()


@dataclass(frozen=True)
class Recommendation:
    """Model-script lines that are expected to mend what a finding describes.

    Parameters
    ----------
    commands : lines of a Hailo model script, each a complete statement.
    question : what to ask on a terminal before the lines are taken; "" takes `default` unasked.
    default : whether the lines are taken when nobody can be asked.
    ranges : output range (low, high) that the lines give to a layer; such lines go into the
        script only after a trial by emulation has proven that they help.
    """

    commands: tuple[str, ...]
    question: str = ""
    default: bool = True
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Artifact:
    """A file that belongs to a finding; the command writes it, never the inspector."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Finding:
    """One fact about the model, with the numbers it rests on.

    Parameters
    ----------
    id : kebab-case name of the problem; stable, used in reports, documentation and tests.
    severity : see `Severity`.
    message : one sentence in plain words, with numbers and units.
    layers : scoped names of the layers concerned, in graph order.
    measured : the plain numbers behind the message, by name.
    recommendation : model-script lines to add, or None.
    artifacts : files to be written beside the report.
    """

    id: str
    severity: Severity
    message: str
    layers: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    recommendation: Recommendation | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class InspectorResult:
    """What came of one inspector.

    Parameters
    ----------
    name : class name of the inspector.
    findings : in the order in which they were yielded.
    skipped : why it did not run; "" if it did.
    crashed : what it raised; "" if nothing.
    seconds : wall-clock time it took.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    skipped: str = ""
    crashed: str = ""
    seconds: float = 0.0
