"""What came of a job."""

from __future__ import annotations

from dataclasses import dataclass

from utils.dataset.facts import DatasetFacts
from utils.dataset.sample_digests import SampleDigests
from utils.errors import as_one_text
from utils.findings import Artifact
from utils.jobs.backend_names import EMBEDDED
from utils.jobs.sdk_part import SdkPart
from utils.measurements import Measurements
from utils.measurements.left_out import cut_off
from utils.stages import Stages
from utils.terminal.phases import Spent

SAYS_WHY = "says why"  # behind the id of the finding that does


@dataclass(frozen=True)
class Refusal:
    """Why data cannot be used, where that is a finding of its own.

    Parameters
    ----------
    finding_id : the finding that it is.
    headline, evidence, remedy, command : what that finding says.
    sheet : picture of what there is to choose among, to be written beside the report.
    inputs : scoped names of the inputs concerned; () where that is not known.
    """

    finding_id: str
    headline: str
    evidence: str = ""
    remedy: str = ""
    command: str = ""
    sheet: Artifact | None = None
    inputs: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """All of it as one text, which the error says as well."""
        return as_one_text(self.headline, self.evidence, self.remedy)

    def __str__(self) -> str:
        """The text."""
        return self.message


@dataclass(frozen=True)
class Measured:
    """What came of the data; every part is None where it did not come to it.

    Parameters
    ----------
    dataset : facts of the data, if they fit.
    measurements : what their run through the networks yielded.
    samples : what the single samples are like; there as well where the run failed.
    refusal : why the data cannot be used, or not to their end, which is a finding of its own.
    failures : sentences on what failed, without `refusal`.
    backend : what ran the networks.
    sdk : the part of Hailo's SDK in it; None where it was not asked.
    spent : what the phases took, in their order.
    is_interrupted : whether somebody ended it early; `measurements` say what was left out.
    stages : the stages of the network, side by side; None where none were compared.
    """

    dataset: DatasetFacts | None = None
    measurements: Measurements | None = None
    samples: SampleDigests | None = None
    refusal: Refusal | None = None
    failures: tuple[str, ...] = ()
    backend: str = EMBEDDED
    sdk: SdkPart | None = None
    spent: tuple[Spent, ...] = ()
    is_interrupted: bool = False
    stages: Stages | None = None

    @property
    def has_failed(self) -> bool:
        """Whether anything did."""
        return self.refusal is not None or bool(self.failures)

    def all_failures(self, *, is_explained: bool) -> list[str]:
        """Sentences on what failed.

        Parameters
        ----------
        is_explained : a finding says what `refusal` says; then it is named in its place.
        """
        failures = [*self.failures, *self._interruption()]
        if self.refusal is None:
            return failures
        left = "not measured" if self.measurements is None else "not read to their end"
        short = f"the data were {left}, {self.refusal.finding_id} {SAYS_WHY}"
        return [short if is_explained else self.refusal.message, *failures]

    def _interruption(self) -> list[str]:
        if not self.is_interrupted:
            return []
        return [cut_off(self.measurements.left_out if self.measurements else {})]
