"""The bench in another process, as this one asks it."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TypeVar

from utils.backends.process.ending import ending_in_words, failure_in_words, silence_in_words
from utils.backends.process.engine import ENDING_S, EngineProcess
from utils.backends.process.messages import Kind, Message
from utils.backends.process.relaying import log_again, show_again
from utils.backends.process.silence import SIGNS_EVERY_S, Silence, standstill
from utils.backends.process.told import Doing, Refused, Said
from utils.dataset.facts import DatasetFacts
from utils.errors import DamagedMemberError, DatasetError, DiagnosticError
from utils.jobs.bundle import bundled, unbundled
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.range_trial import RangeRequest, RangeTrials
from utils.measurements.left_out import FAILED, INTERRUPTED
from utils.terminal.logger import LOGGER
from utils.terminal.progress import Progress, is_watched

Answer = TypeVar("Answer")
STARTING = Doing("Loading TensorFlow, a few seconds")
# How long an interrupted step may take to hand over what it has found so far. A batch of a large
# network takes seconds.
GRACE_S = 10.0


class EngineEndedError(DiagnosticError):
    """The process that runs the networks has ended, or talks no sense."""


class ProcessBench:
    """A bench of which the process that runs the networks is the other half."""

    def __init__(self, engine: EngineProcess, job: Job) -> None:
        """Take a process that was started already, and tell it what is going to be asked."""
        self._engine = engine
        self._job = bundled(job)
        self._progress = Progress(is_watched())
        self._silence = Silence(engine.pid)
        self._phase = STARTING.what
        self._so_far = b""
        self._failure = ""
        self._deadline: float | None = None
        self._is_interrupted = False
        engine.send(Kind.COMING, self._job)  # which it reads while it imports TensorFlow

    def open_data(self) -> DatasetFacts:
        """See `Bench`."""
        return self._asked(Kind.OPEN, self._job, DatasetFacts)

    def measure(self) -> Measured:
        """See `Bench`; where the other process ended early, what it had measured before.

        Raises
        ------
        DamagedMemberError : the archive is damaged.
        """
        try:
            return self._asked(Kind.MEASURE, self._job, Measured)
        except DamagedMemberError:
            raise
        except KeyboardInterrupt:
            if not self._so_far:
                raise
            return self._measured_before(INTERRUPTED)
        except DiagnosticError as error:
            found = self._measured_before(FAILED)
            return replace(found, failures=(*found.failures, str(error)))

    def close(self) -> None:
        """See `Bench`."""
        self._engine.ask_no_more()

    def try_ranges(self, request: RangeRequest) -> RangeTrials:
        """See `Bench`."""
        if self._is_interrupted:
            return RangeTrials(left_out=INTERRUPTED)
        try:
            return self._asked(Kind.TRY_RANGES, bundled(request), RangeTrials)
        except DamagedMemberError:
            raise
        except KeyboardInterrupt:
            self._is_interrupted = True
            return RangeTrials(left_out=INTERRUPTED)
        except DiagnosticError as error:
            return RangeTrials(failure=str(error))

    def _measured_before(self, reason: str) -> Measured:
        if not self._so_far:
            return Measured()
        found = unbundled(Measured, self._so_far)
        self._is_interrupted = reason == INTERRUPTED
        measurements = found.measurements
        if measurements is not None:
            left_out = {
                what: reason if why == FAILED else why
                for what, why in measurements.left_out.items()
            }
            measurements = replace(measurements, left_out=left_out)
        return replace(found, measurements=measurements, is_interrupted=self._is_interrupted)

    def _asked(self, kind: Kind, payload: bytes, answer: type[Answer]) -> Answer:
        if self._failure:
            raise EngineEndedError(self._failure)
        self._engine.send(kind, payload)
        if self._phase == STARTING.what:
            show_again(STARTING, self._progress)
        try:
            return unbundled(answer, self._answered(kind))
        finally:
            self._progress.close()

    def _answered(self, kind: Kind) -> bytes:
        self._deadline = None
        while (message := self._noted(kind)).kind < Kind.ANSWER:
            pass
        return self._answer(message)

    def _noted(self, kind: Kind) -> Message:
        """What comes next; after an interruption it has to come before the deadline.

        Raises
        ------
        KeyboardInterrupt : nothing has come, or nothing could that is worth waiting for.
        EngineEndedError : the other process has ended.
        """
        try:
            message = self._heard()
            if message is None:
                raise self._ended()
            self._note(message)
        except KeyboardInterrupt:
            if self._deadline is not None or kind is Kind.OPEN:
                self._engine.kill()
                raise
            self._deadline = monotonic() + (GRACE_S if self._so_far else ENDING_S)
            self._engine.send(Kind.INTERRUPT)
            return self._noted(kind)
        except TimeoutError:
            self._engine.kill()
            raise KeyboardInterrupt from None
        return message

    def _heard(self) -> Message | None:
        """What it says next; None if it has ended.

        Raises
        ------
        TimeoutError : the deadline is over.
        EngineEndedError : it gave no sign of life for too long, and was ended.
        """
        while True:
            left = SIGNS_EVERY_S
            if self._deadline is not None:
                left = min(left, max(self._deadline - monotonic(), 0.0))
            try:
                message = self._engine.receive(left)
            except TimeoutError:
                if left < SIGNS_EVERY_S:
                    raise
                self._not_heard(left)
            else:
                self._silence.broken()
                return message

    def _not_heard(self, seconds: float) -> None:
        if told := self._silence.went_on(seconds):
            LOGGER.warning("%s", told)
        if self._silence.is_hopeless:
            what = standstill(self._engine.pid)
            self._engine.kill()
            self._failure = silence_in_words(what, self._phase, bool(self._so_far))
            raise EngineEndedError(self._failure)

    def _note(self, message: Message) -> None:
        if message.kind is Kind.SAID:
            log_again(unbundled(Said, message.payload))
        elif message.kind is Kind.DOING:
            doing = unbundled(Doing, message.payload)
            self._phase = doing.what or self._phase
            show_again(doing, self._progress)
        elif message.kind is Kind.SO_FAR:
            self._so_far = message.payload
            if self._deadline is not None:
                self._deadline = monotonic() + GRACE_S

    def _ended(self) -> EngineEndedError:
        ending = self._engine.ending()
        self._engine.kill()
        LOGGER.debug("Last words of the process that ran the networks:\n%s", ending.last_words)
        self._failure = ending_in_words(ending, self._phase, bool(self._so_far))
        return EngineEndedError(self._failure)

    def _answer(self, message: Message) -> bytes:
        """What an answer holds.

        Raises
        ------
        KeyboardInterrupt : it was interrupted, and nothing is left of it.
        DiagnosticError : there is none.
        """
        if message.kind is Kind.ANSWER:
            return message.payload
        if message.kind is Kind.INTERRUPTED:
            raise KeyboardInterrupt
        refused = unbundled(Refused, message.payload)
        for known in (DatasetError, DamagedMemberError, DiagnosticError):
            if refused.error == known.__name__:
                raise known(refused.text)
        LOGGER.debug("In the process that ran the networks:\n%s", refused.trace)
        phase, has_measured = self._phase, bool(self._so_far)
        raise DiagnosticError(failure_in_words(refused.text, phase, has_measured))
