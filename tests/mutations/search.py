"""Playing cases one after the other until the time is over, and what was found."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.mutations.cases import Case, Played
from tests.mutations.originals import original
from tests.mutations.reports import report_on

# A run that no signal reaches, within a library, ends the process with its tracebacks: by time of
# the processor where it computes, and where it waits for ever, by a clock that leaves room for
# machines that stand still for minutes.
DEAD_PROCESSOR_SECONDS = 60
DEAD_CLOCK_SECONDS = 900
# Holds the name of the case that is played, and stays where the process died with it.
CURRENT = Path(tempfile.gettempdir(), f"mutations-{os.getpid()}.case")


@dataclass
class Found:
    """What a search found.

    Parameters
    ----------
    played : number of cases by situation.
    kinds : how often each kind of fault was met.
    """

    played: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def lines(self) -> Iterator[str]:
        """The sums, in words."""
        cases = self.played.total()
        rate = cases / max(self.seconds, 1e-9)
        yield f"{cases} cases in {self.seconds:.0f} s, {rate:.1f} a second"
        yield ", ".join(f"{name} {times}" for name, times in self.played.most_common())
        yield f"{self.kinds.total()} faults of {len(self.kinds)} kinds"
        yield from (f"{times:6} {kind}" for kind, times in self.kinds.most_common())


def search(
    seed: int, seconds: float, first: int = 0, tell: Callable[[str], object] = lambda _: None
) -> Found:
    """Play cases of a seed, each as soon as the one before has ended.

    Parameters
    ----------
    seconds : after which no further case begins.
    first : number of the first case.
    tell : is given every fault of a new kind, shrunk, as lines of text.
    """
    warm_up()
    found, start = Found(), time.monotonic()
    for number in count(first):
        if time.monotonic() - start >= seconds:
            break
        case = Case(seed, number)
        with _ending_the_dead(case):
            played = case.play()
        found.played[case.situation] += 1
        if played.fault is not None:
            if played.fault.kind not in found.kinds:
                tell(described(case.shrunk(played.fault.kind)))
            found.kinds[played.fault.kind] += 1
    found.seconds = time.monotonic() - start
    return found


@contextmanager
def _ending_the_dead(case: Case) -> Iterator[None]:
    """Have a run that never ends end the process, and leave the name of its case in a file."""
    CURRENT.write_text(case.name)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + DEAD_PROCESSOR_SECONDS
    faulthandler.register(signal.SIGXCPU, chain=True)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
    faulthandler.dump_traceback_later(DEAD_CLOCK_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        faulthandler.unregister(signal.SIGXCPU)
    CURRENT.unlink()


def warm_up() -> None:
    """Run intact files with data once, so that no case is charged for what is imported then."""
    intact = original("small")
    report_on(intact.archive, intact.data)


def described(case: Case, played: Played | None = None) -> str:
    """What a case does, and what became of it."""
    told, argv, fault = played or case.play()
    lines = [f"--replay {case.name}: {' '.join(argv)}", *told]
    return "\n".join([*lines, *([f"FAULT {fault.kind}", fault.told] if fault else ["no fault"])])
