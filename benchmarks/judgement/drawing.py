"""Situations drawn at random; the same seed and number give the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.judgement.archive_faults import ARCHIVE_FAULTS
from benchmarks.judgement.chip_faults import CHIP_FAULTS
from benchmarks.judgement.data_faults import DATA_FAULTS, Fault
from benchmarks.judgement.families import FAMILIES, variant
from benchmarks.judgement.healthy_kinds import VARIATIONS
from benchmarks.judgement.situation import Expected, Situation, healthy
from benchmarks.judgement.tasks import Task

FAULTS: Mapping[str, Fault] = {**DATA_FAULTS, **ARCHIVE_FAULTS, **CHIP_FAULTS}
HEALTHY = "healthy"
HEALTHY_SHARE = 1 / 3
VARIANTS = 3  # networks of each family; training one takes seconds
KIND_TOLD_SHARE = 0.3


@dataclass(frozen=True)
class Drawn:
    """A situation and its name.

    Parameters
    ----------
    id : ``seed-number``, which draws it again.
    family, kind : of the network, and of the fault or the healthy variation.
    wanted : what the first cause may be; None where nothing is wrong.
    """

    id: str
    family: str
    kind: str
    situation: Situation
    wanted: Expected | None


def drawn(
    seed: int,
    number: int,
    folder: Path,
    kinds: Sequence[str] = (),
    families: Sequence[str] = (),
) -> Drawn | None:
    """One situation; None where its kind or its family is not among those that are asked for.

    Parameters
    ----------
    folder : where trained networks are kept.
    kinds : beginnings of the kinds wanted; all without.
    families : those wanted; all without.
    """
    random = np.random.default_rng([seed, number])
    family = str(random.choice(list(FAMILIES)))
    if families and family not in families:
        return None
    task = variant(family, int(random.integers(VARIANTS)), folder)
    is_healthy = random.random() < HEALTHY_SHARE
    kind = (
        f"{HEALTHY}/{random.choice(list(VARIATIONS))}"
        if is_healthy
        else some_fault(random, task, FAULTS)
    )
    if kinds and not kind.startswith(tuple(kinds)):
        return None
    situation = healthy(task, random)
    if random.random() < KIND_TOLD_SHARE:
        VARIATIONS["kind told"](situation)
    wanted = None
    if is_healthy:
        VARIATIONS[kind.partition("/")[2]](situation)
    else:
        wanted = FAULTS[kind][2](situation)
    return Drawn(f"{seed}-{number}", family, kind, situation, wanted)


def some_fault(random: np.random.Generator, task: Task, faults: Mapping[str, Fault]) -> str:
    """The name of one of the faults that fit a task."""
    return str(random.choice([name for name, fits, _ in faults.values() if fits(task)]))
