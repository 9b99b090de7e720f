"""The search for the fewest layers that have to run at 16 bit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

# Each trial runs the quantized network on samples. Bisecting 1000 layers takes 10 trials, so
# that 29 are left to leave out layers; plans that people want to pay for have fewer.
MAX_TRIALS = 40

# What emulation with some layers at 16 bit yields.
T = TypeVar("T")
MayTry = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class SearchResult(Generic[T]):
    """What a search found.

    Parameters
    ----------
    layers : the layers to run at 16 bit, most harmful first; all candidates where even they do
        not reach the target.
    after : what emulation with these layers at 16 bit yields.
    trials : number of different sets that were emulated.
    reached : whether that is enough.
    minimal : whether a shorter head, and leaving out, was tried for every layer.
    """

    layers: tuple[str, ...]
    after: T
    trials: int
    reached: bool
    minimal: bool


class _Trials(Generic[T]):
    """Sets of candidates that were emulated."""

    def __init__(
        self,
        ranking: Iterable[str],
        emulate: Callable[[Sequence[str]], T],
        is_enough: Callable[[T], bool],
        may_try: MayTry,
    ) -> None:
        self.ranking = tuple(dict.fromkeys(ranking))
        self._emulate = emulate
        self._may_try = may_try
        self._is_enough = is_enough
        self._found: dict[frozenset[str], T] = {}

    @property
    def count(self) -> int:
        return len(self._found)

    def outcome(self, layers: Iterable[str]) -> T:
        """What emulation with these layers at 16 bit yields."""
        chosen = frozenset(layers)
        if chosen not in self._found:
            self._found[chosen] = self._emulate(self._ranked(chosen))
        return self._found[chosen]

    def affords(self, layers: Iterable[str]) -> bool:
        """Whether a set is known, or may still be tried."""
        chosen = frozenset(layers)
        if chosen in self._found:
            return True
        return self.count < MAX_TRIALS and self._may_try(self._ranked(chosen))

    def _ranked(self, chosen: Collection[str]) -> list[str]:
        return [name for name in self.ranking if name in chosen]

    def reaches(self, layers: Iterable[str]) -> bool:
        """Whether that is enough."""
        return self._is_enough(self.outcome(layers))


def _always(layers: Sequence[str]) -> bool:
    del layers
    return True


def smallest_set(
    ranking: Sequence[str],
    emulate: Callable[[Sequence[str]], T],
    is_enough: Callable[[T], bool],
    may_try: MayTry = _always,
) -> SearchResult[T]:
    """Few layers that reach a target when they run at 16 bit.

    A heuristic: the shortest head of the ranking that reaches the target is found by bisection,
    then its layers are left out one by one, the least harmful first, as long as the target
    holds. So no single layer of the result can be left out, unless `MAX_TRIALS` or `may_try` ended
    the search before (`minimal`) or 16 bit at one layer makes an output worse; a smaller set of
    other layers may exist.

    Parameters
    ----------
    ranking : candidates, the most harmful first.
    emulate : what the outputs come to with the given layers at 16 bit.
    is_enough : whether that reaches the target.
    may_try : whether these layers may still be tried. All candidates together always are.
    """
    trials = _Trials(ranking, emulate, is_enough, may_try)
    layers = trials.ranking
    if not trials.reaches(layers):
        return SearchResult(
            layers, trials.outcome(layers), trials.count, reached=False, minimal=False
        )
    head, is_shortest = _shortest_head(trials)
    kept, minimal = _pruned(trials, head) if is_shortest else (head, False)
    return SearchResult(kept, trials.outcome(kept), trials.count, reached=True, minimal=minimal)


def _shortest_head(trials: _Trials[T]) -> tuple[tuple[str, ...], bool]:
    """A head of the ranking that reaches the target, while the one shorter by one does not.

    The empty head is not tried: there is no search if nothing has to change.

    Returns
    -------
    The head, and whether the search for a shorter one came to its end.
    """
    too_short, enough = 0, len(trials.ranking)
    while enough - too_short > 1:
        middle = trials.ranking[: (too_short + enough) // 2]
        if not trials.affords(middle):
            return trials.ranking[:enough], False
        if trials.reaches(middle):
            enough = len(middle)
        else:
            too_short = len(middle)
    return trials.ranking[:enough], True


def _pruned(trials: _Trials[T], layers: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The layers without those that the target does not need, and whether all were tried."""
    for name in reversed(layers):
        without = tuple(other for other in layers if other != name)
        if not trials.affords(without):
            return layers, False
        if trials.reaches(without):
            layers = without
    return layers, True
