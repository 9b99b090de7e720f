"""What is measured behind the data pass, as tasks of their own: dear parts, and what came of them.

Judging an archive comes to a question that takes long, such as what each of its layers does. It
stops there and hands out the question in parts; once they are answered it is begun again, and
finds every answer in the folder of results. So a worker that dies loses a part, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnosis.fleet.at_hand import at_hand
from diagnosis.fleet.tasks import Done, Workplace, options_of, turn
from utils.backends.parts import Answer, Part
from utils.errors import DiagnosticError
from utils.fleet.plan import Case
from utils.fleet.store import Store, key_of
from utils.jobs.plain import packed

if TYPE_CHECKING:
    from utils.backends.networks import Networks

# What is computed faster than this share of a slice is computed again instead of being kept.
LEAST_KEPT = 0.01

Bundle = tuple[Part[Any], ...]


@dataclass(frozen=True)
class Asked:
    """What has to be answered before an archive can be judged.

    Parameters
    ----------
    context : key of the measurements that the answers belong to.
    bundles : parts, those of a bundle for the same task.
    seconds : what judging took until here.
    """

    context: str
    bundles: tuple[Bundle, ...]
    seconds: float = 0.0


class UnansweredError(BaseException):
    """Others are to answer first: no fault, so that nobody who contains faults holds it up."""

    def __init__(self, context: str, bundles: tuple[Bundle, ...]) -> None:
        """Take what they are to answer; see `Asked`."""
        super().__init__(f"{len(bundles)} bundles of parts")
        self.context = context
        self.bundles = bundles


class KeptParts:
    """Answers that are kept; others are asked for where that is worth it. See `Parts`."""

    def __init__(self, place: Workplace, context: str, told: Mapping[str, str]) -> None:
        """Take what all answers depend on.

        Parameters
        ----------
        context : key of the measurements that the answers belong to.
        told : by key of a part that was asked for, why it has no answer; "" where it has one.
        """
        self._work = place.slice_work
        self._context = context
        self._store = Store(place.results, context)
        self._told = told

    def spreads(self, work: float) -> bool:
        """See `Parts`."""
        return work > self._work

    def answers(
        self, parts: Sequence[Part[Answer]], networks: Networks, work: float
    ) -> Iterator[Answer]:
        """See `Parts`.

        Raises
        ------
        UnansweredError : others are to answer some of them first.
        """
        each = work / max(len(parts), 1)
        missing = [part for part in parts if not self._is_known(part)]
        if len(missing) > 1 and self.spreads(each * len(missing)):
            size = max(int(self._work / each), 1)
            cuts = range(0, len(missing), size)
            raise UnansweredError(
                self._context, tuple(tuple(missing[cut : cut + size]) for cut in cuts)
            )
        return (self._answer(part, networks, each) for part in parts)

    def _is_known(self, part: Part[Any]) -> bool:
        key = part_key(part)
        return key in self._told or self._store.has(key)

    def _answer(self, part: Part[Answer], networks: Networks, work: float) -> Answer:
        key = part_key(part)
        if failure := self._told.get(key):
            raise DiagnosticError(failure)
        kept: Answer | None = self._store.read(part.ANSWER, key)
        if kept is not None:
            return kept
        found = part.run(networks)
        if work >= LEAST_KEPT * self._work:
            self._store.write(key, found)
        return found


def part_key(part: Part[Any]) -> str:
    """Name of an answer among those of the same measurements."""
    document, _ = packed(part)
    return key_of(type(part).__name__, document)


def answer(
    case: Case, place: Workplace, used: int, context: str, bundle: Bundle
) -> tuple[Done, ...]:
    """Run parts of what is measured of an archive, unless that was done before.

    Parameters
    ----------
    used : samples that are measured.
    context : key of what was measured of them.
    """
    store = Store(place.results, context)
    with turn():
        try:
            networks = at_hand(options_of(case, place)).networks(used)
            # What is traced is shared, what is computed goes with this task.
            networks = networks.on(networks.job)
            networks.keep_samples()
        except DiagnosticError as error:
            return tuple(Done(part_key(part), error.whole) for part in bundle)
        return tuple(_answered(store, networks, part) for part in bundle)


def _answered(store: Store, networks: Networks, part: Part[Any]) -> Done:
    key = part_key(part)
    if store.has(key):
        return Done(key)
    try:
        store.write(key, part.run(networks))
    except DiagnosticError as error:
        return Done(key, error.whole)
    return Done(key)
