"""One question that is asked behind the data pass: when it is worth asking, and its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from utils.backends import workload
from utils.backends.closer_look.look import Look
from utils.backends.parts import Answer, Part
from utils.measurements.left_out import FEWEST_SAMPLES, TOO_FEW


class Step(ABC):
    """Adds one answer to what is known of a run.

    Attributes
    ----------
    WHAT : name of the answer, as `utils.measurements.left_out` has it.
    FAILED : what is said where it fails.
    TAKES_SAMPLES : whether a handful of samples shows nothing.
    """

    WHAT: ClassVar[str]
    FAILED: ClassVar[str]
    TAKES_SAMPLES: ClassVar[bool] = False

    def __init__(self, look: Look) -> None:
        """Take what is known, and what may be spent."""
        self.look = look
        self.networks = look.networks

    @property
    @abstractmethod
    def is_needed(self) -> bool:
        """Whether it was asked for, and nothing that is known shows it to be useless."""

    @property
    def obstacle(self) -> str:
        """Why it is left out although it is needed; "" where nothing is in its way."""
        is_too_few = self.networks.job.calibration.used < FEWEST_SAMPLES
        return TOO_FEW if self.TAKES_SAMPLES and is_too_few else ""

    def answered(self, part: Part[Answer], phase: str, work: float) -> Answer:
        """What comes of one part, shown as a phase and charged with so much work."""
        with self.look.phases.phase(phase, work):
            (found,) = self.networks.answers([part], work)
            self.look.budget.spend(work)
        return found

    def answered_by_halves(
        self, part: Callable[[int], Part[Answer]], phase: str, passes: float
    ) -> Answer:
        """What comes of a part of which half of the samples judge, for a share of what is left.

        Parameters
        ----------
        part : made for so many samples.
        passes : of the quantized network for each of them, beside one of the float network.
        """
        share = workload.TRIAL_SHARE * self.look.budget.left
        samples, work = workload.affordable_halves(self.networks, share, passes)
        return self.answered(part(samples), phase, work)

    @abstractmethod
    def run(self) -> None:
        """Add the answer.

        Raises
        ------
        DiagnosticError : the memory does not suffice, or TensorFlow fails.
        """
