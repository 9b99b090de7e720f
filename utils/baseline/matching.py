"""Which findings of two runs are the same one.

Inspector and id have to be the same. Of several of one id those belong together that share most
layers; a finding that names five layers before and four of them now is one finding. An inspector
may also sort the same layers into its findings otherwise, e.g. by severity: a layer that only
moved to another finding of the id makes none new and none fixed. Of several at the same layers
those belong together that have the same headline.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from utils.baseline.run_facts import FindingFacts
from utils.findings import Severity

# Findings of one id at one layer that are looked at. A run makes a few; without a limit a report
# could be made up with which the comparison takes minutes.
MAX_AT_LAYER = 50


@dataclass(frozen=True)
class Match:
    """A finding of today with what it was before, or one of before that is no more.

    Parameters
    ----------
    now : None if no finding of today corresponds.
    before : the same before; () if there was none, several if they were joined.
    added : its layers that had no finding of this id before, or only milder ones.
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
    of_now: dict[int, list[FindingFacts]] = {}
    for i, j in sorted(pairs):
        of_now.setdefault(j, []).append(before[i])
    worst, layers_now = _worst_by_layer(before), _layers(now)
    for j, finding in enumerate(now):
        same = tuple(of_now.get(j, ()))
        added = {n for n in finding.layer_set if n not in worst or worst[n] < finding.severity}
        yield Match(finding, same, frozenset(added), _layers(same) - layers_now)
    kept = {i for i, _ in pairs}
    for i, finding in enumerate(before):
        if i not in kept:
            yield Match(None, (finding,), removed=finding.layer_set)


def _layers(findings: Iterable[FindingFacts]) -> frozenset[str]:
    return frozenset(layer for finding in findings for layer in finding.layers)


def _worst_by_layer(findings: Iterable[FindingFacts]) -> dict[str, Severity]:
    worst: dict[str, Severity] = {}
    for finding in findings:
        for name in finding.layer_set:
            worst[name] = max(finding.severity, worst.get(name, finding.severity))
    return worst


def _pairs(before: Sequence[FindingFacts], now: Sequence[FindingFacts]) -> set[tuple[int, int]]:
    """Indices (before, now) of what is the same, one to one, the most alike first."""
    pairs: dict[int, int] = {}
    ways: list[Callable[[FindingFacts], Hashable]] = [_message, _headline, _layers_of]
    if not all(finding.headline for finding in (*before, *now)):
        ways += [_line, _is_placed]  # the words of another version say nothing
    for way in ways:
        _pair_by(way, before, now, pairs)
    _pair_by_shared_layers(before, now, pairs)
    return set(pairs.items())


def _message(finding: FindingFacts) -> Hashable:
    return finding.layer_set, finding.message


def _headline(finding: FindingFacts) -> Hashable | None:
    return (finding.layer_set, finding.headline) if finding.headline else None


def _layers_of(finding: FindingFacts) -> Hashable | None:
    # What stands in a text, such as an error in a script, is only known by its words.
    return None if _is_placed(finding) else finding.layer_set


def _line(finding: FindingFacts) -> Hashable | None:
    return finding.line if _is_placed(finding) else None


def _is_placed(finding: FindingFacts) -> Hashable | None:
    return True if finding.line is not None and not finding.layers else None


def _pair_by(
    key: Callable[[FindingFacts], Hashable],
    before: Sequence[FindingFacts],
    now: Sequence[FindingFacts],
    pairs: dict[int, int],
) -> None:
    """Pair, in their order, what has the same key and no partner yet; None pairs with nothing."""
    taken = set(pairs.values())
    waiting: dict[Hashable, deque[int]] = {}
    for j, later in enumerate(now):
        if j not in taken:
            waiting.setdefault(key(later), deque()).append(j)
    waiting.pop(None, None)
    for i, earlier in enumerate(before):
        if i not in pairs and (same := waiting.get(key(earlier))):
            pairs[i] = same.popleft()


def _pair_by_shared_layers(
    before: Sequence[FindingFacts], now: Sequence[FindingFacts], pairs: dict[int, int]
) -> None:
    taken = set(pairs.values())
    by_layer = _by_layer(before, pairs)
    candidates: list[tuple[float, bool, bool, int, int]] = []
    for j, later in enumerate(now):
        if j in taken:
            continue
        for i, shared in _shared(later.layer_set, by_layer).items():
            earlier = before[i]
            alike = shared / (len(earlier.layer_set) + len(later.layer_set) - shared)
            words = earlier.message != later.message, earlier.headline != later.headline
            candidates.append((-alike, *words, i, j))
    for *_, i, j in sorted(candidates):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _by_layer(
    findings: Sequence[FindingFacts], without: Container[int] = ()
) -> dict[str, list[int]]:
    """Indices of the findings at each layer, as many as are looked at."""
    by_layer: dict[str, list[int]] = {}
    for i, finding in enumerate(findings):
        for name in () if i in without else finding.layer_set:
            known = by_layer.setdefault(name, [])
            if len(known) < MAX_AT_LAYER:
                known.append(i)
    return by_layer


def _shared(layers: Iterable[str], by_layer: Mapping[str, Sequence[int]]) -> Counter[int]:
    """Findings at any of the layers, with the number of these."""
    return Counter(i for name in layers for i in by_layer.get(name, ()))


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
    at_before, at_now = _by_layer(before), _by_layer(now)
    lost = {i: _most_shared(f, more_before, at_now) for i, f in enumerate(before) if i not in kept}
    found = {j: _most_shared(f, more_now, at_before) for j, f in enumerate(now) if j not in known}
    return {(i, j) for i, j in lost.items() if j is not None} | {
        (i, j) for j, i in found.items() if i is not None
    }


def _most_shared(
    finding: FindingFacts, more: Container[str], others: Mapping[str, Sequence[int]]
) -> int | None:
    shared = _shared((name for name in finding.layer_set if name not in more), others)
    return min(shared, key=lambda index: (-shared[index], index), default=None)
