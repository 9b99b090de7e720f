"""What an inspector is, and what it is given.

To write your own: put a module into this folder with a subclass of `BaseInspector`. It is
found, ordered, run and documented without being registered anywhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, TypeVar

from utils.causes.explanations import Explanation, Where, explains
from utils.dataset.facts import DatasetFacts
from utils.dataset.sample_digests import SampleDigests
from utils.findings import Finding, NotChecked
from utils.findings.docstrings import own_docstring
from utils.har.found_once import FoundOnce
from utils.har.model import Model
from utils.har.statistics import ChannelStatistics
from utils.jobs.measured import Refusal
from utils.measurements import LayerMeasurement, Measurements, Need
from utils.measurements.left_out import (
    BIAS_TRIAL,
    CHANNEL_ORDER,
    PLAN,
    RECALIBRATION,
    SAMPLES,
    SCALE_TRIALS,
    SENSITIVITY,
    TABLE_TRIALS,
    UNTUNED_TRIAL,
    sentence_on,
)
from utils.model_script import ModelScript
from utils.side_files.dfc_log import DfcLog
from utils.side_files.nms_config import NmsConfig
from utils.stages import Stages
from utils.wording import plural

__all__ = [
    "BaseInspector",
    "Context",
    "Explanation",
    "Need",
    "NotChecked",
    "Priority",
    "Question",
    "SourcedStatistics",
    "Where",
    "explains",
]


# What an inspector asks for, by what a measurement may have left out.
NEED = {
    SENSITIVITY: Need.SENSITIVITY,
    PLAN: Need.PRECISION_PLAN,
    TABLE_TRIALS: Need.TABLE_TRIALS,
    SCALE_TRIALS: Need.SCALE_TRIALS,
    BIAS_TRIAL: Need.BIAS_TRIAL,
    UNTUNED_TRIAL: Need.UNTUNED_TRIAL,
    RECALIBRATION: Need.RECALIBRATION,
    CHANNEL_ORDER: Need.CHANNEL_SWAPPED,
    SAMPLES: Need.SAMPLE_DIGESTS,
}

Fact = TypeVar("Fact")


class Priority(IntEnum):
    """When an inspector runs: what explains other findings comes first."""

    FIRST = 0  # what makes every verdict about data true of the wrong data
    HIGH = 1
    MEDIUM = 2
    LOW = 3


@dataclass(frozen=True)
class Question:
    """A question whose answer changes what is recommended; `default` where nobody answers."""

    text: str
    choices: tuple[str, ...]
    default: str


@dataclass(frozen=True)
class SourcedStatistics:
    """Statistics together with the words that say where they come from."""

    values: ChannelStatistics
    source: str


@dataclass(frozen=True)
class Context:
    """The facts an inspector judges; it must not change them.

    Parameters
    ----------
    model : graphs, encodings and statistics of the archive.
    script : the archive's own model script; None if there is none or it cannot be parsed.
    calibration : the data set, None without ``--dataset``.
    measurements : what one pass over the data yielded, None without data.
    ask : puts a question on a terminal; without one, or where no model script is written, it
        answers the default at once.
    target : chip to judge for; the archive's own unless ``--hw_arch`` names another.
    data_failed : whether data were given, but could not be measured.
    data_error : why they do not fit, where that is a finding of its own; None otherwise.
    samples : what the single samples are like; None without data, or where it was not needed.
    dfc_logs : logs of the compiler, as far as they were given.
    nms_config : configuration of the non-maximum suppression, if it was given.
    stages : the stages of the network, side by side; None where none were compared.
    """

    model: Model
    script: ModelScript | None
    calibration: DatasetFacts | None
    measurements: Measurements | None
    ask: Callable[[Question], str]
    target: str = ""
    data_failed: bool = False
    data_error: Refusal | None = None
    samples: SampleDigests | None = None
    dfc_logs: tuple[DfcLog, ...] = ()
    nms_config: NmsConfig | None = None
    stages: Stages | None = None
    _known: FoundOnce = field(default_factory=FoundOnce, init=False, repr=False, compare=False)

    def known(self, fact: Callable[[Context], Fact]) -> Fact:
        """What a function makes of this context, found out once for all inspectors that ask."""
        return self._known.of(self, fact)

    @property
    def without_data(self) -> str:
        """What to say where something takes data that nobody gave; "" where data were measured."""
        if self.measurements is not None:
            return ""
        if self.data_failed:
            return "the data given could not be measured, see the error above"
        return "pass the calibration set with -d"

    def measured(self, name: str) -> LayerMeasurement | None:
        """What was measured at a layer; None without data or where it was not emulated."""
        return self.measurements.layers.get(name) if self.measurements else None

    def output_statistics(self, name: str) -> SourcedStatistics | None:
        """Statistics of a layer's output: measured, else as calibration stored them."""
        measured = self.measured(name)
        return self._sourced(measured.output if measured else None, name, "output_0")

    def preactivation_statistics(self, name: str) -> SourcedStatistics | None:
        """Statistics of a layer before its activation: measured, else as stored."""
        measured = self.measured(name)
        return self._sourced(measured.preactivation if measured else None, name, "preact")

    def _sourced(
        self, measured: ChannelStatistics | None, name: str, place: str
    ) -> SourcedStatistics | None:
        if measured is not None and self.measurements is not None:
            return SourcedStatistics(
                measured, f"measured over {plural(self.measurements.samples, 'sample')}"
            )
        return self.stored_statistics(name, place)

    def stored_statistics(self, name: str, place: str) -> SourcedStatistics | None:
        """What calibration left in the archive; `place` as of `Model.stored_statistics`."""
        stored = self.model.stored_statistics(name, place)
        if stored is None:
            return None
        return SourcedStatistics(stored, "stored in the archive by its calibration")


class BaseInspector(ABC):
    """One check, or a few that belong together.

    The class docstring is the inspector's documentation: first line = what it asks, then why it
    matters, then one list item per finding id. `PRIORITY` orders it, `NEEDS` says what has
    to be measured for it. Thresholds are class constants, so that a subclass can change them.
    `EXPLANATIONS` lists what its findings explain, or are explained by: the consequences are then
    told with their cause. What nobody explains stands alone. `TELLS_REFUSALS` is True for one
    whose findings say why data cannot be used, so that the run need not say it a second time.
    `JUDGES_UNQUANTIZED` is True for one that has something to say of archives without integers.
    """

    PRIORITY: ClassVar[Priority] = Priority.MEDIUM
    NEEDS: ClassVar[Need] = Need.NOTHING
    EXPLANATIONS: ClassVar[tuple[Explanation, ...]] = ()
    TELLS_REFUSALS: ClassVar[bool] = False
    JUDGES_UNQUANTIZED: ClassVar[bool] = False

    @classmethod
    def name(cls) -> str:
        """Name used by ``--order`` and in every report."""
        return cls.__name__

    @classmethod
    def summary(cls) -> str:
        """First line of the documentation, as ``--help`` shows it."""
        return own_docstring(cls).partition("\n")[0]

    @classmethod
    def look_ahead(cls, model: Model) -> None:
        """Find out with `Model.known` what takes long and needs no data.

        Called while the data are still being opened, which takes seconds; the same is found out
        later if it is not.
        """
        del model

    def should_skip(self, context: Context) -> NotChecked | str:
        """Why the inspector has nothing to judge here; "" to run it."""
        del context
        return ""

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Yield what could not be checked although the inspector runs, with the reason.

        By default what it needs and the measurement left out.
        """
        left_out = context.measurements.left_out if context.measurements else {}
        yield from (sentence_on(left_out, what) for what in left_out if NEED[what] in self.NEEDS)

    @abstractmethod
    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield the findings; never run inference, open files, print or log."""
