"""One calibration set through one archive, from the data pass to what needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from utils.backends.closer_look import STEPS, Look, Step
from utils.backends.closer_look.ranges import tried_ranges
from utils.backends.networks import Networks
from utils.backends.workload import budget_of
from utils.emulator.measuring.budget import Budget
from utils.errors import DiagnosticError
from utils.errors.faults import fault_sentence
from utils.jobs.backend_names import EMBEDDED
from utils.jobs.range_trial import RangeTrials
from utils.jobs.sdk_part import SdkPart
from utils.measurements import Measurements
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.left_out import FAILED, FEWEST_SAMPLES, INTERRUPTED, QUICK, TOO_FEW
from utils.terminal.logger import LOGGER

LEFT_TO_THE_ENGINE = (
    "what single layers do to the outputs (sensitivity), the plan for 16 bit, trials of ranges, of "
    "finer codes, of bias correction, of another calibration and of activations on the host, and "
    "the test of the channels' order are the embedded engine's, not the SDK's"
)


@dataclass(frozen=True)
class DataPassed:
    """What the data pass yielded, and who ran it.

    Parameters
    ----------
    backend : one of ``embedded``, ``sdk`` and ``both``.
    engine_agreement : of the outputs as the embedded engine sees them; None where only the SDK
        has run.
    sdk : the SDK's part in it; None where it was not asked.
    """

    measurements: Measurements
    backend: str = EMBEDDED
    engine_agreement: AgreementMeasurements | None = None
    sdk: SdkPart | None = None

    @property
    def left_to_the_engine(self) -> tuple[str, ...]:
        """What has to be told where the embedded engine runs behind the data pass."""
        return () if self.backend == EMBEDDED else (LEFT_TO_THE_ENGINE,)


@dataclass(frozen=True)
class Emulated:
    """What came of the data; `try_ranges` runs the same networks again.

    Parameters
    ----------
    measurements : of the data pass, with sensitivity, plan and channel order where needed.
    budget : what is left of it may be spent on trials of ranges.
    failures : sentences on what could not be measured behind the data pass.
    """

    networks: Networks
    passed: DataPassed
    measurements: Measurements
    budget: Budget
    failures: tuple[str, ...] = ()

    @property
    def backend(self) -> str:
        """What ran the networks."""
        return self.passed.backend

    @property
    def sdk(self) -> SdkPart | None:
        """The SDK's part in it; None where it was not asked."""
        return self.passed.sdk

    def try_ranges(
        self,
        ranges: Mapping[str, tuple[float, float]],
        together: Collection[Collection[str]] = (),
    ) -> RangeTrials:
        """Try output ranges with the whole network quantized.

        Parameters
        ----------
        ranges : recommended (low, high) by layer. Those that narrow a range most are tried;
            layers without a stored encoding are left out.
        together : layers that are changed at once; all others are, one at a time.
        """
        if self.networks.job.calibration.used < FEWEST_SAMPLES:
            return RangeTrials(left_out=TOO_FEW)
        try:
            found = tried_ranges(self.networks, self.budget, ranges, together)
        except DiagnosticError as error:
            return RangeTrials(failure=str(error))
        except KeyboardInterrupt:
            return RangeTrials(left_out=INTERRUPTED)
        told = self.passed.left_to_the_engine if found.trials else ()
        return replace(found, assumptions=told)


def emulated(networks: Networks, passed: DataPassed) -> Emulated:
    """Measure what is needed behind the data pass; what fails there leaves the rest as it is.

    An interruption (Ctrl-C) ends it; what was measured until then is kept.
    """
    budget = budget_of(networks)
    look = Look(networks, passed.measurements, passed.engine_agreement, budget)
    so_far = Emulated(networks, passed, passed.measurements, budget)
    steps = [step(look) for step in STEPS]
    failures: list[str] = []
    reason = QUICK if networks.settings.quick else ""
    for place, step in enumerate(steps):
        if not step.is_needed:
            continue
        if step.obstacle:
            look.leave_out(step.WHAT, step.obstacle)
            continue
        try:
            if not reason:
                networks.job.on_emulated(_with(so_far, look, _without(steps[place:]), failures))
                step.run()
        except DiagnosticError as error:
            failures.append(f"{step.FAILED}: {error}")
            look.leave_out(step.WHAT, FAILED)
        except KeyboardInterrupt:
            reason = INTERRUPTED
        except Exception as error:  # what was measured before is none the worse for it
            LOGGER.debug("%s", step.FAILED, exc_info=True)
            failures.append(f"{step.FAILED}: {fault_sentence(error)}")
            look.leave_out(step.WHAT, FAILED)
        if reason:
            look.leave_out(step.WHAT, reason)
    return _with(so_far, look, look.measured, failures)


def _without(to_come: Sequence[Step]) -> Measurements:
    """All that is known, as if what is to come had failed."""
    known = to_come[0].look.measured
    failed = {step.WHAT: FAILED for step in to_come if step.is_needed}
    return replace(known, left_out={**known.left_out, **failed})


def _with(found: Emulated, look: Look, measured: Measurements, failures: Sequence[str]) -> Emulated:
    if look.has_measured:
        told = (*measured.assumptions, *found.passed.left_to_the_engine)
        measured = replace(measured, assumptions=told)
    return replace(found, measurements=measured, failures=tuple(failures))
