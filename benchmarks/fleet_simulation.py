"""A fleet on more workers than there are: its tasks replayed over times that were measured.

Tasks are handed out as `diagnosis.fleet.rounds` does it: twice as many archives as workers are
under way, each with a worker that is to have it; who has nothing to do takes over what waits for
others. A worker that begins with another archive has to read and to trace it.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

JOINED = 8  # as of `diagnosis.fleet.rounds`, which would import the tool
AT_ONCE = 2
AT_HAND = 2  # archives that a worker keeps open


@dataclass(frozen=True)
class Times:
    """Seconds that the tasks of an archive take on one core.

    Parameters
    ----------
    survey : reading the archive.
    opening : reading and tracing it, on a worker that has it not.
    slices : of each slice, once it is traced.
    join : of a task that joins slices.
    judge : of the archive as a whole.
    look : of looking at its samples, beside the slices.
    answers : of each part that judging asks for.
    """

    name: str
    survey: float
    opening: float
    slices: tuple[float, ...]
    join: float
    judge: float
    look: float = 0.0
    answers: tuple[float, ...] = ()

    def named(self, name: str) -> Times:
        """The same archive under another name."""
        return replace(self, name=name)

    @property
    def joins(self) -> int:
        """How many tasks join its slices."""
        count, left = 0, len(self.slices)
        while left > 1:
            left = -(-left // JOINED)
            count += left
        return count

    @property
    def serial(self) -> float:
        """Seconds that it takes with any number of workers."""
        return (
            self.survey
            + self.opening
            + max(*self.slices, self.look, 0.0)
            + self.joins * self.join
            + max(self.answers, default=0.0)
            + self.judge
        )


@dataclass(frozen=True)
class Replayed:
    """A fleet on so many workers.

    Parameters
    ----------
    seconds : from the first task to the end of the last.
    busy : of all workers together.
    """

    workers: int
    seconds: float
    busy: float


@dataclass
class _Underway:
    """An archive under way: what of it waits, and what is left before the next kind of task."""

    times: Times
    home: int
    waiting: deque[tuple[str, float]] = field(default_factory=deque)
    running: int = 0
    stage: int = 0


_STAGES = ("survey", "measure", "join", "answer", "judge")


def replayed(archives: Sequence[Times], workers: int, handing_out: float = 0.0) -> Replayed:
    """How long a fleet takes on so many workers.

    Parameters
    ----------
    handing_out : seconds of the scheduler for each task, one after the other.
    """
    return _Replay(archives, workers, handing_out).run()


class _Replay:
    def __init__(self, archives: Sequence[Times], workers: int, handing_out: float) -> None:
        self._todo = deque(archives)
        self._workers = workers
        self._handing_out = handing_out
        self._underway: list[_Underway] = []
        self._at_hand: list[deque[str]] = [deque(maxlen=AT_HAND) for _ in range(workers)]
        self._idle = list(range(workers))
        self._events: list[tuple[float, int, int, _Underway]] = []
        self._scheduler_free = 0.0
        self._busy = 0.0
        self._count = 0

    def run(self) -> Replayed:
        """Replay all of it."""
        now = 0.0
        self._fill()
        self._start(now)
        while self._events:
            now, _, worker, archive = heapq.heappop(self._events)
            self._idle.append(worker)
            archive.running -= 1
            if not archive.running and not archive.waiting:
                self._advance(archive)
            self._fill()
            self._start(now)
        return Replayed(self._workers, now, self._busy)

    def _fill(self) -> None:
        while self._todo and len(self._underway) < AT_ONCE * self._workers:
            loads = [0] * self._workers
            for each in self._underway:
                loads[each.home] += 1
            times = self._todo.popleft()
            archive = _Underway(times, loads.index(min(loads)))
            archive.waiting.append(("survey", times.survey))
            self._underway.append(archive)

    def _advance(self, archive: _Underway) -> None:
        """Let the next kind of task wait, or end the archive."""
        times = archive.times
        tasks: dict[str, list[float]] = {
            "measure": [*times.slices, *([times.look] if times.look else [])],
            "join": [times.join * times.joins] if times.joins else [],
            "answer": list(times.answers),
            "judge": [times.judge],
        }
        while not archive.waiting and archive.stage + 1 < len(_STAGES):
            archive.stage += 1
            kind = _STAGES[archive.stage]
            archive.waiting.extend((kind, seconds) for seconds in tasks[kind])
        if not archive.waiting:
            self._underway.remove(archive)

    def _start(self, now: float) -> None:
        """Give tasks to those who have nothing to do, their own archives' first."""
        for worker in sorted(self._idle):
            archive = self._next_for(worker)
            if archive is None:
                continue
            self._idle.remove(worker)
            kind, seconds = archive.waiting.popleft()
            if (
                kind in ("measure", "answer", "judge")
                and archive.times.name not in self._at_hand[worker]
            ):
                self._at_hand[worker].append(archive.times.name)
                seconds += archive.times.opening
            archive.running += 1
            self._scheduler_free = max(self._scheduler_free, now) + self._handing_out
            self._busy += seconds
            self._count += 1
            end = self._scheduler_free + seconds
            heapq.heappush(self._events, (end, self._count, worker, archive))

    def _next_for(self, worker: int) -> _Underway | None:
        own = (each for each in self._underway if each.home == worker and each.waiting)
        others = [each for each in self._underway if each.waiting]
        most = max(others, key=lambda each: sum(s for _, s in each.waiting), default=None)
        return next(own, most)
