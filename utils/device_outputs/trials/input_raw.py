"""Raw pixels where the host was to normalize them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    BRIGHTEST,
    PIXEL,
    ChangedSamples,
    InputFacts,
    as_codes,
    by_frame,
    with_every_input,
)
from utils.facts.input_preparations import AS_IS, Preparation, preparations
from utils.stages.runs import Samples

FEW = 4  # frames that show what was done to them
# By how much pixels that were normalized in float32 are no whole numbers once that is undone.
WHOLE = 0.02
Floats = NDArray[np.float64]


def input_raw(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Pixels from 0 to 255 in place of samples that were made of such, as numbers and as bytes."""
    found: dict[str, Callable[[NDArray[np.number]], Floats]] = {}
    for name, values in samples.items():
        if facts.get(name, InputFacts()).mean is None and (done := _done_to_pixels(values)):
            found[name] = partial(_undone, done)
    numbers = {name: by_frame(samples[name], undo) for name, undo in found.items()}
    yield from with_every_input(
        "input-raw", "the pixels of which the samples were made", samples, numbers
    )
    codes = {
        name: by_frame(samples[name], partial(_entering, undo, facts.get(name, InputFacts())))
        for name, undo in found.items()
    }
    yield from with_every_input(
        "input-raw", "the pixels of which the samples were made, as bytes", samples, codes
    )


def _done_to_pixels(values: NDArray[np.number]) -> Preparation | None:
    """What makes samples of pixels; None where they are no such, or only divided.

    Its inverse gives whole numbers from 0 to 255.
    """
    few = values[:FEW]
    for each in preparations(values.shape[3], of_pictures=True):
        is_usual = each.from_white in (0.0, PIXEL) and not (each.to_white or each.inverted_at)
        if each is AS_IS or each.is_scale or each.is_curved or not is_usual:
            continue
        pixels = (few.astype(np.float64) - np.array(each.offset)) / np.array(each.factor)
        off = np.abs(pixels - np.rint(pixels)).max()
        if off <= WHOLE and pixels.min() > -1 and BRIGHTEST < pixels.max() < PIXEL + 1:
            return each
    return None


def _undone(done: Preparation, values: NDArray[np.number]) -> Floats:
    pixels = (values.astype(np.float64) - np.array(done.offset)) / np.array(done.factor)
    return np.asarray(np.clip(np.rint(pixels), 0, PIXEL), np.float64)


def _entering(
    undo: Callable[[NDArray[np.number]], Floats], facts: InputFacts, values: NDArray[np.number]
) -> Floats:
    return as_codes(undo(values), facts)
