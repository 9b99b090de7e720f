"""Situations with two faults of different kinds: people seldom have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.judgement.archive_faults import ARCHIVE_FAULTS
from benchmarks.judgement.chip_faults import CHIP_FAULTS
from benchmarks.judgement.data_faults import DATA_FAULTS
from benchmarks.judgement.drawing import FAULTS, VARIANTS, Drawn, some_fault
from benchmarks.judgement.families import FAMILIES, variant
from benchmarks.judgement.scoring import Said, Verdict, Weight, names, weight_of
from benchmarks.judgement.situation import Expected, Situation, healthy
from benchmarks.judgement.written import Harm, write

GROUPS = (DATA_FAULTS, ARCHIVE_FAULTS, CHIP_FAULTS)


@dataclass(frozen=True)
class Pair:
    """Two faults at once, and each of them alone.

    Parameters
    ----------
    both : the situation; it wants what names either fault.
    wanted : what names each of them.
    alone : the same network and samples with one of them.
    """

    both: Drawn
    wanted: tuple[Expected, ...]
    alone: tuple[Situation, ...]


def drawn_pair(seed: int, number: int, folder: Path) -> Pair:
    """Two faults that fit one network, each of another group.

    Parameters
    ----------
    folder : where trained networks are kept.
    """
    random = np.random.default_rng([seed, number])
    family = str(random.choice(list(FAMILIES)))
    task = variant(family, int(random.integers(VARIANTS)), folder)
    chosen = random.choice(len(GROUPS), 2, replace=False)
    kinds = [some_fault(random, task, GROUPS[group]) for group in sorted(chosen)]

    def made(*places: int) -> tuple[Situation, list[Expected]]:
        situation = healthy(task, np.random.default_rng([seed, number, len(kinds)]))
        wanted = []
        for place in places:
            # Each fault is drawn alike, whether the other one is there or not.
            situation.random = np.random.default_rng([seed, number, place])
            wanted.append(FAULTS[kinds[place]][2](situation))
        return situation, wanted

    both, wanted = made(0, 1)
    either = Expected(
        frozenset().union(*(each.true for each in wanted)),
        frozenset().union(*(each.part for each in wanted)),
        tuple(layer for each in wanted for layer in each.layers),
    )
    drawn = Drawn(f"{seed}-{number}", family, " + ".join(kinds), both, either)
    return Pair(drawn, tuple(wanted), (made(0)[0], made(1)[0]))


def harms_alone(pair: Pair, folder: Path) -> tuple[Harm, ...]:
    """What each fault costs where the other one is mended."""
    found = []
    for place, situation in enumerate(pair.alone):
        own = folder / f"alone{place}"
        own.mkdir()
        found.append(write(situation, own)[1])
    return tuple(found)


def verdict_of_pair(
    said: Said, wanted: Sequence[Expected], alone: Sequence[Harm], both: Harm
) -> Verdict:
    """The first cause has to name a fault that costs much, if there is one."""
    costly = _costly(wanted, alone, both)
    if not said.causes:
        return Verdict.MISSED if costly else Verdict.QUIET
    first, every = said.causes[0], [*wanted]
    if any(names(first, each) for each in costly or every):
        return Verdict.TRUE
    follows = any(first.finding.id in each.true | each.part for each in every)
    is_told = any(names(cause, each) for cause in said.causes for each in every)
    return Verdict.PART if follows or is_told else Verdict.FALSE


def told(said: Said, wanted: Sequence[Expected], alone: Sequence[Harm], both: Harm) -> str:
    """Of the faults that cost much, how many any cause names."""
    costly = _costly(wanted, alone, both)
    count = sum(any(names(cause, each) for cause in said.causes) for each in costly)
    return f"{count} of {len(costly)} told"


def _costly(wanted: Sequence[Expected], alone: Sequence[Harm], both: Harm) -> list[Expected]:
    pairs = zip(wanted, alone, strict=True)
    found = [each for each, harm in pairs if weight_of(harm) is Weight.MUCH]
    return found or ([*wanted] if weight_of(both) is Weight.MUCH else [])
