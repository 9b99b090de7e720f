"""One time through archives on a cluster: tasks are handed out, and rows come back."""

from __future__ import annotations

import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnosis.fleet import answers, judging, tasks
from diagnosis.fleet.answers import Asked
from diagnosis.fleet.cluster import how_one_starts
from diagnosis.fleet.judging import Judged, failed
from diagnosis.fleet.own_workers import ALL_DIED, NONE_LEFT, are_own, is_none_left
from diagnosis.fleet.tasks import Surveyed, Workplace
from utils.errors.faults import machine_fault
from utils.fleet.plan import Case
from utils.fleet.rows import Row
from utils.terminal.logger import LOGGER
from utils.wording import short

JOINED = 8  # slices, or what was joined of them, that one task joins
RETRIES = 2  # of a task that fails by no fault of the archive: a folder that was gone for a moment
# Archives that a worker has before it: one in its hands, and the next one.
AT_ONCE = 2

POLL = 0.1  # seconds
# Without anything coming back, until it is asked whether that can still be.
QUIET_SECONDS = 15.0

KILLED = (
    "workers died again and again while they ran this archive alone, mostly because memory ran "
    "out; give workers more memory, or a smaller batch-size to the archive"
)
OUT_OF_MEMORY = (
    "this archive takes more memory than a worker may have: running it alone, workers were ended "
    "at their memory limit again and again; give workers more memory, on one machine by fewer "
    "--workers, or a smaller batch-size to the archive"
)
GONE, DIED = "have gone, and others came", "died, and others were started"
ELSE = "make room there, or name another folder with --results"
# Under this topic Dask's nannies tell that they ended a worker at its memory limit.
ENDED_FOR_MEMORY = "worker-restart-memory"

OnRow = Callable[[Row], object]
OnWork = Callable[[float, float], object]


@dataclass
class Left:
    """Archives whose tasks came to no end.

    Parameters
    ----------
    killed : why by case: workers died while they had its tasks, maybe by another's fault.
    lost : the cluster forgot them.
    """

    killed: dict[Case, str] = field(default_factory=dict)
    lost: list[Case] = field(default_factory=list)


@dataclass
class _Underway:
    """An archive whose tasks were handed out.

    Parameters
    ----------
    home : the worker that is to have it.
    slices : work by key of the task.
    used, found : what judging it takes, the latter as futures.
    answered : futures of all that judging has asked for.
    """

    case: Case
    home: str
    slices: dict[str, float] = field(default_factory=dict)
    used: int = 0
    found: list[Any] = field(default_factory=list)
    answered: list[Any] = field(default_factory=list)


class Round:
    """One time through some archives.

    A worker is given an archive as a whole, so that it is read and traced once; who has nothing to
    do takes slices from others.
    """

    def __init__(
        self, client: Any, place: Workplace, by: Judged, on_row: OnRow, on_work: OnWork
    ) -> None:
        """Take a cluster.

        Parameters
        ----------
        on_row : called with every row as soon as it is there.
        on_work : called with work that became known, and with work that was done, in
            multiply-accumulates.
        """
        from distributed import as_completed

        self._client = client
        self._place = place
        self._by = by
        self._on_row = on_row
        self._on_work = on_work
        self._token = secrets.token_hex(4)
        self._futures: Any = as_completed(loop=client.loop, raise_errors=False)
        self._underway: dict[str, _Underway] = {}  # by key of its survey, then of its judging
        self._measuring: dict[str, _Underway] = {}
        self._waiting: deque[Case] = deque()
        self._left = Left()
        self._was_without = False  # workers
        self._are_own = are_own(client)
        self._have_died = False  # all of our own workers, with tasks in their hands
        self._ended = len(client.get_events(ENDED_FOR_MEMORY))  # workers, for their memory

    def run(self, cases: Sequence[Case], at_once: int = 0) -> Left:
        """Diagnose them; what came to no end is handed back.

        Parameters
        ----------
        at_once : how many archives at most are handed out at a time; 0 for what suits the workers.
        """
        self._waiting.extend(cases)
        self._fill(at_once)
        try:
            while not self._futures.is_empty() and (future := self._next()) is not None:
                self._take(future)
                self._fill(at_once)
        except BaseException:
            self._client.cancel([*self._futures.futures], force=True)
            raise
        return self._left

    def _next(self) -> Any:
        """The next future that is through; None where nobody will run what is left.

        Those that wait for workers that are gone are ended.
        """
        asked = time.monotonic()
        while not self._futures.has_ready():
            time.sleep(POLL)
            if time.monotonic() - asked > QUIET_SECONDS:
                asked = time.monotonic()
                if is_none_left(self._client):
                    self._give_up()
                    return None
                if self._waits_in_vain():
                    self._have_died = self._are_own
                    LOGGER.warning("All workers %s", DIED if self._are_own else GONE)
                    self._client.cancel([*self._futures.futures], force=True)
        return next(self._futures)

    def _give_up(self) -> None:
        self._client.cancel([*self._futures.futures], force=True)
        for case in (*(each.case for each in self._underway.values()), *self._waiting):
            self._on_row(failed(case, NONE_LEFT))

    def _waits_in_vain(self) -> bool:
        """Whether nobody runs our tasks, as those whom they were wished onto have all gone.

        Dask gives a task to others where such a worker dies, but not where for a moment there was
        none at all: then it waits for that very address.
        """
        workers = set(self._client.nthreads())
        homes = {each.home for each in self._underway.values()} - {""}
        if not workers and not self._was_without and not self._are_own:
            LOGGER.warning(
                "The cluster has no workers any more, and the fleet waits for some; %s",
                how_one_starts(self._client),
            )
        self._was_without = not workers
        if not workers or not homes or homes & workers:
            return False
        running = (key for keys in self._client.processing().values() for key in keys)
        return not any(str(key).endswith(self._token) for key in running)

    def _fill(self, at_once: int) -> None:
        if not self._waiting:
            return
        workers = list(self._client.nthreads())
        most = at_once or AT_ONCE * max(len(workers), 1)
        while self._waiting and len(self._underway) < most:
            case = self._waiting.popleft()
            has = Counter(each.home for each in self._underway.values())
            # What is wished onto the only worker would wait for ever for that one, once it died.
            home = min(workers, key=lambda each: has[each]) if len(workers) > 1 else ""
            found = _Underway(case, home)
            future = self._submit(found, "survey", tasks.survey, case, self._place)
            self._underway[future.key] = found
            self._futures.add(future)

    def _take(self, future: Any) -> None:
        if future.key in self._measuring:
            work = self._measuring.pop(future.key).slices.pop(future.key, 0.0)
            self._on_work(0.0, work)
            return
        found = self._underway.pop(future.key)
        if future.status == "finished":
            result = future.result()
            if isinstance(result, Row):
                self._on_row(result)
            elif isinstance(result, Asked):
                self._ask(found, result)
            else:
                self._hand_out(found, result)
        elif future.status == "error":
            self._take_error(found.case, future.exception())
        else:
            self._lose(found.case)

    def _lose(self, case: Case) -> None:
        """Hand a case back of which nobody has the tasks any more."""
        if self._have_died:
            self._left.killed[case] = ALL_DIED
        else:
            self._left.lost.append(case)

    def _take_error(self, case: Case, error: BaseException) -> None:
        kind = type(error).__name__
        said = short(f"{kind}: {error}", 300)
        if kind == "KilledWorker":
            self._left.killed[case] = OUT_OF_MEMORY if self._is_memory_full() else KILLED
        elif "Cancelled" in kind:
            self._lose(case)
        elif isinstance(error, OSError):
            fault = machine_fault(error) or said
            self._on_row(failed(case, f"the folder of results could not be used: {fault}; {ELSE}"))
        else:
            self._on_row(failed(case, f"the diagnosis failed, please report it ({said})"))

    def _is_memory_full(self) -> bool:
        """Whether a worker was ended at its memory limit since this was asked last."""
        before, self._ended = self._ended, len(self._client.get_events(ENDED_FOR_MEMORY))
        return self._ended > before

    def _hand_out(self, found: _Underway, surveyed: Surveyed) -> None:
        """The tasks of an archive: slices, a tree of joins, judging."""
        case = found.case
        if surveyed.failure:
            self._on_row(failed(case, surveyed.failure))
            return
        parts = []
        for part in surveyed.parts:
            args = (case, self._place, surveyed.used, part)
            future = self._submit(found, "measure", tasks.measure, *args, at=f"{part.first}")
            found.slices[future.key] = surveyed.work * part.samples
            self._measuring[future.key] = found
            self._futures.add(future)
            parts.append(future)
        self._on_work(sum(found.slices.values()), 0.0)
        found.used, found.found = surveyed.used, [None, None]
        if parts:
            looked = self._submit(found, "look", tasks.look, case, self._place, surveyed.used)
            found.found = [self._joined(found, parts), looked]
        self._judge(found, 0.0)

    def _judge(self, found: _Underway, seconds: float) -> None:
        """Have an archive judged, which has taken some seconds already."""
        known = (found.used, found.found, found.answered, seconds)
        at = f"{len(found.answered)}"
        args = (found.case, self._place, self._by, *known)
        row = self._submit(found, "judge", judging.judge, *args, at=at)
        self._underway[row.key] = found
        self._futures.add(row)

    def _ask(self, found: _Underway, asked: Asked) -> None:
        """Have answered what judging asks, and then judge again."""
        for bundle in asked.bundles:
            args = (found.case, self._place, found.used, asked.context, bundle)
            at = f"{len(found.answered)}"
            found.answered.append(self._submit(found, "answer", answers.answer, *args, at=at))
        self._judge(found, asked.seconds)

    def _joined(self, found: _Underway, parts: Sequence[Any]) -> Any:
        """The measurements of all slices, at least one; the tree depends on their number alone."""
        level = 0
        while len(parts) > 1:
            groups = [parts[first : first + JOINED] for first in range(0, len(parts), JOINED)]
            parts = [
                self._submit(found, "join", tasks.join, self._place, group, at=f"{level}-{index}")
                for index, group in enumerate(groups)
            ]
            level += 1
        return parts[0]

    def _submit(
        self, found: _Underway, what: str, run: Callable[..., object], *args: Any, at: str = ""
    ) -> Any:
        # Others may take over what waits for a worker that is busy, or gone.
        wish = {"workers": [found.home], "allow_other_workers": True} if found.home else {}
        key = f"{what}-{found.case.name}-{at}-{self._token}"
        return self._client.submit(run, *args, key=key, pure=False, retries=RETRIES, **wish)
