"""Why the archive's network computes other values than the original, by trying what mends it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice

import numpy as np

from utils.backends.stages.original.closeness import (
    Floats,
    closeness,
    is_clearly_closer,
    is_same,
)
from utils.backends.stages.original.entering import Archived
from utils.backends.stages.original.layouts import best_layout
from utils.backends.stages.original.looks import Look
from utils.backends.stages.original.matching import Pair, ways_to_read
from utils.backends.stages.original.mends import OTHER_WEIGHTS, Mend, Place
from utils.backends.stages.original.segments import Change, ChangedParameters, segment_of
from utils.emulator.floats.engine import FloatEmulator
from utils.errors import DiagnosticError
from utils.har.network import Network
from utils.references import Reference
from utils.stages import Reason
from utils.stages.runs import Samples
from utils.wording import listed, plural, printable, tenths

MOST_PLACES = 100  # that are run by themselves
MOST_COMPILED = 800  # layers, for trials at one of them
FEWEST_TRIALS = 20
MOST_ADDED = 6  # layers that are taken out together


@dataclass(frozen=True, eq=False)
class Mended:
    """A change that makes of the archive's operands what the original has.

    Parameters
    ----------
    mend : the change.
    before_db, after_db : closeness behind the place, which is fed by the original.
    place : layer behind which both differ, and are the same with the change.
    """

    mend: Mend
    before_db: float
    after_db: float
    place: str = ""


def mended_places(
    archived: Archived, reference: Reference, look: Look, entering: Samples
) -> tuple[Mended, ...]:
    """Every layer that gives another result than the original from the same operands.

    Parameters
    ----------
    look : both networks on a few samples, fed alike.
    entering : these samples, as the archive's network takes them.
    """
    return tuple(_mended(archived, reference, look, entering))


def _mended(
    archived: Archived, reference: Reference, look: Look, entering: Samples
) -> Iterator[Mended]:
    pairs = look.true_pairs
    known: dict[str, Floats] = {
        **{name: np.asarray(values, np.float32) for name, values in entering.items()},
        **{name: look.theirs(p) for name, p in pairs.items() if not _is_joined_otherwise(look, p)},
    }
    seen: set[str] = set()
    order = (layer.name for layer in look.network)
    different = (name for name in order if name in pairs and not pairs[name].is_same)
    for name in islice(different, MOST_PLACES):
        place = _place(archived, reference, name, known)
        before = _closeness_at(place, Change())
        for mended in () if is_same(before) else _what_mends(place, before):
            if mended.mend.layer not in seen:
                seen.add(mended.mend.layer)
                yield mended


def _is_joined_otherwise(look: Look, pair: Pair) -> bool:
    """Whether a concat is that of the original but for its order, which may be the fault."""
    return look.network[pair.layer].type == "concat" and bool(pair.layout.channels)


def _place(
    archived: Archived, reference: Reference, name: str, known: Mapping[str, Floats]
) -> Place:
    segment = segment_of(archived.network, name, known)
    values = {layer.name: known[layer.name] for layer in segment.border}
    return Place(archived.network, archived.parameters, reference, segment, values, known[name])


def _closeness_at(place: Place, change: Change) -> float:
    found = place.segment.run(place.parameters, place.values, change)
    return -math.inf if found is None else closeness(place.expected, found)


def _what_mends(place: Place, before: float) -> tuple[Mended, ...]:
    """The first change that makes the place equal; with other weights, which are seen, two."""
    if added := _without_added(place, before):
        return added
    weights: Mend | None = None
    trials = max(MOST_COMPILED // (1 + len(place.segment.layers)), FEWEST_TRIALS)
    for mend in islice(place.mends(), trials):
        after = _closeness_at(place, mend.change)
        if is_same(after):
            return (Mended(mend, before, after, place.segment.last),)
        if mend.word == OTHER_WEIGHTS:
            weights = weights or mend
        elif weights is not None:
            after = _closeness_at(place, weights.change.joined(mend.change))
            if is_same(after):
                last = place.segment.last
                return tuple(Mended(each, before, after, last) for each in (weights, mend))
    return ()


def _without_added(place: Place, before: float) -> tuple[Mended, ...]:
    """The layers that the original lacks, also several one after the other, where that is all."""
    needed = place.added()
    if not 1 <= len(needed) <= MOST_ADDED:
        return ()
    after = _closeness_at(place, _joined(needed))
    if not is_same(after):
        return ()
    for mend in list(needed):
        others = [each for each in needed if each is not mend]
        if others and is_same(_closeness_at(place, _joined(others))):
            needed = others
    return tuple(Mended(mend, before, after, place.segment.last) for mend in needed)


def _joined(mends: Sequence[Mend]) -> Change:
    return reduce(Change.joined, (mend.change for mend in mends), Change())


def reasons_of(
    archived: Archived, look: Look, mended: Sequence[Mended], entering: Samples
) -> tuple[Reason, ...]:
    """What was found; what each gives comes on top of the last.

    The reason that explains the first difference comes first, then that of most layers.
    """
    by_word: dict[str, list[Mended]] = {}
    for each in mended:
        by_word.setdefault(each.mend.word, []).append(each)
    whole = _Whole(archived, look, entering)
    if len(by_word) > 1:
        by_word = whole.needed(by_word)
    found: list[Reason] = []
    undone: list[Mended] = []
    before = look.worst_db
    for word in sorted(by_word, key=lambda word: _rank(by_word[word], look.parts_at)):
        places = by_word[word]
        undone += places
        after = whole.closeness(undone)
        if after is None:
            before, after = places[0].before_db, places[0].after_db
        found.append(_reason(word, places, before, after))
        before = after
    return tuple(found)


def _rank(places: Sequence[Mended], parts_at: str) -> tuple[bool, int]:
    """What comes first has the smallest."""
    return all(each.place != parts_at for each in places), -len(places)


@dataclass(frozen=True, eq=False)
class _Whole:
    """The whole network with changes; see `reasons_of`."""

    archived: Archived
    look: Look
    entering: Samples

    def closeness(self, mended: Sequence[Mended]) -> float | None:
        """At the worst output; None where it cannot be run, or margins are padded beforehand."""
        change = Change()
        for each in mended:
            change = change.joined(each.mend.change)
        if change.margin:
            return None
        layers = [change.layers.get(layer.name, layer) for layer in self.archived.network]
        parameters = ChangedParameters(self.archived.parameters, change.arrays)
        emulator = FloatEmulator(Network(self.archived.network.name, layers), parameters)
        outputs = self.look.outputs
        try:
            own = emulator.run(self.entering, list(outputs))
        except DiagnosticError:
            return None
        return min(closeness(self.look.theirs(pair), own[name]) for name, pair in outputs.items())

    def needed(self, by_word: dict[str, list[Mended]]) -> dict[str, list[Mended]]:
        """Without the reasons that only came of names that mislead: they make the whole worse."""
        best = self.closeness([each for places in by_word.values() for each in places])
        if best is None or is_same(best):
            return by_word
        kept = dict(by_word)
        for word in by_word:
            others = {name: places for name, places in kept.items() if name != word}
            without = self.closeness([each for places in others.values() for each in places])
            if others and without is not None and is_clearly_closer(without, best):
                kept, best = others, without
        return kept


def _reason(word: str, places: Sequence[Mended], before: float, after: float) -> Reason:
    first = places[0]
    said = _said(first.mend)
    if len(places) == 2 and places[1].mend.said != first.mend.said:
        said = f"{said} and {_said(places[1].mend)}"
    elif len(places) > 1:
        said += f", and so at {plural(len(places) - 1, 'other layer')}"
    return Reason(
        word,
        f"the original has {said}: "
        f"{in_db(first.after_db)} there instead of {in_db(first.before_db)}",
        before,
        after,
        tuple(each.mend.layer for each in places),
    )


def _said(mend: Mend) -> str:
    return f"{mend.said} at {printable(mend.layer)}"


def in_db(value: float) -> str:
    """A closeness in words; what is equal to the last bit has none in dB."""
    if math.isinf(value):
        return "no difference" if value > 0 else "nothing in common"
    return f"{tenths(value)} dB"


def ends_elsewhere(reference: Reference, look: Look) -> Reason | None:
    """Outputs of the archive that are another tensor of the original than they are named after."""
    found = []
    for pair in look.outputs.values():
        other = None if pair.is_same else _elsewhere(reference, look, pair)
        if other is not None:
            found.append((pair, *other))
    if not found:
        return None
    said = [
        f"{pair.layer} is {printable(tensor)} of the original, not {printable(pair.tensor)}"
        for pair, tensor, _ in found
    ]
    return Reason(
        "wrong-end-node",
        listed(said, 3),
        min(pair.closeness_db for pair, *_ in found),
        min(after for *_, after in found),
        tuple(pair.layer for pair, *_ in found),
    )


def _elsewhere(reference: Reference, look: Look, pair: Pair) -> tuple[str, float] | None:
    """The tensor that an output is, and how near; None where it is none."""
    own = look.own[pair.layer]
    for tensor, theirs in look.found.items():
        if tensor == pair.tensor or theirs.size != own.size:
            continue
        ways = ways_to_read(theirs, own, reference)
        after = best_layout(theirs, own, ways)[1] if ways else -math.inf
        if is_same(after):
            return tensor, after
    return None
