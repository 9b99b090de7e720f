"""What video does to pixels: the range from 16 to 235, and grey where colours are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_pixels,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

# Video keeps black at 16 and white at 235 (ITU-R BT.601 and BT.709).
BLACK, WHITE = 16.0, 235.0
SPAN = (WHITE - BLACK) / PIXEL
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (BT.601)


def input_range(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Pixels squeezed into the range of video, and pixels of video stretched by mistake."""
    del facts
    pixels = {name: values for name, values in samples.items() if are_pixels(values)}
    squeezed = {name: by_frame(values, _squeezed) for name, values in pixels.items()}
    evidence = "samples brought from 0..255 to 16..235"
    yield from with_every_input("input-range", evidence, samples, squeezed)
    stretched = {name: by_frame(values, _stretched) for name, values in pixels.items()}
    evidence = "samples stretched from 16..235 to 0..255"
    yield from with_every_input("input-range", evidence, samples, stretched)


def input_grey(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Pictures without their colours, the brightness in all three channels."""
    del facts
    grey = {
        name: by_frame(values, _grey)
        for name, values in samples.items()
        if values.shape[3] == len(LUMA) and are_pixels(values)
    }
    yield from with_every_input("input-grey", "samples without colours", samples, grey)


def _squeezed(pixels: NDArray[Any]) -> NDArray[np.float64]:
    return np.rint(BLACK + pixels.astype(np.float64) * SPAN)


def _stretched(pixels: NDArray[Any]) -> NDArray[np.float64]:
    return np.rint(np.clip((pixels.astype(np.float64) - BLACK) / SPAN, 0, PIXEL))


def _grey(pixels: NDArray[Any]) -> NDArray[np.float64]:
    return np.repeat(np.rint(pixels.astype(np.float64) @ LUMA)[..., None], 3, axis=3)
