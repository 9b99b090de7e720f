"""What is answered: the bench of this process, made of the first job that comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread

from utils.backends.bench import LocalBench
from utils.backends.process.messages import Kind, Message
from utils.backends.process.relaying import RelayedProgress
from utils.errors import ScriptError
from utils.har.model import Model, load_model
from utils.jobs.bundle import unbundled
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.range_trial import RangeRequest
from utils.model_script import ModelScript, parse_model_script
from utils.quantizer.integers import coded_layers
from utils.terminal.logger import LOGGER
from utils.terminal.phases import Spent

IMPORTING = "importing TensorFlow"


class Answering:
    """Answers requests about one job."""

    def __init__(self, tell: Callable[[Kind, object], object]) -> None:
        """Nothing is read yet; what there is to say before an answer is said by `tell`."""
        self._tell = tell
        self._model: Model | None = None
        self._looking: Thread | None = None
        self._bench: LocalBench | None = None
        self._prepared: tuple[Spent, ...] = ()

    def prepare(self) -> None:
        """Import what takes seconds; what is wrong with it is said where it is needed."""
        start = time.perf_counter()
        with suppress(Exception, SystemExit):
            from utils.backends.tensorflow_runtime import import_tensorflow

            import_tensorflow()
            import utils.backends.emulation  # noqa: F401
        self._prepared = (Spent(IMPORTING, time.perf_counter() - start),)
        LOGGER.debug("%s took %.3f s", IMPORTING, self._prepared[0].seconds)

    def look_ahead(self, job: bytes) -> None:
        """Begin to read the archive of a job, in a thread of its own."""
        self._looking = Thread(target=self._look, args=(job,), daemon=True)
        self._looking.start()

    def _look(self, job: bytes) -> None:
        with suppress(Exception):  # whoever reads it later says what is wrong
            self._model = _read(unbundled(Job, job))
            self._model.known(coded_layers)

    def answer(self, message: Message) -> object:
        """The answer to one request.

        Raises
        ------
        DiagnosticError : there is none; an archive that turns out damaged has none, either.
        """
        if message.kind is Kind.TRY_RANGES:
            request = unbundled(RangeRequest, message.payload)
            return self._checked(self._opened(None).try_ranges(request))
        bench = self._opened(message.payload)
        if message.kind is Kind.OPEN:
            return self._checked(bench.open_data())
        return self._checked(self._whole(bench.measure()))

    def _opened(self, job: bytes | None) -> LocalBench:
        if self._bench is None:
            if job is None:
                raise ValueError("a trial of what was not measured")
            asked = unbundled(Job, job)
            if self._looking is not None:
                self._looking.join()
            self._model = self._model or _read(asked)
            progress = RelayedProgress(lambda doing: self._tell(Kind.DOING, doing))
            self._bench = LocalBench(
                asked,
                self._model,
                _own_script(self._model),
                progress,
                lambda measured: self._tell(Kind.SO_FAR, self._whole(measured)),
            )
        return self._bench

    def _whole(self, measured: Measured) -> Measured:
        return replace(measured, spent=(*self._prepared, *measured.spent))

    def _checked(self, answer: object) -> object:
        if self._model is not None:
            self._model.archive.check_reads()
        return answer


def _read(job: Job) -> Model:
    """The archive of a job; whether an unquantized one can be judged is settled before."""
    return load_model(job.archive, may_be_unquantized=True)


def _own_script(model: Model) -> ModelScript | None:
    """The archive's own; None if there is none, or it cannot be parsed, which others tell."""
    if model.script_text is None:
        return None
    with suppress(ScriptError):
        return parse_model_script(model.script_text)
    return None
