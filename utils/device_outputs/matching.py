"""Which array of a dump is which output: by name, else by shape, else by correlation.

The order of arrays proves nothing: that of a dictionary changes from process to process.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import bounded, correlation
from utils.device_outputs.dumped import Dump, Dumped, Numbers
from utils.device_outputs.expected import Expected
from utils.device_outputs.layouts import (
    BYTES_FOR_WORDS,
    WORDS_FOR_BYTES,
    Reading,
    readings,
)
from utils.device_outputs.names import OutputNames
from utils.device_outputs.sampled import stride_over
from utils.stages import MatchedBy

Frames = Mapping[int, NDArray[np.int64]]
NO_FRAMES: Frames = MappingProxyType({})
# Of so many values arrays can be told apart.
ENOUGH = 100_000
# Below it, two arrays of one shape cannot be told apart by what they hold.
CLEAR = 0.5


@dataclass(frozen=True, eq=False)
class Found:
    """An output, and the array that holds it.

    Parameters
    ----------
    expected : the output.
    name : of the array.
    by : how it was found.
    reading : how the array is read.
    said_for : output that its name means, where that is another one.
    """

    expected: Expected
    name: str
    by: MatchedBy
    reading: Reading
    said_for: str = ""

    @property
    def holds_codes(self) -> bool:
        """Whether its type says that it holds codes, which are not negative where there is room."""
        array = self.reading.array
        if array.dtype.kind not in "uib" or self.expected.scales is None:
            return False
        width = 1 if self.expected.is_of_bytes else 2
        is_signed = array.dtype.kind == "i" and array.dtype.itemsize > width
        return not (is_signed and array.size and int(array.min()) < 0)

    @property
    def values(self) -> Numbers:
        """Real numbers, (samples, height, width, channels); codes read with the archive's scale."""
        return self.numbers(self.reading.array)

    def numbers(self, array: NDArray[Any]) -> Numbers:
        """Frames of the dump, as they are read, as real numbers."""
        if self.holds_codes:
            return self.expected.values_of(array)
        return array.astype(np.float64)


@dataclass(frozen=True)
class Matched:
    """What was matched, and what was not."""

    found: tuple[Found, ...] = ()
    not_matched: tuple[str, ...] = ()
    left_over: tuple[Dumped, ...] = ()


def _possible(ways: Sequence[Reading], output: Expected) -> list[Reading]:
    """Codes of 8 bits are no halves of words, and those of 16 bits no two of them."""
    impossible = BYTES_FOR_WORDS if output.is_of_bytes else WORDS_FOR_BYTES
    return [way for way in ways if way.undoes != impossible]


@dataclass
class _Open:
    """What is still to be matched."""

    outputs: list[Expected]
    arrays: list[Dumped]
    frames: Frames
    found: list[Found] = field(default_factory=list)

    def ways(self, dumped: Dumped, output: Expected) -> list[Reading]:
        """How an array may be read as an output."""
        found = _possible(readings(dumped, output.shape, output.samples), output)
        for count, chosen in self.frames.items():
            # What fits another number of frames as it is lies so: twice as many bytes are no words.
            if count != output.samples and all(way.undoes for way in found):
                others = [
                    replace(way, array=way.array[chosen], whole=way.array)
                    for way in _possible(readings(dumped, output.shape, count), output)
                ]
                found = [way for way in others if not way.undoes] or found or others
        return found

    def take(self, output: Expected, dumped: Dumped, found: Found) -> None:
        """Match two."""
        self.outputs.remove(output)
        self.arrays.remove(dumped)
        self.found.append(found)


def matched(
    dump: Dump, outputs: Sequence[Expected], names: OutputNames, frames: Frames = NO_FRAMES
) -> Matched:
    """Match every output with at most one array.

    Parameters
    ----------
    frames : which frames of a dump belong to the samples, by the number of frames that it holds,
        where that may be another than the number of samples.
    """
    rest = _Open(list(outputs), list(dump.arrays), frames)
    _by_name(rest, names)
    _by_contents(rest, names)
    order = {output.layer: place for place, output in enumerate(outputs)}
    return Matched(
        tuple(sorted(rest.found, key=lambda found: order[found.expected.layer])),
        tuple(output.layer for output in rest.outputs),
        tuple(rest.arrays),
    )


def _by_name(rest: _Open, names: OutputNames) -> None:
    for dumped in list(rest.arrays):
        named = names.output_of(dumped.name)
        output = next((o for o in rest.outputs if named and o.layer == named.layer), None)
        ways = rest.ways(dumped, output) if output else []
        if named and output and ways:
            reading = _best(output, ways)[1]
            rest.take(output, dumped, Found(output, dumped.name, named.by, reading))


def _by_contents(rest: _Open, names: OutputNames) -> None:
    """By shape where that leaves no choice, else by what correlates best."""
    alone: dict[str, bool] | None = None
    while True:
        choices = {
            (output.layer, place): ways
            for output in rest.outputs
            for place, dumped in enumerate(rest.arrays)
            if (ways := rest.ways(dumped, output))
        }
        if not choices:
            return
        if alone is None:  # what only becomes so when others are taken was told apart by those
            alone = {layer: _are_alone(layer, place, choices) for layer, place in choices}
        _take_one(rest, names, choices, alone)


Choices = dict[tuple[str, int], list[Reading]]


def _are_alone(layer: str, place: int, choices: Choices) -> bool:
    """Whether an output and an array fit no others."""
    return all(key == (layer, place) for key in choices if layer == key[0] or place == key[1])


def _take_one(rest: _Open, names: OutputNames, choices: Choices, alone: Mapping[str, bool]) -> None:
    outputs = {output.layer: output for output in rest.outputs}
    scored = []
    for (layer, place), ways in choices.items():
        likeness, reading = _best(outputs[layer], ways)
        scored.append(
            (alone.get(layer, False), not reading.undoes, likeness, layer, place, reading)
        )
    is_alone, _, likeness, layer, place, reading = max(scored, key=lambda s: s[:3])
    by: MatchedBy = "shape" if is_alone else "correlation" if likeness >= CLEAR else "order"
    if by == "order":  # nothing tells them apart, so the first goes with the first
        _, _, _, layer, place, reading = min(
            scored, key=lambda s: (list(outputs).index(s[3]), s[4])
        )
    dumped, named = rest.arrays[place], names.output_of(rest.arrays[place].name)
    said = named.layer if named and named.layer != layer else ""
    rest.take(outputs[layer], dumped, Found(outputs[layer], dumped.name, by, reading, said))


def _best(output: Expected, ways: Sequence[Reading]) -> tuple[float, Reading]:
    """How alike an array and an output are, 0 to 1, and the reading that is most so."""
    found = [(_likeness(output.values, way.array), way) for way in ways]
    return max(found, key=lambda each: each[0] - bool(each[1].undoes) * 0.1)


def _likeness(expected: NDArray[np.floating], array: NDArray[np.number]) -> float:
    stride = stride_over(expected.shape, ENOUGH)
    one, other = expected.reshape(-1)[::stride], array.reshape(-1)[::stride]
    found = correlation(one, bounded(other))
    return 0.0 if math.isnan(found) else abs(found)
