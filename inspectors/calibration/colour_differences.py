"""Pictures that are brightness and two differences of colours, where RGB belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.normalization.on_chip import normalization_steps, values_are_converted
from inspectors.preparation.judged import recipe_of
from inspectors.preparation.seen import seen_at
from inspectors.preparation.tournament import are_pixels
from utils.dataset.sample_digests import InputDigests
from utils.facts.colour_spaces import MIDDLE, WHITE, rgb_of_differences
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.wording import plural, rounded

COLOURS = 3
BEYOND = 16.0  # grey levels by which a pixel lies outside what RGB can show
# Measured on 38 sets: photographs, tinted, dark, foggy and grey ones, microscopy, false colours,
# noise. Of pixels in RGB, read as YCbCr, 16 % and more show no colour, or channels follow one
# another (they correlate by 0.86 and more), or all spread alike; of those in YCbCr, YUV and Lab 0
# to 2 %, with correlations below 0.7 but for pictures of one tint.
MOST_BEYOND, MOST_ALIKE = 0.02, 0.75
MOST_SPREAD = 0.7  # of a difference of colours, in that of brightness
FARTHEST = 45.0  # grey levels of a mean difference from the middle
LEAST_SPREAD = 0.5  # grey levels; grey pictures have none


def are_differences(seen: InputDigests) -> bool:
    """Whether pictures of three channels hold brightness and two differences of colours."""
    if not seen.is_image_like or seen.shape[2] != COLOURS or not seen.values.size:
        return False
    white = 1.0 if seen.statistics.high <= 1.0 else WHITE
    if not are_pixels(seen.statistics, white):
        return False
    values = seen.values.astype(np.float64) * (WHITE / white)
    spread, shift = values.std(axis=0), np.abs(values.mean(axis=0)[1:] - MIDDLE)
    if spread[1:].min() < LEAST_SPREAD or spread[1:].max() > MOST_SPREAD * spread[0]:
        return False
    correlation = np.corrcoef(values.T)[0, 1:].max()
    is_near = shift.max() <= FARTHEST and correlation <= MOST_ALIKE
    return bool(is_near and min(_beyond(values, red) for red in (1, 2)) <= MOST_BEYOND)


def _beyond(values: NDArray[Any], red_place: int) -> float:
    """Share of pixels that show no colour, if they are YCbCr with red in some channel."""
    pixels = rgb_of_differences(values, red_place=red_place)
    return float(((pixels < -BEYOND) | (pixels > WHITE + BEYOND)).any(axis=1).mean())


def colour_differences(context: Context) -> Iterator[Finding]:
    """One finding for each input that holds such pictures, where nothing asks for them."""
    if values_are_converted(context.script):
        return
    for layer in context.model.network.input_layers:
        seen, recipe = seen_at(context, layer), recipe_of(context, layer)
        is_told = recipe is not None and recipe.preparation.colour_space
        if is_told or _is_normalized_so(context, layer):
            continue
        if seen is not None and are_differences(seen):
            yield _told(layer, seen)


def _is_normalized_so(context: Context, layer: Layer) -> bool:
    """Whether constants on the chip say that differences of colours are expected.

    Those of RGB are about the same for all channels.
    """
    steps = normalization_steps(context.model, context.script, layer)
    stds = [step.std for step in steps if len(step.std) == COLOURS]
    return any(0 < max(std[1:]) <= MOST_SPREAD * std[0] for std in stds)


def _told(layer: Layer, seen: InputDigests) -> Finding:
    mean, std = seen.statistics.mean, seen.statistics.std
    return Finding(
        id="calibration-colour-space",
        severity=Severity.WARNING,
        headline="The pictures look like YCbCr, YUV or Lab, not like RGB",
        evidence=f"channel 0 of {layer.described()} spreads by {rounded(float(std[0]))} in "
        f"{plural(len(seen.spread), 'sample')}; channels 1 and 2 do not follow it, and spread by "
        f"{rounded(float(std[1]))} and {rounded(float(std[2]))} around {rounded(float(mean[1]))} "
        f"and {rounded(float(mean[2]))}",
        why="Red, green and blue of a place are much alike; a brightness and two differences of "
        "colours are not. Most networks are trained on RGB, and find nothing in other colours.",
        remedy="Convert the pictures to RGB unless the network was trained on such colours, and "
        "quantize again if the archive was calibrated on them.",
        layers=(layer.name,),
    )
