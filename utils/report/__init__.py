"""Everything one run found out, as data; renderers turn it into text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from utils.baseline import BaselineComparison
from utils.causes import Diagnosis
from utils.causes.offers import is_offered
from utils.dataset.facts import DatasetFacts
from utils.findings import Finding, InspectorResult, Severity
from utils.findings.ignored import Ignored
from utils.har.model import Model
from utils.jobs.sdk_part import SdkPart
from utils.measurements import Measurements
from utils.measurements.noise import NoiseMeasurements
from utils.recommendations import RecommendedScript
from utils.stages import Stages

INTERRUPTED = 130  # what a shell reports of a command that Ctrl-C has ended


@dataclass(frozen=True)
class Report:
    """The result of a run.

    Parameters
    ----------
    model : facts of the archive.
    backend : what ran the networks: ``embedded``, ``sdk`` or ``both``.
    calibration, measurements : None without data, or where these could not be used.
    results : one per inspector, in the order in which they ran.
    failures : sentences on what was not judged; not empty means exit code 2.
    baseline : this run against an earlier one; None where none was given.
    script : the model script with what is recommended; None where nothing asked for it.
    sdk : the part of Hailo's SDK in it; None where it was not asked.
    trial_assumptions : sentences on what the trials of recommended ranges rest on.
    diagnosis : the findings, sorted into causes and what they explain.
    is_interrupted : whether somebody ended it early; `failures` say what that cut off.
    not_chosen : names of the inspectors that ``--order`` left out.
    ignored : findings that the configuration ignores; they are in no result.
    stages : the stages of the network, side by side; None where none were compared.
    unwritten : paths of files that were not written, with sentences on why; exit code 2 as well.
    """

    model: Model
    backend: str
    calibration: DatasetFacts | None
    measurements: Measurements | None
    results: tuple[InspectorResult, ...]
    failures: tuple[str, ...] = ()
    baseline: BaselineComparison | None = None
    script: RecommendedScript | None = None
    sdk: SdkPart | None = None
    trial_assumptions: tuple[str, ...] = ()
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    is_interrupted: bool = False
    not_chosen: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    stages: Stages | None = None
    unwritten: Mapping[str, str] = field(default_factory=dict)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sentences on what had to be assumed, each once."""
        measured = self.measurements.assumptions if self.measurements else ()
        return tuple(dict.fromkeys((*measured, *self.trial_assumptions)))

    @property
    def noise(self) -> NoiseMeasurements | None:
        """The quantized run against the float run; None where it was not made."""
        return self.measurements.noise if self.measurements else None

    @property
    def noise_not_measured(self) -> dict[str, str]:
        """Reason by layer why its noise was not measured, without those not measured at all."""
        reasons = self.noise.not_measured if self.noise else {}
        known = self.measurements.not_measured if self.measurements else {}
        return {name: reason for name, reason in reasons.items() if name not in known}

    def findings(self) -> Iterator[Finding]:
        """All findings, in the order in which they were made."""
        for result in self.results:
            yield from result.findings

    def told(self, finding: Finding) -> Severity:
        """The severity at which a finding is told: a cause has the worst of what it explains."""
        return self.diagnosis.severity_of(finding)

    def offered_commands(self, finding: Finding) -> tuple[str, ...]:
        """Lines that a finding recommends, unless calibration or data are wrong."""
        return finding.commands if is_offered(finding, self.diagnosis) else ()

    def count(self, severity: Severity) -> int:
        """Number of causes, and of findings that stand alone, told at one severity."""
        return len(self.diagnosis.told(severity))

    @property
    def consequences(self) -> int:
        """Number of findings that others explain."""
        return sum(len(cause.explains) for cause in self.diagnosis.causes)

    def not_checked(self) -> Iterator[tuple[str, str]]:
        """What was not checked, with the reason: inspectors first, then layers."""
        for result in self.results:
            if result.crashed:
                yield result.name, f"it crashed ({result.crashed})"
            elif result.skipped:
                yield result.name, str(result.skipped)
            for missing in result.not_checked:
                yield result.name, str(missing)
        if self.measurements is not None:
            yield from self.measurements.not_measured.items()
            for name, reason in self.measurements.preactivation_not_measured.items():
                yield f"{name}, before its activation", reason
            for name, reason in self.noise_not_measured.items():
                yield f"noise of {name}", reason

    @property
    def all_failures(self) -> tuple[str, ...]:
        """Sentences on what was not judged, then on what was not written."""
        return (*self.failures, *self.unwritten.values())

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """Why the run is not whole, as sentences: what failed, and inspectors that crashed."""
        crashed = [result for result in self.results if result.crashed]
        said = (f"{each.name} crashed and did not finish: {each.crashed}" for each in crashed)
        return (*self.all_failures, *said)

    @property
    def has_judged_all(self) -> bool:
        """Whether nothing that may be wrong was left out, whatever became of the files."""
        crashed = any(result.crashed for result in self.results)
        return not (self.failures or crashed or self.is_interrupted)

    @property
    def is_whole(self) -> bool:
        """Whether nothing failed and no inspector crashed."""
        return not self.shortfalls

    def exit_code(self, fail_on: Severity | None, *, only_new: bool = False) -> int:
        """0 it ran, 1 it found something as bad as `fail_on`, 2 it was not whole, 130 interrupted.

        With `only_new` only what is new or became worse counts, and what could not be compared and
        may be; without a comparison it is 2.
        """
        if self.is_interrupted:
            return INTERRUPTED
        if not self.is_whole:
            return 2
        if fail_on is None:
            return 0
        if only_new and (self.baseline is None or not self.baseline.is_comparable):
            return 2
        return int(any(map(self.failing(fail_on, only_new=only_new), self.findings())))

    def failing(self, fail_on: Severity, *, only_new: bool = False) -> Callable[[Finding], bool]:
        """A function that says of a finding whether ``--fail-on`` fails for it.

        With `only_new` it fails only for what is new or became worse, or may have; without a
        comparison everything is new.
        """
        baseline = self.baseline
        if not only_new or baseline is None or not baseline.is_comparable:
            return lambda finding: self.told(finding) >= fail_on
        return lambda finding: self.told(finding) >= fail_on and baseline.is_regression(finding)
