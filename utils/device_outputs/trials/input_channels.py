"""Inputs whose channels come in the reverse order, such as BGR for RGB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from utils.device_outputs.trials.changed_samples import (
    ChangedSamples,
    InputFacts,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples

COLOURS = 3


def input_channels(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """The three channels of every input in reverse order."""
    del facts
    reverse = {
        name: by_frame(values, lambda frames: frames[..., ::-1])
        for name, values in samples.items()
        if values.shape[3] == COLOURS
    }
    evidence = "channels of the samples in reverse order"
    yield from with_every_input("input-channels", evidence, samples, reverse)
