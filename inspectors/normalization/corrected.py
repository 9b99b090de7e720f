"""What malformed constants of a normalization were meant to be, where they tell it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from inspectors.normalization.recipes import TOLERANCE
from inspectors.normalization.steps import NormalizationStep, complaint
from utils.facts.normalization_recipes import RECIPES

Constants = tuple[tuple[float, ...], tuple[float, ...]]


def corrected(step: NormalizationStep, channels: Collection[int]) -> NormalizationStep | None:
    """A step with the constants that were meant; None where nothing tells them.

    Lists that have changed places are exchanged. What is left of a list that is too short or too
    long, or has a 0 to divide by, tells the rest where all its numbers are the same, or where
    they are those of a known recipe.

    Parameters
    ----------
    channels : what the number of constants may be; empty if that is not known.
    """
    counts = channels or {max(len(step.mean), len(step.std))}
    found = (step.std, step.mean) if step.is_swapped else None
    if found is None and len(counts) == 1:
        (count,) = counts
        divisors = tuple(value for value in step.std if value != 0.0)
        found = _of_recipe(step.mean, divisors, count) or _repeated(step.mean, divisors, count)
    if found is None:
        return None
    whole = replace(step, mean=found[0], std=found[1], not_numbers=())
    return None if complaint(whole, frozenset(channels)) else whole


def _repeated(mean: Sequence[float], std: Sequence[float], count: int) -> Constants | None:
    """Lists whose numbers are the same, as often as there are channels."""
    if len(set(mean)) != 1 or len(set(std)) != 1:
        return None
    return (mean[0],) * count, (std[0],) * count


def _of_recipe(mean: Sequence[float], std: Sequence[float], count: int) -> Constants | None:
    """The nearest recipe that has all numbers which are left, and one of the lists whole."""
    found: list[tuple[float, Constants]] = []
    for recipe in (recipe for recipe in RECIPES if recipe.fits(count)):
        own = recipe.constants(count)
        for known in (own, (own[0][::-1], own[1][::-1])):
            pairs = list(zip((mean, std), known, strict=True))
            misses = [_miss(*pair) for pair in pairs if len(pair[0]) == count]
            if min(misses, default=1.0) <= TOLERANCE and all(_is_part(*pair) for pair in pairs):
                found.append((min(misses), known))
    return min(found)[1] if found else None


def _is_part(values: Sequence[float], known: Sequence[float]) -> bool:
    """Whether all values are there, in their order; at least one."""
    left = iter(known)
    alike = (any(_miss([value], [each]) <= TOLERANCE for each in left) for value in values)
    return bool(values) and all(alike)


def _miss(values: Sequence[float], known: Sequence[float]) -> float:
    """The largest difference, as a share of what is known."""
    pairs = zip(values, known, strict=True)
    return max(abs(value - each) / (abs(each) or 1.0) for value, each in pairs)
