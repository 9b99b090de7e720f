"""The process that runs the networks: it answers what the other one asks, and ends with it.

It leaves terminal, logs and results to the other process.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO, RawIOBase
from queue import SimpleQueue
from types import FrameType

from utils.backends.process.answering import Answering
from utils.backends.process.messages import Kind, Message, read_message, write_message
from utils.backends.process.relaying import relay_log
from utils.backends.process.silence import SIGNS_EVERY_S
from utils.backends.process.told import Refused
from utils.backends.sdk.presence import PACKAGE, is_installed
from utils.errors import DamagedMemberError, DatasetError, DiagnosticError
from utils.errors.faults import fault_sentence
from utils.jobs.backend_names import AUTO, EMBEDDED
from utils.jobs.bundle import bundled

ENDING_S = 0.5  # that this process may take to end once the other one has gone


def main(backend: str) -> None:
    """Answer until the other process ends.

    Parameters
    ----------
    backend : what is going to run the networks; Hailo's SDK has to be imported before TensorFlow.
    """
    faulthandler.enable()
    requests, answers = _taken(0), _taken(1)
    serving = Serving(requests, answers)
    if backend == EMBEDDED or (backend == AUTO and not is_installed()):
        serving.answering.prepare()
    with _ending_at_once():
        serving.serve()


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Have what cannot be answered any more end the process, whatever its threads wait for."""
    try:
        yield
    except BaseException:
        with suppress(BaseException):
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(1)


def _taken(descriptor: int) -> RawIOBase:
    """A stream of our own in place of one that libraries may read or print to from now on."""
    own = os.dup(descriptor)
    other = os.open(os.devnull, os.O_RDONLY) if descriptor == 0 else os.dup(2)
    os.dup2(other, descriptor)
    os.close(other)
    return FileIO(own, "r" if descriptor == 0 else "w")


def _kind_of(error: DiagnosticError) -> str:
    """The class that the other process is to raise."""
    known = (DatasetError, DamagedMemberError)
    return next((each.__name__ for each in known if isinstance(error, each)), "DiagnosticError")


class Serving:
    """Questions come in by one thread, answers go out by another, and signs of life by a third.

    So an interruption tears no message, the end of the other process is noticed whatever the
    networks do, and the other process knows that they do something.

    Attributes
    ----------
    answering : who knows the answers.
    """

    def __init__(self, requests: RawIOBase, answers: RawIOBase) -> None:
        """Start the threads."""
        self._requests: SimpleQueue[Message | None] = SimpleQueue()
        self._answers: SimpleQueue[Message | tuple[Kind, object]] = SimpleQueue()
        self._is_busy = False
        self.answering = Answering(self.tell)
        signal.signal(signal.SIGINT, self._interrupt)
        relay_log(lambda said: self.tell(Kind.SAID, said))
        works = (partial(self._listen, requests), partial(self._write, answers), self._give_signs)
        for work in works:
            threading.Thread(target=work, daemon=True).start()

    def tell(self, kind: Kind, value: object) -> None:
        """Send a message with what it is about, which nobody changes any more."""
        self._answers.put((kind, value))

    def serve(self) -> None:
        """Answer one request after the other, until the other process ends."""
        while (message := self._requests.get()) is not None:
            self._answer(message)

    def _answer(self, message: Message) -> None:
        try:
            self._is_busy = True
            try:
                self._answers.put(Message(Kind.ANSWER, bundled(self.answering.answer(message))))
            finally:
                self._is_busy = False
        except KeyboardInterrupt:
            self._answers.put(Message(Kind.INTERRUPTED))
        except DiagnosticError as error:
            self.tell(Kind.REFUSED, Refused(_kind_of(error), str(error)))
        except (Exception, SystemExit) as error:
            trace = traceback.format_exc()
            self.tell(Kind.REFUSED, Refused("", fault_sentence(error), trace))

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._is_busy:  # an interruption that comes too late has nothing to end
            raise KeyboardInterrupt

    def _listen(self, stream: RawIOBase) -> None:
        with _ending_at_once():
            self._take_in(stream)
        if not self._is_busy and PACKAGE in sys.modules:
            self._requests.put(None)  # it may have something to clean up
            time.sleep(ENDING_S)
        os._exit(0)

    def _take_in(self, stream: RawIOBase) -> None:
        while (message := read_message(stream)) is not None:
            if message.kind is Kind.INTERRUPT:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            elif message.kind is Kind.COMING:
                self.answering.look_ahead(message.payload)
            else:
                self._requests.put(message)

    def _give_signs(self) -> None:
        while True:
            self._answers.put(Message(Kind.ALIVE))
            time.sleep(SIGNS_EVERY_S)

    def _write(self, stream: RawIOBase) -> None:
        with _ending_at_once():
            while True:
                told = self._answers.get()
                # Packed here, where the networks need not wait for it.
                message = told if isinstance(told, Message) else Message(told[0], bundled(told[1]))
                write_message(stream, message)
