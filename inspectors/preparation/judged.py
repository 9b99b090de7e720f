"""What is known of how the samples of each input were prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspectors.base_inspector import Context
from inspectors.preparation.colours import in_colour_space
from inspectors.preparation.decibels import in_decibels
from inspectors.preparation.difference import (
    SAME_KIND,
    Difference,
    calibrated_samples,
    difference_of,
)
from inspectors.preparation.scale import borne_out, ratio_error, unknown_factor
from inspectors.preparation.seen import seen_at
from inspectors.preparation.tints import is_tint_reversed
from inspectors.preparation.tournament import (
    FITS,
    LARGEST_ERROR,
    Hypothesis,
    hypotheses,
    is_sixteen_bit,
    sampling_error,
    simplest,
    winner,
)
from inspectors.preparation.views import Neighbours, order_of_neighbours, views
from utils.dataset.sample_digests import InputDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.input_preparations import preparations
from utils.facts.normalization_recipes import Recipe
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.model_script import ModelScript, normalizations

# Spreads by which channels of pictures differ in their means at least, if they are not grey; in
# pictures that were reshaped instead of transposed, channels are neighbouring pixels.
ALIKE, GREY = 0.02, 1e-5


@dataclass(frozen=True)
class Prepared:
    """The samples of one input against what calibration stored of its own.

    Parameters
    ----------
    difference : that has to be explained; None where the samples are of the same kind.
    recipe : what was done to them, if that explains it.
    neighbours : the order of their values that the neighbours tell to be meant, if another.
    ratio : how many times as large they are, if that alone explains it and no known factor is as
        large; 0 where that is not so.
    is_archive_scrambled : whether calibration saw values in an order that is not meant.
    is_archive_in_order : whether it is the samples alone that have to be moved.
    """

    layer: Layer
    difference: Difference | None = None
    recipe: Hypothesis | None = None
    neighbours: Neighbours | None = None
    ratio: float = 0.0
    is_archive_scrambled: bool = False
    is_archive_in_order: bool = False

    @property
    def is_scrambled(self) -> bool:
        """Whether values lie in an order that is not meant, here or in the calibration."""
        return self.neighbours is not None or self.is_archive_scrambled


def prepared_inputs(context: Context) -> Mapping[str, Prepared]:
    """All inputs with samples, by name; ask through `Context.known`."""
    found = {}
    for layer in context.model.network.input_layers:
        seen = seen_at(context, layer)
        if seen is not None:
            found[layer.name] = _prepared(context, layer, seen)
    return found


def recipe_of(context: Context, layer: Layer) -> Hypothesis | None:
    """What was done to the samples of an input, if that is what distinguishes them."""
    prepared = context.known(prepared_inputs).get(layer.name)
    return prepared.recipe if prepared else None


def _prepared(context: Context, layer: Layer, seen: InputDigests) -> Prepared:
    found = _explained(context, layer, seen, difference_of(context, layer, SAME_KIND))
    if found.difference is not None or found.is_scrambled or not _is_tinted(context, layer):
        return found
    # What lies within the stored ranges may still be another order of colours, and nothing else.
    always = difference_of(context, layer, SAME_KIND, is_known=True)
    other = _explained(context, layer, seen, always)
    return other if other.recipe is not None and other.recipe.is_reversal else found


def _is_tinted(context: Context, layer: Layer) -> bool:
    """Whether the tint of pictures is that of the calibration with red and blue exchanged."""
    stored = stored_input_statistics(context.model, layer)
    if context.samples is None or stored is None:
        return False
    return is_tint_reversed(context.samples, layer.name, stored, calibrated_samples(context))


def _explained(
    context: Context, layer: Layer, seen: InputDigests, difference: Difference | None
) -> Prepared:
    """How the samples of an input differ, and what was done to them."""
    stored = stored_input_statistics(context.model, layer)
    neighbours = order_of_neighbours(seen)
    is_comparable = stored is not None and stored.channels == seen.shape[2]
    if stored is None or not is_comparable or (difference is None and neighbours is None):
        return Prepared(layer, difference, neighbours=neighbours)
    channels, of_colours = seen.shape[2], seen.is_image_like and seen.shape[2] > 1
    known = preparations(channels, _own_recipe(context.script, channels), of_pictures=of_colours)
    if seen.dtype == "uint8":
        known = tuple(each for each in known if not each.is_unit)  # these are pixels
    compared = hypotheses(views(seen), known, stored, is_sixteen_bit=is_sixteen_bit(seen))
    off = ratio_error(seen, calibrated_samples(context))
    if neighbours is not None:
        return _moved(Prepared(layer, difference, None, neighbours), compared, stored, off)
    error = sampling_error(seen, calibrated_samples(context))
    in_order = [each for each in compared if not each.view.is_layout]
    best = winner(in_order, error)
    recipe = borne_out(best, in_order, stored, off)
    if recipe is None and difference is not None:
        recipe = in_colour_space(seen, stored) if of_colours else in_decibels(seen, stored)
    other = None if best else winner(compared, error)
    is_scaled = best is not None or (difference is not None and difference.is_scaled)
    return Prepared(
        layer,
        difference,
        recipe,
        ratio=unknown_factor(seen, stored) if is_scaled and recipe is None else 0.0,
        is_archive_scrambled=other is not None and _is_scrambled(other, stored),
    )


def _moved(
    found: Prepared, compared: Sequence[Hypothesis], stored: ChannelStatistics, off: float
) -> Prepared:
    """Samples whose values have to be moved, whatever the archive was calibrated on.

    Parameters
    ----------
    off : by how much a factor may be off, relative.
    """
    order = found.neighbours.expression if found.neighbours else ""
    moved = [each for each in compared if each.view.expression == order]
    # Few samples were moved, so that chance weighs as much as it can.
    best = simplest(moved, LARGEST_ERROR)
    distance = best.distance if best else np.inf
    as_is = next((each.distance for each in compared if each.is_as_is), np.inf)
    is_nearer = as_is + LARGEST_ERROR < distance or channels_are_alike(stored)
    is_farther = distance + LARGEST_ERROR < as_is
    fits = distance <= FITS + LARGEST_ERROR
    return Prepared(
        found.layer,
        found.difference,
        borne_out(best, moved, stored, off) if fits else None,
        found.neighbours,
        is_archive_scrambled=is_nearer and as_is <= FITS,
        is_archive_in_order=is_farther and fits,
    )


def _is_scrambled(found: Hypothesis, stored: ChannelStatistics) -> bool:
    """Whether calibration saw another order than that of the samples, which is right."""
    return found.view.is_layout and (not found.view.is_joined or channels_are_alike(stored))


def channels_are_alike(stored: ChannelStatistics) -> bool:
    """Whether channels differ by next to nothing, but do differ."""
    scale = max(float(stored.std.max()), 1e-30)
    spread = max(float(np.ptp(stored.mean)), float(np.ptp(stored.std))) / scale
    return GREY < spread < ALIKE


def _own_recipe(script: ModelScript | None, channels: int) -> Recipe | None:
    """The constants of a script that normalizes once."""
    lines = normalizations(script) if script else ()
    if len(lines) != 1 or not len(lines[0].mean) == len(lines[0].std) == channels:
        return None
    if 0.0 in lines[0].std:
        return None
    return Recipe("the model script", lines[0].mean, lines[0].std)
