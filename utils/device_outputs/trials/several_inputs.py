"""Networks with several inputs: two exchanged, one at others as well, or one never filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from utils.device_outputs.trials.changed_samples import (
    ChangedSamples,
    InputFacts,
    by_frame,
    with_every_input,
)
from utils.stages.runs import Samples
from utils.wording import listed, without_scope

MOST_INPUTS = 4  # more have too many pairs to try


def inputs_exchanged(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """Every two inputs of one shape under one another's names."""
    del facts
    for one, other in combinations(list(samples)[:MOST_INPUTS], 2):
        if samples[one].shape == samples[other].shape:
            evidence = f"samples of {without_scope(one)} and {without_scope(other)} exchanged"
            changed = {
                one: by_frame(samples[other], np.asarray),
                other: by_frame(samples[one], np.asarray),
            }
            yield from with_every_input("inputs-exchanged", evidence, samples, changed)


def inputs_alike(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """The samples of one input at all others of its shape as well."""
    del facts
    for name, values in list(samples.items())[:MOST_INPUTS]:
        others = [n for n, other in samples.items() if n != name and other.shape == values.shape]
        if not others:
            continue
        places = listed([without_scope(each) for each in others], 3)
        evidence = f"samples of {without_scope(name)} at {places}"
        changed = {other: by_frame(values, np.asarray) for other in others}
        yield from with_every_input("inputs-exchanged", evidence, samples, changed)


def input_empty(samples: Samples, facts: Mapping[str, InputFacts]) -> Iterator[ChangedSamples]:
    """One of several inputs that holds zeros alone."""
    del facts
    if not 2 <= len(samples) <= MOST_INPUTS:
        return
    for name, values in samples.items():
        evidence = f"zeros for the samples of {without_scope(name)}"
        empty = {name: by_frame(values, np.zeros_like)}
        yield from with_every_input("input-empty", evidence, samples, empty)
