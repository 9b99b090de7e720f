"""From sums to output codes: shift, saturation and the table of lines, as traced operations.

Three forms give the same codes. A table with one line, or with a flat part in front of it (linear
and relu, the most frequent), is a product with limits. Behind 16-bit accumulators any other table
is looked up by the sum itself. Behind 32-bit accumulators the segment is searched for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from utils.emulator.kernels.stages import Loop, along_line, look_up
from utils.emulator.operations.attributes import outside_graph
from utils.emulator.quantized.coded import HIGHEST_BYTE
from utils.emulator.quantized.table_lines import Lines
from utils.quantizer.integers import LayerIntegers

Array = NDArray[np.float64]

# Sums on each side of 0 that a lookup table holds; the hardware's largest shift asks for half.
LARGEST_LOOKUP = 2**20


class OutputStage(Protocol):
    """What turns the sums of one quantization group into codes.

    Sums are integers (batch, height, width, channels), float32 or float64, before the shift;
    they are not rounded after it.
    """

    def codes(self, sums: tf.Tensor) -> tf.Tensor:
        """Output codes, float32."""

    def clipped(self, sums: tf.Tensor) -> tf.Tensor:
        """Which outputs lie beyond the codes, as booleans."""

    def may_clip(self, lowest: float, highest: float) -> bool:
        """Whether any of the sums within two bounds could be clipped."""

    @property
    def loop(self) -> Loop | None:
        """What fills in codes and counts in one pass; None where no loop does."""


def stages_of(integers: LayerIntegers, highest_code: int) -> list[OutputStage]:
    """One stage for each quantization group, in the order of the channels."""
    found: list[OutputStage] = []
    for group in range(len(integers.table.channels)):
        table = Lines.of(integers.table, group, integers)
        if table.is_single_line:
            found.append(_Line.of(table, highest_code))
        elif integers.needs_double or table.bound > LARGEST_LOOKUP:
            found.append(_Search(table, highest_code))
        else:
            found.append(_Lookup.of(table, highest_code))
    return found


@dataclass(frozen=True, eq=False)
class _Line:
    """``clip(round(sum * slope + offset), low, high)``; flat parts and limits are in the bounds."""

    slope: float
    offset: float
    low: float
    high: float
    # The sums nearest to 0 whose codes would lie beyond; infinite where none does.
    below: float
    above: float

    @classmethod
    def of(cls, lines: Lines, highest_code: int) -> _Line:
        slope, offset = float(lines.slopes[-1]), float(lines.offsets[-1])
        ends = np.rint(lines.values(np.array([-lines.bound, lines.bound])))
        low, high = np.clip(ends, 0, highest_code)
        # Half-way between two codes the even one is taken: 0 below, and beyond at the other end.
        below = math.ceil((-0.5 - offset) / slope) - 1 if ends[0] < 0 else -math.inf
        above = math.ceil((highest_code + 0.5 - offset) / slope)
        return cls(
            slope,
            offset,
            float(low),
            float(high),
            float(below),
            float(above) if ends[1] > highest_code else math.inf,
        )

    def codes(self, sums: tf.Tensor) -> tf.Tensor:
        # Up to a byte float32 tells the middle between two codes from what lies beside it.
        if self.high > HIGHEST_BYTE:
            sums = tf.cast(sums, tf.float64)
        scaled = sums * tf.constant(self.slope, sums.dtype)
        if self.offset:
            scaled += tf.constant(self.offset, sums.dtype)
        return tf.cast(
            tf.raw_ops.ClipByValue(
                t=tf.round(scaled),
                clip_value_min=tf.constant(self.low, sums.dtype),
                clip_value_max=tf.constant(self.high, sums.dtype),
            ),
            tf.float32,
        )

    def clipped(self, sums: tf.Tensor) -> tf.Tensor:
        below, above = (tf.constant(v, sums.dtype) for v in (self.below, self.above))
        return (sums <= below) | (sums >= above)

    def may_clip(self, lowest: float, highest: float) -> bool:
        return (highest >= self.above) | (lowest <= self.below)

    @property
    def loop(self) -> Loop | None:
        if self.high > HIGHEST_BYTE:
            return None
        line = np.array([self.slope, self.offset, self.low, self.high], np.float32)
        largest = np.iinfo(np.int32).max
        ends = np.clip([self.below, self.above], -largest, largest).astype(np.int32)
        return lambda part: along_line(*part[:3], line, ends, *part[3:])


@dataclass(frozen=True, eq=False)
class _Lookup:
    """The code of every sum between two, float32; sums in front and behind have the codes of these.

    A 16-bit accumulator holds few enough of them. Most are not told apart: they lie where a code
    ends, so that the table is a fraction of them, and stays in the processor's cache.
    """

    table: NDArray[np.float32]  # `Lines.marked`
    first: int
    highest_code: int

    @classmethod
    def of(cls, lines: Lines, highest_code: int) -> _Lookup:
        first, last = lines.changing(highest_code)
        table = lines.marked(np.arange(first, last + 1, dtype=np.float64), highest_code)
        return cls(table.astype(np.float32), first, highest_code)

    @property
    def last(self) -> int:
        """The sum at which the table ends."""
        return self.first + len(self.table) - 1

    @cached_property
    def beyond(self) -> NDArray[np.bool_]:
        """Which of the sums have codes beyond those that there are."""
        return (self.table < 0) | (self.table > self.highest_code)

    @cached_property
    def _held(self) -> tf.Tensor:
        return outside_graph(self.table)

    @cached_property
    def reaches_beyond(self) -> bool:
        """Whether any sum has."""
        return bool(self.beyond.any())

    def _rounded(self, sums: tf.Tensor) -> tf.Tensor:
        inside = tf.clip_by_value(sums, self.first, self.last)
        return tf.gather(self._held, tf.cast(inside, tf.int32) - self.first)

    def codes(self, sums: tf.Tensor) -> tf.Tensor:
        rounded = self._rounded(sums)
        return tf.clip_by_value(rounded, 0, self.highest_code) if self.reaches_beyond else rounded

    def clipped(self, sums: tf.Tensor) -> tf.Tensor:
        return _beyond(self._rounded(sums), self.highest_code)

    def may_clip(self, lowest: float, highest: float) -> bool:
        if not self.reaches_beyond:
            return False
        ends = (int(np.clip(each, self.first, self.last)) for each in (lowest, highest))
        first, last = (end - self.first for end in ends)
        return bool(self.beyond[first : last + 1].any())

    @property
    def loop(self) -> Loop | None:
        if self.highest_code > HIGHEST_BYTE:
            return None
        beyond = self._places_beyond()
        if beyond is None:
            return None
        table = np.clip(self.table, 0, self.highest_code).astype(np.uint8)
        return lambda part: look_up(*part[:3], table, self.first, beyond, *part[3:])

    def _places_beyond(self) -> NDArray[np.int32] | None:
        """Sums whose codes are clipped, as `look_up` asks; None where more than one dip is."""
        inside = np.flatnonzero(~self.beyond)
        if not inside.size:
            return None
        dip = np.flatnonzero(self.beyond[inside[0] : inside[-1]]) + inside[0]
        if dip.size and np.ptp(dip) + 1 > dip.size:
            return None
        nowhere = np.iinfo(np.int32).max
        ends = self.first + inside[[0, -1]] + [-1, 1]
        return np.array(
            [
                ends[0] if self.beyond[0] else -nowhere,
                ends[1] if self.beyond[-1] else nowhere,
                *(self.first + dip[[0, -1]] if dip.size else [nowhere, -nowhere]),
            ],
            np.int32,
        )


@dataclass(frozen=True, eq=False)
class _Search:
    """The table as it is, searched for the segment of every sum."""

    lines: Lines
    highest_code: int

    def _rounded(self, sums: tf.Tensor) -> tf.Tensor:
        lines, dtype = self.lines, sums.dtype
        inside = tf.clip_by_value(sums, -lines.bound, lines.bound)
        index = tf.zeros_like(inside, tf.int32)
        for threshold in lines.thresholds:
            index += tf.cast(inside >= tf.constant(threshold, dtype), tf.int32)
        slopes, offsets = (tf.constant(v, dtype) for v in (lines.slopes, lines.offsets))
        return tf.round(tf.gather(slopes, index) * inside + tf.gather(offsets, index))

    def codes(self, sums: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.clip_by_value(self._rounded(sums), 0, self.highest_code), tf.float32)

    def clipped(self, sums: tf.Tensor) -> tf.Tensor:
        return _beyond(self._rounded(sums), self.highest_code)

    def may_clip(self, lowest: float, highest: float) -> bool:
        return True

    @property
    def loop(self) -> None:
        return None


def _beyond(rounded: tf.Tensor, highest_code: int) -> tf.Tensor:
    """Which codes lie beyond those that there are."""
    return (rounded < 0) | (rounded > highest_code)
