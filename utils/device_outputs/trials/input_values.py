"""Inputs whose values are off: their scale, a cast, a second normalization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import BYTE
from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    ChangedSamples,
    InputFacts,
    are_pixels,
    are_scaled,
    with_every_input,
)
from utils.stages.runs import Samples

Facts = Mapping[str, InputFacts]
Values = NDArray[np.float64]


def input_scale(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Values from 0 to 1 where those from 0 to 255 are meant, or the reverse."""
    del facts
    dark = {name: _floats(v) / PIXEL for name, v in samples.items() if are_pixels(v)}
    yield from with_every_input("input-scale", "samples divided by 255", samples, dark)
    bright = {name: _floats(v) * PIXEL for name, v in samples.items() if are_scaled(v)}
    yield from with_every_input("input-scale", "samples multiplied by 255", samples, bright)


def input_black(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Bytes of 0 alone; where a cast leaves no others, nothing tells it from black frames."""
    black = {
        name: _entering(np.zeros(values.shape), facts.get(name, InputFacts()))
        for name, values in samples.items()
    }
    yield from with_every_input("input-black", "0 for every byte of the samples", samples, black)


def input_cast(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Prepared values cast to uint8, which leaves 0, 1 and what wraps around."""
    for what, prepared in _prepared(samples, facts):
        cast = {
            name: _entering(np.trunc(values) % BYTE, facts.get(name, InputFacts()))
            for name, values in prepared.items()
        }
        yield from with_every_input("input-cast", f"{what}, then cast to uint8", samples, cast)


def _prepared(samples: Samples, facts: Facts) -> Iterator[tuple[str, dict[str, Values]]]:
    """Values as host code prepares them for a network in float."""
    yield (
        "samples as they are",
        {n: _floats(v) for n, v in samples.items() if (v != np.rint(v)).any()},
    )
    pixels = {name: _floats(v) for name, v in samples.items() if are_pixels(v)}
    yield "samples divided by 255", {name: v / PIXEL for name, v in pixels.items()}
    halves = {name: 2 * v / PIXEL - 1 for name, v in pixels.items()}
    yield "samples brought to -1..1", halves
    yield "normalized samples", _normalized(samples, facts)


def _entering(codes: Values, facts: InputFacts) -> Values:
    """What the chip takes bytes for: codes of its input."""
    encoding = facts.encoding
    if encoding is None or not (encoding.steps(codes.shape[3]) > 0).all():
        return codes
    return (codes - encoding.zero_points) * encoding.steps(codes.shape[3])


def input_normalized_twice(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Samples normalized by the host, before the chip does it."""
    yield from with_every_input(
        "input-normalized-twice",
        "samples normalized with the constants of the chip's own normalization",
        samples,
        _normalized(samples, facts),
    )


def _normalized(samples: Samples, facts: Facts) -> dict[str, Values]:
    return {
        name: (_floats(samples[name]) - known.mean) / known.std
        for name, known in facts.items()
        if name in samples and known.mean is not None and known.std is not None
    }


def _floats(values: NDArray[np.number]) -> Values:
    return values.astype(np.float64)
