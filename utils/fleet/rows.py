"""What a fleet found: one row for each archive."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from utils.baseline.became import Became
from utils.jobs.plain import packed
from utils.tool import NAME, VERSION

SCHEMA_VERSION = 1
INTERRUPTED = 130  # as of the command


@dataclass(frozen=True)
class AtOutput:
    """The worst output.

    Parameters
    ----------
    name : its layer, without the scope; "" where no noise was measured.
    snr_db : SNR there; None where it was not measured.
    measure : how its decisions were counted; "" where they were not.
    kept : share of what is decided as in float, 0 to 1; of pictures a PSNR in dB; None where it
        was not counted.
    in_words : the agreement as people read it.
    decided_at : the output where most decisions are lost, which may be another one.
    """

    name: str = ""
    snr_db: float | None = None
    measure: str = ""
    kept: float | None = None
    in_words: str = ""
    decided_at: str = ""


@dataclass(frozen=True)
class Row:
    """One archive.

    Parameters
    ----------
    name, archive, data : as the plan has them.
    code : exit code of the command for this archive alone.
    sha256 : of the archive; "" where it was not read.
    verdict : one sentence.
    severity : at which the first cause is told: ``error``, ``warning``, ``info``; "" if there is
        none.
    cause, cause_id : the first cause; "" if nothing above info was found.
    next : the one next step.
    commands : what to type for it, or its lines for the model script.
    errors, warnings, infos : number of causes, and of findings that stand alone.
    against : this run against the baseline, in words; "" without one.
    samples : how many were measured.
    folder : of its reports, from the folder of results; "" where there are none.
    failure : why it was not diagnosed, or not to the end; "" if it was.
    seconds : what judging took.
    """

    name: str
    archive: str
    data: str
    code: int
    sha256: str = ""
    verdict: str = ""
    severity: str = ""
    cause: str = ""
    cause_id: str = ""
    next: str = ""
    commands: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    infos: int = 0
    worst: AtOutput = field(default_factory=AtOutput)
    against: str = ""
    samples: int = 0
    folder: str = ""
    failure: str = ""
    seconds: float = 0.0

    @property
    def state(self) -> str:
        """In one word: ``failed``, ``error``, ``warning``, ``fine``."""
        if self.code not in (0, 1):
            return "failed"
        return self.severity if self.severity in ("error", "warning") else "fine"

    @property
    def became(self) -> Became | None:
        """What became of it since the baseline; None without one."""
        return Became.told_by(self.against)


STATES = ("failed", "error", "warning", "fine")  # the worst first


@dataclass(frozen=True)
class Tool:
    """Who made it."""

    name: str = NAME
    version: str = VERSION


@dataclass(frozen=True)
class Fleet:
    """All archives.

    Parameters
    ----------
    plan : its path.
    fail_on : what fails.
    rows : in the order of the plan.
    finished : when the run ended, in ISO 8601, UTC.
    seconds : what the run took.
    is_interrupted : whether somebody ended it early.
    failures : sentences on files that could not be written.
    gone : archives of the baseline that are not in the plan.
    """

    plan: str
    fail_on: str
    rows: tuple[Row, ...]
    finished: str
    seconds: float
    is_interrupted: bool = False
    failures: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    tool: Tool = field(default_factory=Tool)
    schema_version: int = SCHEMA_VERSION

    def count(self, state: str) -> int:
        """How many archives are in a state."""
        return sum(row.state == state for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 all were diagnosed, 1 some fail, 2 some were not, 130 interrupted."""
        if self.is_interrupted:
            return INTERRUPTED
        codes = {row.code for row in self.rows}
        return 2 if self.failures or codes - {0, 1} else max(codes, default=0)


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Rows by state, and within one by what is left at the worst output."""
    return sorted(rows, key=_badness)


def _badness(row: Row) -> tuple[float, ...]:
    numbers = (row.worst.kept, row.worst.snr_db)
    return (STATES.index(row.state), *(math.inf if n is None else n for n in numbers))


def as_document(value: Fleet | Row) -> object:
    """As plain objects; a dataclass without arrays."""
    document, _ = packed(value)
    return document
