"""What an inspector says: findings, complete and frozen when they are born."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from utils.wording import sentences

_KEBAB_CASE = r"[a-z0-9]+(-[a-z0-9]+)*"


def _is_tuple_of(kind: type, value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, kind) for part in value)


class Severity(IntEnum):
    """How much a finding matters; the order is used by ``--fail-on``."""

    INFO = 1  # worth knowing
    WARNING = 2  # not standard, may be fine
    ERROR = 3  # most likely wrong

    @property
    def label(self) -> str:
        """Lower-case name, as it is printed: info, warning, error."""
        return self.name.lower()

    @classmethod
    def labelled(cls, label: str) -> Severity:
        """The severity that a text names, in small or capital letters.

        Raises
        ------
        KeyError : there is none of that name.
        """
        return cls[label.upper()]


@dataclass(frozen=True)
class Gain:
    """What a trial in emulation showed.

    Parameters
    ----------
    measure : what was measured, in words, with its unit.
    before, after : as it is, and with the recommended lines.
    """

    measure: str
    before: float
    after: float


@dataclass(frozen=True)
class Recommendation:
    """Model-script lines that are expected to mend what a finding describes.

    Parameters
    ----------
    commands : lines of a Hailo model script, each a complete statement.
    question : what to ask on a terminal before the lines are taken; "" takes `default` unasked.
    default : whether the lines are taken when nobody can be asked.
    ranges : output range (low, high) that the lines give to a layer, as long as no trial by
        emulation has proven that they help; such lines do not go into the script.
    gives_up_few : whether these ranges cut off what a few samples reach, for all others. An SNR
        over all samples is then mostly theirs, and judges no trial.
    proven : whether emulation confirmed that the lines help; of two recommendations that want
        different values of one setting, the proven one is taken.
    gain : what that trial showed; None without one.
    """

    commands: tuple[str, ...]
    question: str = ""
    default: bool = True
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    gives_up_few: bool = False
    proven: bool = False
    gain: Gain | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be merged into a script."""
        if not _is_tuple_of(str, self.commands) or not isinstance(self.ranges, Mapping):
            raise TypeError("a recommendation needs a tuple of texts as its commands")


@dataclass(frozen=True)
class Artifact:
    """A file that belongs to a finding; the command writes it, never the inspector."""

    name: str
    data: bytes

    def __post_init__(self) -> None:
        """Refuse a name that would lead out of the folder the user chose."""
        if not isinstance(self.name, str) or not isinstance(self.data, bytes):
            raise TypeError(f"an artifact needs a text and bytes, not {self.name!r}")
        if os.path.basename(self.name) != self.name or self.name in ("", ".", ".."):
            raise ValueError(f"an artifact needs a plain file name, not {self.name!r}")


@dataclass(frozen=True)
class Location:
    """A place in a text file.

    Parameters
    ----------
    path : the file, or the member of the archive.
    line, column : counted from 1.
    """

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        """As compilers write it, so that editors find it."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One fact about the model, in parts: who shows it chooses parts, and cuts no sentence.

    Parameters
    ----------
    id : kebab-case name of the problem; stable, used in reports, documentation and tests.
    severity : see `Severity`.
    headline : what is wrong, in plain words; without layers' names at most 80 characters.
    layers : scoped names of the layers concerned, in graph order.
    measured : the plain numbers behind the text, by name.
    recommendation : model-script lines to add, or None.
    artifacts : files to be written beside the report.
    location : where in a script or a log it stands; None for all that stands in no text.
    evidence : the numbers, with units and samples.
    why : what it does to the network; no thresholds.
    remedy : what to do, one imperative sentence; "" where it asks for nothing.
    quotation : what the compiler, or a file, says of it, word for word.
    command : what to type in a shell to follow the remedy.
    gain : what emulation with the remedy showed, where that takes no lines; None without one.
    removes_cause : whether the remedy takes the cause out of the model and costs nothing on the
        chip, so that nobody should work around it first.
    holds_for_any_calibration : whether the network computes with wrong values in float already,
        as seen in the data given or in the graph, so that no fault of the calibration explains it.
    """

    id: str
    severity: Severity
    headline: str
    layers: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    recommendation: Recommendation | None = None
    artifacts: tuple[Artifact, ...] = ()
    location: Location | None = None
    evidence: str = field(default="", kw_only=True)
    why: str = field(default="", kw_only=True)
    remedy: str = field(default="", kw_only=True)
    quotation: str = field(default="", kw_only=True)
    command: str = field(default="", kw_only=True)
    gain: Gain | None = field(default=None, kw_only=True)
    removes_cause: bool = field(default=False, kw_only=True)
    holds_for_any_calibration: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what no report could show, where it is made and the inspector is known.

        Raises
        ------
        ValueError, TypeError : a part is not of the kind that is described above.
        """
        if not re.fullmatch(_KEBAB_CASE, str(self.id)):
            raise ValueError(f"a finding's id is kebab-case, as in low-snr, not {self.id!r}")
        if not isinstance(self.severity, Severity) or not _is_tuple_of(str, self.texts):
            raise TypeError(f"{self.id} needs a Severity, and texts as its parts")
        if not self.headline.strip():
            raise ValueError(f"{self.id} has no headline")
        if not isinstance(self.recommendation, (Recommendation, type(None))):
            raise TypeError(f"what {self.id} recommends is no Recommendation")
        if not _is_tuple_of(str, self.layers) or not _is_tuple_of(Artifact, self.artifacts):
            raise TypeError(f"{self.id} needs tuples of layer names and of artifacts")
        if not isinstance(self.location, (Location, type(None))):
            raise TypeError(f"{self.id} needs a Location as its location")
        # Inspectors compute with numpy, whose numbers JSON does not know.
        numbers = {str(name): float(value) for name, value in self.measured.items()}
        object.__setattr__(self, "measured", numbers)

    @property
    def shown_gain(self) -> Gain | None:
        """What a trial of its lines, or of its remedy, showed; None without one."""
        lines = self.recommendation
        return lines.gain if lines is not None and lines.gain is not None else self.gain

    @property
    def texts(self) -> tuple[str, ...]:
        """The parts that are text, in the order in which they are read."""
        return (
            self.headline,
            self.evidence,
            self.why,
            self.remedy,
            self.quotation,
            self.command,
        )

    @property
    def message(self) -> str:
        """All parts but the command as one text, for those who show no parts."""
        fact = f"{self.headline} ({self.evidence})" if self.evidence else self.headline
        quoted = f'Hailo\'s logs say: "{self.quotation}"' if self.quotation else ""
        return sentences(fact, self.why, self.remedy, quoted)

    @property
    def commands(self) -> tuple[str, ...]:
        """Lines for the model script."""
        return self.recommendation.commands if self.recommendation else ()

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it is worth knowing, and no more."""
        return self.severity == Severity.INFO and not self.remedy and not self.commands


@dataclass(frozen=True)
class NotChecked:
    """What was not checked.

    Parameters
    ----------
    reason : why, or what.
    remedy : what to give so that it is checked; "" where nothing helps.
    """

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        """Both as one text."""
        return "; ".join(filter(None, (self.reason, self.remedy)))

    @classmethod
    def of(cls, said: NotChecked | str) -> NotChecked | None:
        """What an inspector answered; None for ""."""
        if isinstance(said, NotChecked):
            return said
        if not isinstance(said, str):
            raise TypeError(f"{said!r} is neither a text nor a NotChecked")
        return cls(said) if said else None


@dataclass(frozen=True)
class InspectorResult:
    """What came of one inspector.

    Parameters
    ----------
    name : class name of the inspector.
    findings : in the order in which they were yielded.
    skipped : why it did not run; None if it did.
    crashed : what it raised; "" if nothing.
    not_checked : what it could not check although it ran.
    seconds : wall-clock time it took.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    skipped: NotChecked | None = None
    crashed: str = ""
    not_checked: tuple[NotChecked, ...] = ()
    seconds: float = 0.0
