"""Which known recipe the constants of a normalization are, and which one was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from utils.facts.input_preparations import WHITE
from utils.facts.normalization_recipes import RECIPES, Recipe

TOLERANCE = 0.01  # relative; the same recipe is published with two to six digits
CONSTANTS_LISTED = 4  # in messages; as many channels as pictures have at most
# Constants for 0..255 have a mean or a standard deviation of at least so many grey levels; the
# ones of [0, 1] units or of batch normalization of the inputs are far below.
GREY_LEVELS = 32.0
# In grey levels: a smaller standard deviation is a factor, 1/58 to 1/255, written as a divisor.
RECIPROCAL = 5.0


def matching_recipe(mean: Sequence[float], std: Sequence[float]) -> Recipe | None:
    """The known recipe, in RGB or BGR order, that is nearest; None if none is within 1 %."""
    found = _nearest(mean, std)
    return found[0] if found else None


def _nearest(
    mean: Sequence[float], std: Sequence[float]
) -> tuple[Recipe, NDArray[np.float64]] | None:
    """The nearest recipe, with its mean and std in the order that is meant."""
    found: list[tuple[float, Recipe, NDArray[np.float64]]] = []
    for recipe in (recipe for recipe in RECIPES if recipe.fits(len(mean))):
        known = np.array(recipe.constants(len(mean)))
        for order in (known, known[:, ::-1]):
            deviation = _deviation(np.array([mean, std]), order)
            if deviation <= TOLERANCE:
                found.append((deviation, recipe, order))
    return min(found, key=lambda entry: entry[0])[1:] if found else None


def contradicting_order(mean: Sequence[float], std: Sequence[float]) -> Recipe | None:
    """The recipe whose mean is in one channel order and whose std is in the other.

    Constants in units of 0..1 are recognized as well.
    """
    units = [np.array([mean, std]) * unit for unit in (1.0, WHITE)]
    if any(matching_recipe(*values.tolist()) for values in units):
        return None
    for recipe in (recipe for recipe in RECIPES if recipe.fits(len(mean))):
        known = np.array(recipe.constants(len(mean)))
        mixed = np.array([known[0, ::-1], known[1]])
        for values in units:
            if min(_deviation(values, mixed), _deviation(values, mixed[:, ::-1])) <= TOLERANCE:
                return recipe
    return None


def recipe_of_family(words: str) -> Recipe | None:
    """The recipe of the family that a network's name or model script gives away."""
    lowered = words.lower()
    for recipe in RECIPES:
        if any(re.search(family, lowered) for family in recipe.families):
            return recipe
    return None


def expected_maximum(mean: Sequence[float], std: Sequence[float]) -> float | None:
    """Upper end of the data that constants are made for, 255 or 1; None if they do not tell."""
    means, stds = np.array(mean), np.array(std)
    plausible = (
        0.0 <= means.min() <= means.max() <= WHITE
        and 0.0 < stds.min() <= stds.max() <= WHITE * (1.0 + TOLERANCE)
    )
    if plausible and max(means.max(), stds.max()) >= GREY_LEVELS:
        return WHITE
    if is_in_unit_range(mean, std) and matching_recipe(*(np.array([means, stds]) * WHITE).tolist()):
        return 1.0
    return None


def is_in_unit_range(mean: Sequence[float], std: Sequence[float]) -> bool:
    """Whether mean or standard deviation are those of values between 0 and 1."""
    return all(0.0 < value < 1.0 for value in std) or all(0.0 < value < 1.0 for value in mean)


def in_grey_levels(
    mean: Sequence[float], std: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Constants for 0..1 made ones for 0..255; a mean or std that is one already is kept."""
    is_factor = max(std) * WHITE < RECIPROCAL
    if is_factor:
        std = tuple(1.0 / value for value in std)
    elif max(std) <= 1.0:
        std = tuple(value * WHITE for value in std)
    if max(map(abs, mean)) <= 1.0:
        mean = tuple(value * WHITE for value in mean)
    # A factor is written with few digits: 0.0039 would become 256.41 instead of 255.
    if is_factor and (nearest := _nearest(mean, std)):
        mean, std = nearest[1].tolist()
    return tuple(mean), tuple(std)


def constants_text(mean: Sequence[float], std: Sequence[float]) -> str:
    """Constants as they are said in messages: ``[127.5] / [128]``."""
    return " / ".join(f"[{_listed(values)}]" for values in (mean, std))


def _listed(values: Sequence[float]) -> str:
    listed = [f"{value:g}" for value in values[:CONSTANTS_LISTED]]
    return ", ".join([*listed, *(["..."] if len(values) > CONSTANTS_LISTED else [])])


def statement(
    targets: str, mean: Sequence[float], std: Sequence[float], input_layer: str = ""
) -> str:
    """The line of a model script that applies these constants to an input, or to all of them."""
    constants = ", ".join(
        f"[{', '.join(repr(float(f'{value:.6g}')) for value in values)}]" for values in (mean, std)
    )
    return f"{targets} = normalization({constants}{', ' if input_layer else ''}{input_layer})"


def _deviation(values: NDArray[np.float64], known: NDArray[np.float64]) -> float:
    """Largest relative deviation; from a known 0 in grey levels."""
    relative = np.abs(values - known) / np.where(known == 0.0, 1.0, np.abs(known))
    return float(relative.max(initial=0.0))
