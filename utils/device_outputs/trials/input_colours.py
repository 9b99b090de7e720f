"""What video does to pixels: the range from 16 to 235, and grey where colours are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_pixels,
    with_every_input,
)
from utils.stages.runs import Samples

# Video keeps black at 16 and white at 235 (ITU-R BT.601 and BT.709).
BLACK, WHITE = 16.0, 235.0
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (BT.601)


def input_range(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Pixels squeezed into the range of video, and pixels of video stretched by mistake."""
    del facts
    pixels = {name: v.astype(np.float64) for name, v in samples.items() if are_pixels(v)}
    span = (WHITE - BLACK) / PIXEL
    squeezed = {name: np.rint(BLACK + v * span) for name, v in pixels.items()}
    evidence = "samples brought from 0..255 to 16..235"
    yield from with_every_input("input-range", evidence, samples, squeezed)
    stretched = {n: np.rint(np.clip((v - BLACK) / span, 0, PIXEL)) for n, v in pixels.items()}
    evidence = "samples stretched from 16..235 to 0..255"
    yield from with_every_input("input-range", evidence, samples, stretched)


def input_grey(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Pictures without their colours, the brightness in all three channels."""
    del facts
    grey = {
        name: np.repeat(np.rint(v.astype(np.float64) @ LUMA)[..., None], 3, axis=3)
        for name, v in samples.items()
        if v.shape[3] == len(LUMA) and are_pixels(v)
    }
    yield from with_every_input("input-grey", "samples without colours", samples, grey)
