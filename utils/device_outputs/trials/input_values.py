"""Inputs whose values are off: their scale, a cast, a second normalization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.dumped import BYTE
from utils.device_outputs.trials.changed_samples import (
    PIXEL,
    Changed,
    ChangedSamples,
    InputFacts,
    are_pixels,
    are_scaled,
    as_codes,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

Facts = Mapping[str, InputFacts]
Values = NDArray[np.float64]


def input_scale(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Values from 0 to 1 where those from 0 to 255 are meant, or the reverse."""
    del facts
    dark = {name: by_frame(v, _divided) for name, v in samples.items() if are_pixels(v)}
    yield from with_every_input("input-scale", "samples divided by 255", samples, dark)
    bright = {name: by_frame(v, _multiplied) for name, v in samples.items() if are_scaled(v)}
    yield from with_every_input("input-scale", "samples multiplied by 255", samples, bright)


def input_black(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Bytes of 0 alone; where a cast leaves no others, nothing tells it from black frames."""
    black = {
        name: by_frame(values, partial(_black, facts.get(name, InputFacts())))
        for name, values in samples.items()
    }
    yield from with_every_input("input-black", "0 for every byte of the samples", samples, black)


def input_cast(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Prepared values cast to uint8, which leaves 0, 1 and what wraps around."""
    for what, prepared in _prepared(samples, facts):
        cast = {
            name: partial(_cast, facts.get(name, InputFacts()), values)
            for name, values in prepared.items()
        }
        yield from with_every_input("input-cast", f"{what}, then cast to uint8", samples, cast)


def _prepared(samples: Samples, facts: Facts) -> Iterator[tuple[str, dict[str, Changed]]]:
    """Values as host code prepares them for a network in float."""
    yield (
        "samples as they are",
        {n: by_frame(v, _floats) for n, v in samples.items() if (v != np.rint(v)).any()},
    )
    pixels = {name: values for name, values in samples.items() if are_pixels(values)}
    yield "samples divided by 255", {name: by_frame(v, _divided) for name, v in pixels.items()}
    yield "samples brought to -1..1", {name: by_frame(v, _halves) for name, v in pixels.items()}
    yield "normalized samples", _normalized(samples, facts)


def _cast(facts: InputFacts, prepared: Changed, frames: slice) -> Values:
    return as_codes(np.trunc(prepared(frames)) % BYTE, facts)


def _black(facts: InputFacts, values: NDArray[np.number]) -> Values:
    return as_codes(np.zeros(values.shape), facts)


def input_normalized_twice(samples: Samples, facts: Facts) -> Iterator[ChangedSamples]:
    """Samples normalized by the host, before the chip does it."""
    yield from with_every_input(
        "input-normalized-twice",
        "samples normalized with the constants of the chip's own normalization",
        samples,
        _normalized(samples, facts),
    )


def _normalized(samples: Samples, facts: Facts) -> dict[str, Changed]:
    return {
        name: by_frame(samples[name], partial(_by_constants, known.mean, known.std))
        for name, known in facts.items()
        if name in samples and known.mean is not None and known.std is not None
    }


def _by_constants(mean: Values, std: Values, values: NDArray[np.number]) -> Values:
    return (_floats(values) - mean) / std


def _divided(pixels: NDArray[np.number]) -> Values:
    return _floats(pixels) / PIXEL


def _multiplied(values: NDArray[np.number]) -> Values:
    return _floats(values) * PIXEL


def _halves(pixels: NDArray[np.number]) -> Values:
    return 2 * _floats(pixels) / PIXEL - 1


def _floats(values: NDArray[np.number]) -> Values:
    return values.astype(np.float64)
