"""Which findings of two runs are the same one.

Inspector and id have to be the same. Of several of one id those belong together that share most
layers; a finding that names five layers before and four of them now is one finding. An inspector
may also sort the same layers into its findings otherwise, e.g. by severity: a layer that only
moved to another finding of the id makes none new and none fixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from utils.comparison.run_facts import FindingFacts


@dataclass(frozen=True)
class Match:
    """A finding of today with what it was before, or one of before that is no more.

    Parameters
    ----------
    now : None if no finding of today corresponds.
    before : the same before; () if there was none, several if they were joined.
    added : its layers that no finding of this id had before.
    removed : layers that it had before, and that no finding of this id has now.
    """

    now: FindingFacts | None
    before: tuple[FindingFacts, ...]
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def shown(self) -> FindingFacts:
        """The finding as it is, or was."""
        return self.now or self.before[0]


def matches(before: Iterable[FindingFacts], now: Iterable[FindingFacts]) -> Iterator[Match]:
    """Every finding of both runs once; those of today in their order, then those that are gone."""
    groups: dict[tuple[str, str], tuple[list[FindingFacts], list[FindingFacts]]] = {}
    for run, findings in enumerate((before, now)):
        for finding in findings:
            groups.setdefault((finding.inspector, finding.id), ([], []))[run].append(finding)
    for earlier, later in groups.values():
        yield from _matches_of_one_id(earlier, later)


def _matches_of_one_id(
    before: Sequence[FindingFacts], now: Sequence[FindingFacts]
) -> Iterator[Match]:
    pairs = _pairs(before, now)
    pairs |= _moved(before, now, pairs)
    layers_before, layers_now = _layers(before), _layers(now)
    for j, finding in enumerate(now):
        same = tuple(before[i] for i in sorted(i for i, other in pairs if other == j))
        added, removed = finding.layer_set - layers_before, _layers(same) - layers_now
        yield Match(finding, same, added, removed)
    kept = {i for i, _ in pairs}
    for i, finding in enumerate(before):
        if i not in kept:
            yield Match(None, (finding,), removed=finding.layer_set)


def _layers(findings: Iterable[FindingFacts]) -> frozenset[str]:
    return frozenset(layer for finding in findings for layer in finding.layers)


def _pairs(before: Sequence[FindingFacts], now: Sequence[FindingFacts]) -> set[tuple[int, int]]:
    """Indices (before, now) of what is the same, one to one, the most alike first."""
    candidates = [
        (likeness, i, j)
        for i, earlier in enumerate(before)
        for j, later in enumerate(now)
        if (likeness := _likeness(earlier, later)) is not None
    ]
    candidates.sort(key=lambda candidate: candidate[0], reverse=True)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in candidates:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return set(pairs.items())


def _likeness(earlier: FindingFacts, later: FindingFacts) -> tuple[float, bool, bool] | None:
    """How much two findings of one id have in common; None if they cannot be the same."""
    words = earlier.message == later.message, earlier.wording == later.wording
    if not earlier.layers and not later.layers:
        # What stands in a text, such as an error in a script, is only known by its words.
        is_placed = earlier.is_located or later.is_located
        return None if is_placed and not words[1] else (1.0, *words)
    shared = len(earlier.layer_set & later.layer_set)
    return (shared / len(earlier.layer_set | later.layer_set), *words) if shared else None


def _moved(
    before: Sequence[FindingFacts], now: Sequence[FindingFacts], pairs: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Further pairs for findings without one whose layers others of the id name in the other run.

    A layer that is named more often than in the other run does not count: it has one problem more.
    """
    often_before, often_now = (
        Counter(n for f in run for n in f.layer_set) for run in (before, now)
    )
    more_before, more_now = often_before - often_now, often_now - often_before
    kept, known = {i for i, _ in pairs}, {j for _, j in pairs}
    lost = {i: _most_shared(f, more_before, now) for i, f in enumerate(before) if i not in kept}
    found = {j: _most_shared(f, more_now, before) for j, f in enumerate(now) if j not in known}
    return {(i, j) for i, j in lost.items() if j is not None} | {
        (i, j) for j, i in found.items() if i is not None
    }


def _most_shared(
    finding: FindingFacts, more: Counter[str], others: Sequence[FindingFacts]
) -> int | None:
    moved = {layer for layer in finding.layer_set if layer not in more}
    shared = [len(other.layer_set & moved) for other in others]
    most = max(shared, default=0)
    return shared.index(most) if most else None
