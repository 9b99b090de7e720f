"""Under which preparation of the samples both networks agree, or agree most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.affines import normalization_word
from utils.backends.stages.original.entering import Archived
from utils.backends.stages.original.looks import Comparison, Look
from utils.backends.stages.original.preparations import Preparation, turned
from utils.backends.stages.original.trials import in_db
from utils.stages import Reason
from utils.stages.runs import Samples

_TURNS = {"channels-swapped": "is_reversed", "input-transposed": "is_transposed"}
_SAID = {
    "channels-swapped": "with red and blue exchanged for the original",
    "input-transposed": "with height and width exchanged for the original",
}


@dataclass(frozen=True, eq=False)
class Feeding:
    """How both networks were fed, and what came of it.

    Parameters
    ----------
    preparation : of the samples for the original.
    entering : the samples as the archive's network takes them.
    look : what both computed.
    reasons : why they have to be fed so, where neither the script nor the user says so.
    base : the preparation without these reasons.
    at_base : what both compute then.
    """

    preparation: Preparation
    entering: Samples
    look: Look
    base: Preparation
    at_base: Look
    reasons: tuple[Reason, ...] = ()


def best_feeding(comparison: Comparison, tried: Sequence[Preparation]) -> Feeding:
    """The first preparation under which both agree, else the one with most in common.

    Parameters
    ----------
    comparison : of a few samples.
    tried : preparations, the most likely first.
    """
    archived = comparison.archived
    look = comparison.whole(archived.entering, prepared(archived, tried[0]))
    best = Feeding(tried[0], archived.entering, look, tried[0], look)
    for each in tried[1:]:
        if best.look.is_equal:
            break
        look = comparison.against(best.look.own, prepared(archived, each))
        if look.has_more_in_common_than(best.look):
            best = Feeding(each, archived.entering, look, each, look)
    if not best.look.is_equal:
        best = _fed_alike(comparison, best)
    if not best.look.is_equal:
        best = _turned(comparison, best)
    return best


def prepared(archived: Archived, each: Preparation) -> dict[str, NDArray[np.float32]]:
    """Samples for the original, by input layer."""
    return each.prepared(archived.raw, archived.as_script)


def _turned(comparison: Comparison, first: Feeding) -> Feeding:
    """The same with other orders of colours or axes, where both have more in common then."""
    archived, best = comparison.archived, first
    shapes = {layer.name: layer.output_shape for layer in archived.network.input_layers}
    for each in turned(first.preparation, shapes):
        if best.look.is_equal:
            break
        look = comparison.against(first.look.own, prepared(archived, each))
        if look.has_more_in_common_than(best.look):
            best = replace(first, preparation=each, look=look)
    return replace(best, reasons=(*first.reasons, *_turning_reasons(first, best)))


def _turning_reasons(first: Feeding, best: Feeding) -> tuple[Reason, ...]:
    """Turned images, as reasons."""
    found = []
    for word, attribute in _TURNS.items():
        if getattr(best.preparation, attribute) != getattr(first.preparation, attribute):
            before, after = first.look.worst_db, best.look.worst_db
            evidence = f"{in_db(after)} {_SAID[word]}, instead of {in_db(before)}"
            found.append(Reason(word, evidence, before, after))
    return tuple(found)


def _fed_alike(comparison: Comparison, best: Feeding) -> Feeding:
    """Both fed with what the original takes, where the script makes something else of it."""
    archived = comparison.archived
    for_original = prepared(archived, best.preparation)
    wanted = {name: best.preparation.turned(array) for name, array in for_original.items()}
    has = {name: np.asarray(array, np.float32) for name, array in archived.as_script.items()}
    if all(_are_alike(wanted[name], has[name]) for name in wanted):
        return best
    entering = archived.fed(wanted)
    look = comparison.whole(entering, for_original)
    if not look.has_more_in_common_than(best.look):
        return best
    word, numbers = normalization_word(archived.raw, wanted, has)
    before, after = best.look.worst_db, look.worst_db
    evidence = f"{numbers}; with the same values for both {in_db(after)} instead of {in_db(before)}"
    reason = Reason(word, evidence, before, after)
    return replace(best, entering=entering, look=look, reasons=(*best.reasons, reason))


def _are_alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-4, atol=1e-6))
