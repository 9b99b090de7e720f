"""The step from the parsed to the optimized network: modifications must not change a result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.counterparts import Counterpart, counterparts
from utils.backends.stages.runs import FloatRun
from utils.har.network import Network
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.noise import decibels
from utils.measurements.output_kind import WhatIsJudged
from utils.model_script import ModelScript
from utils.outputs.producers import class_number_outputs
from utils.outputs.thresholds import threshold_at
from utils.stages import Match, Reason, Step
from utils.stages.comparing import compared
from utils.stages.modified import Modified
from utils.stages.runs import Samples, Tensors

# Both are float32 of the same function, which agree to 100 dB and more. An error of a hundredth of
# the signal is none of rounding, and is small beside what 8 bit do.
EQUAL_DB = 40.0
INNER_SAMPLES = 8

Array = NDArray[np.float32]


def unmodified(network: Network) -> Step:
    """The step where nothing but layers in front of the parsed network was added; nothing is run.

    Parameters
    ----------
    network : the parsed graph.
    """
    same = tuple(
        Match(layer.name, layer.name, snr_db=math.inf, largest=0.0)
        for layer in network.output_layers
    )
    note = (
        "The parsed and the optimized model are the same, layers and weights, so neither was run."
    )
    return Step("parsed", "optimized", is_equal=True, outputs=same, notes=(note,))


@dataclass(frozen=True)
class Pair:
    """Both networks, and what enters each.

    Parameters
    ----------
    normalized : what enters the parsed network.
    converted : the same without the normalization that the script asks for.
    samples : what enters the optimized network.
    """

    parsed: FloatRun
    optimized: FloatRun
    normalized: Samples
    converted: Samples
    samples: Samples

    @property
    def common(self) -> list[str]:
        """Layers that both networks have, in the order of the parsed one; inputs are fed apart."""
        graph, optimized = self.parsed.network, self.optimized.network
        return [x.name for x in graph if x.name in optimized and x.type != "input_layer"]


def modification_step(
    pair: Pair, found: Modified, judged: WhatIsJudged, script: ModelScript | None
) -> Step:
    """Run both networks and hold their outputs, and then their layers, against each other.

    Parameters
    ----------
    found : how the graphs differ.
    """
    network = pair.parsed.network
    known = list(counterparts(network, pair.optimized.network, script))
    after = _tensors(pair.optimized, pair.samples, known, [each.optimized for each in known])
    wanted = [each.parsed for each in known]
    before = _tensors(pair.parsed, pair.normalized, known, wanted)
    outputs = _matches(network, judged, known, before, after)
    is_equal = all(map(is_same, outputs))
    parts_at, inner, reasons = ("", (), ()) if is_equal else _parted(pair, found)
    if not is_equal and pair.normalized is not pair.converted:
        plain = _tensors(pair.parsed, pair.converted, known, wanted)
        reasons = (
            *_without_normalization(outputs, _matches(network, judged, known, plain, after)),
            *reasons,
        )
    compared_outputs = {match.layer for match in outputs}
    return Step(
        "parsed",
        "optimized",
        is_equal,
        outputs=tuple(outputs),
        inner=inner,
        parts_at=parts_at,
        reasons=reasons,
        not_matched=tuple(x.name for x in network.output_layers if x.name not in compared_outputs),
        notes=tuple(each.note for each in known if each.note),
    )


def _tensors(
    run: FloatRun, samples: Samples, known: Sequence[Counterpart], names: Sequence[str]
) -> dict[str, Array]:
    """What is compared, by output; what cannot be run is absent."""
    plain = [n for n, each in zip(names, known, strict=True) if not each.is_before_activation]
    before = [n for n, each in zip(names, known, strict=True) if each.is_before_activation]
    found = run.run(samples, plain) if plain else {}
    in_front = run.before_activation(samples, before) if before else {}
    sources = ((in_front if each.is_before_activation else found) for each in known)
    return {
        each.output.name: source[name]
        for each, name, source in zip(known, names, sources, strict=True)
        if name in source
    }


def _matches(
    network: Network,
    judged: WhatIsJudged,
    known: Sequence[Counterpart],
    before: Mapping[str, Array],
    after: Mapping[str, Array],
) -> list[Match]:
    """The outputs that both networks compute, in the same shape."""
    numbered = class_number_outputs(network)
    found = []
    for each in known:
        name = each.output.name
        if name not in before or name not in after or before[name].shape != after[name].shape:
            continue
        settled, threshold = judged.kind_of(name), threshold_at(network, each.output, judged)
        if each.is_before_activation:
            threshold = judged.threshold(is_probability=False)
        tensors = (before[name], after[name])
        is_numbered = name in numbered
        found.append(
            compared(
                name,
                each.optimized,
                "name",
                "",
                *tensors,
                settled,
                threshold,
                is_numbered=is_numbered,
            )
        )
    return found


def _without_normalization(outputs: Sequence[Match], plain: Sequence[Match]) -> tuple[Reason, ...]:
    """That the optimized network computes what the parsed one does with raw samples."""
    if not plain or not all(map(is_same, plain)):
        return ()
    before, after = (min(match.snr_db for match in each) for each in (outputs, plain))
    said = "the parsed network gives the same once its samples are not normalized"
    return (Reason("normalization-not-applied", said, before, after),)


def is_same(match: Match) -> bool:
    """Whether the optimized network computes an output as the parsed one does."""
    if match.agreement is not None and not Outcome.of(match.agreement).is_fine:
        return False
    return math.isnan(match.snr_db) or match.snr_db >= EQUAL_DB


def _parted(pair: Pair, found: Modified) -> tuple[str, tuple[Match, ...], tuple[Reason, ...]]:
    """The first layer that differs, all layers that were compared, and why it differs."""
    few = [_first(each, INNER_SAMPLES) for each in (pair.normalized, pair.samples)]
    before, after = pair.parsed.run(few[0], pair.common), pair.optimized.run(few[1], pair.common)
    names = [
        n for n in pair.common if n in before and n in after and before[n].shape == after[n].shape
    ]
    matches = {n: compared(n, n, "name", "", before[n], after[n], None, 0.0) for n in names}
    sound = _sound(pair.parsed.network, matches, before, after)
    first = next((name for name in names if name not in sound), "")
    reasons = _reasons(first, found, before, after) if first else ()
    return first, tuple(matches.values()), reasons


def _sound(
    network: Network, matches: Mapping[str, Match], before: Tensors, after: Tensors
) -> frozenset[str]:
    """Layers that compute the same, or the same in another scale that their readers take back.

    Equalization gives a channel another scale, which the weights behind it undo.
    """
    found: set[str] = set()
    for layer in reversed(list(network)):
        if layer.name not in matches:
            continue
        if matches[layer.name].snr_db >= EQUAL_DB:
            found.add(layer.name)
            continue
        readers = [name for name in layer.outputs if name in matches]
        is_taken_back = bool(readers) and found.issuperset(readers)
        if is_taken_back and _scaled_db(before[layer.name], after[layer.name]) >= EQUAL_DB:
            found.add(layer.name)
    return frozenset(found)


def _scaled_db(before: Array, after: Array) -> float:
    """SNR where every channel of the earlier tensor may have a scale of its own, above 0."""
    earlier = before.reshape(-1, before.shape[3]).astype(np.float64)
    later = after.reshape(-1, after.shape[3]).astype(np.float64)
    energy = np.square(earlier).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where(energy > 0, (earlier * later).sum(axis=0) / energy, 0.0)
    error = later - earlier * np.maximum(factors, 0.0)
    return decibels(float(np.square(later).sum()), float(np.square(error).sum()))


def _reasons(first: str, found: Modified, before: Tensors, after: Tensors) -> tuple[Reason, ...]:
    """What is known of the first layer that differs."""
    reasons = []
    zeroed = zeroed_channels(before[first], after[first])
    if zeroed:
        said = f"{len(zeroed)} of {before[first].shape[3]} channels leave it as 0"
        reasons.append(Reason("channels-zeroed", said, layers=(first,)))
    if first in found.changed:
        word = f"{found.changed[first]}-changed"
        reasons.append(Reason(word, _CHANGED[found.changed[first]], layers=(first,)))
    return tuple(reasons)


_CHANGED = {
    "type": "the layer has another type",
    "inputs": "the layer takes other inputs",
    "activation": "the layer has another activation",
    "attributes": "the layer has other attributes",
    "weights": "the layer has other weights",
}


def zeroed_channels(before: Array, after: Array) -> Sequence[int]:
    """Channels that vary in the earlier tensor and are 0 throughout the later one."""
    axes = (0, 1, 2)
    varies = before.max(axis=axes) > before.min(axis=axes)
    return [int(each) for each in np.flatnonzero(varies & ~after.any(axis=axes))]


def _first(samples: Samples, count: int) -> Samples:
    return {name: array[:count] for name, array in samples.items()}
