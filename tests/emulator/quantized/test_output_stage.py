"""Every form of the output stage against the table itself, searched in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.house.fuzzing import examples
from utils.emulator.kernels import compiled
from utils.emulator.kernels.stages import Loop, Part
from utils.emulator.quantized.output_stage import OutputStage, _Lookup, stages_of
from utils.emulator.quantized.table_lines import Lines
from utils.quantizer.integers import LayerIntegers, OutputTable
from utils.quantizer.piecewise import activation_curve, output_stage

Array = NDArray[Any]
LIMIT = {8: 2**15 - 1, 16: 2**31 - 1}
LARGEST = {8: 255, 16: 32767}
SLOPE_SHIFT = {(8, 8): 10, (16, 16): 14, (8, 16): 6, (16, 8): 18}


def integers_of(
    thresholds: Any, slopes: Any, offsets: Any, bits: int = 8, shift: int = 2, channels: Any = (1,)
) -> LayerIntegers:
    points, lines, heights = (
        np.atleast_2d(np.asarray(a, np.float64)) for a in (thresholds, slopes, offsets)
    )
    return LayerIntegers(
        kernel=np.ones((1, 1), np.float32),
        bias=np.zeros(1),
        mac_shift=shift,
        limit=LIMIT[bits],
        table=OutputTable(points, lines, heights, tuple(channels)),
    )


def integers_for(activation: str, zero_point: float, bits: tuple[int, int]) -> LayerIntegers:
    """The table of an activation, with accumulators up to 4 and outputs up to 2.7."""
    curve = activation_curve(activation, -4.0, 4.0)
    limit, largest = LIMIT[bits[0]], LARGEST[bits[1]]
    stage = output_stage(curve, 4.0 / limit, 2.7 / largest, zero_point, bits).stored()
    slopes = stage["slopes_m"] * 2.0 ** -(SLOPE_SHIFT[bits] + stage["slopes_e"].astype(np.float64))
    return integers_of(
        stage["x_points"], slopes, stage["offsets"] / 8, bits[0], shift=2 if bits[0] == 8 else 0
    )


@dataclass(frozen=True)
class Expected:
    """Outputs before rounding, codes, and which codes lie beyond."""

    exact: Array
    codes: Array
    beyond: Array


def expected(integers: LayerIntegers, sums: Array, largest: int, group: int = 0) -> Expected:
    accumulators = np.clip(sums / 2.0**integers.mac_shift, -integers.limit, integers.limit)
    table = integers.table
    index = np.searchsorted(table.thresholds[group], accumulators, side="right")
    exact = table.slopes[group][index] * accumulators + table.offsets[group][index]
    rounded = np.rint(exact)
    return Expected(exact, np.clip(rounded, 0, largest), (rounded < 0) | (rounded > largest))


def sums_for(integers: LayerIntegers, seed: int = 0, count: int = 40_000) -> Array:
    """Whole numbers: near 0, over the whole accumulator, at joints and limits, and far beyond."""
    random = np.random.default_rng(seed)
    bound = integers.limit * 2**integers.mac_shift
    joints = np.rint(integers.table.thresholds.ravel() * 2**integers.mac_shift)
    special = [joint + step for joint in [*joints, -bound, bound, 0] for step in (-1, 0, 1)]
    found = [
        random.integers(-bound // 200, bound // 200 + 1, count),
        random.integers(-bound, bound + 1, count),
        random.integers(-7 * bound, 7 * bound + 1, count),
        np.asarray(special),
    ]
    return np.concatenate(found).astype(np.float64)


def tensor_of(integers: LayerIntegers, sums: Array) -> tf.Tensor:
    dtype = tf.float64 if integers.needs_double else tf.float32
    return tf.constant(sums.reshape(1, 1, -1, 1), dtype)


def only_stage(integers: LayerIntegers, largest: int) -> OutputStage:
    (stage,) = stages_of(integers, largest)
    return stage


def assert_as_searched(integers: LayerIntegers, largest: int, near_ties: float = 0.0) -> None:
    """Codes and clipping are those of the table.

    Parameters
    ----------
    near_ties : how close to the middle of two codes an output lies where float32 may take the
        other one.
    """
    sums = sums_for(integers)
    stage, tensor = only_stage(integers, largest), tensor_of(integers, sums)
    wanted = expected(integers, sums, largest)
    codes = stage.codes(tensor)
    assert codes.dtype == tf.float32
    wrong = np.flatnonzero(codes.numpy().ravel() != wanted.codes)
    middle = np.abs(wanted.exact[wrong] - np.floor(wanted.exact[wrong]) - 0.5)
    assert (middle <= near_ties).all(), (len(wrong), wanted.exact[wrong][:5])
    assert len(wrong) <= 1e-4 * len(sums)
    np.testing.assert_array_equal(stage.clipped(tensor).numpy().ravel(), wanted.beyond)
    any_clips = stage.may_clip(tf.reduce_min(tensor), tf.reduce_max(tensor))
    assert bool(any_clips) or not wanted.beyond.any()
    if stage.loop and not integers.needs_double and compiled.numba is not None:
        for dtype in (np.float32, np.int32):
            assert_filled_alike(integers, stage.loop, sums.astype(dtype), codes.numpy(), wanted)


def assert_filled_alike(
    integers: LayerIntegers, loop: Loop, sums: Any, codes: Array, wanted: Expected
) -> None:
    """A compiled loop gives the codes that TensorFlow gives, and the same counts.

    Parameters
    ----------
    sums : of one sample; here they become those of two samples of two channels.
    """
    bias, limit = np.array([-5, 7], np.int32), integers.limit * 2**integers.mac_shift
    half = len(sums) // 2
    given = np.stack([sums[: 2 * half].reshape(half, 2)] * 2) - bias.astype(sums.dtype)
    found = np.empty(given.shape, np.uint8)
    clipped, saturated = np.zeros((2, 2), np.int64)
    loop(Part(given.astype(sums.dtype), bias, limit, found, clipped, saturated))
    for sample in found:
        np.testing.assert_array_equal(sample.ravel(), codes.ravel()[: 2 * half])
    assert clipped.tolist() == [wanted.beyond[: 2 * half].sum()] * 2
    assert saturated.tolist() == [(np.abs(sums[: 2 * half]) >= limit).sum()] * 2


ACTIVATIONS = ("linear", "relu", "relu6", "leaky", "sigmoid", "silu", "tanh", "hardswish")


@pytest.mark.parametrize("zero_point", [0, 37])
@pytest.mark.parametrize("bits", SLOPE_SHIFT)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_tables_of_activations(activation: str, bits: tuple[int, int], zero_point: int) -> None:
    near_ties = 1e-4 if bits == (8, 8) else 0.0
    assert_as_searched(integers_for(activation, zero_point, bits), LARGEST[bits[1]], near_ties)


@pytest.mark.parametrize(
    ("activation", "bits", "form"),
    [
        ("linear", (8, 8), "_Line"),
        ("relu", (8, 8), "_Line"),
        ("relu", (16, 16), "_Line"),
        ("sigmoid", (8, 8), "_Lookup"),
        ("leaky", (8, 16), "_Lookup"),
        ("sigmoid", (16, 16), "_Search"),
        ("relu6", (16, 8), "_Search"),
    ],
)
def test_each_form_is_used(activation: str, bits: tuple[int, int], form: str) -> None:
    stage = only_stage(integers_for(activation, 5, bits), LARGEST[bits[1]])
    assert type(stage).__name__ == form


HANDMADE = {
    "no threshold at all": ([], [0.01], [3.0]),
    "limits only": ([-32767, 32767], [0.01, 0.01, 0.01], [3.0, 3.0, 3.0]),
    "limits only, other lines beyond": ([-32767, 32767], [0.5, 0.01, 0.02], [9.0, 3.0, -7.0]),
    "falling": ([-32767, 32767], [-0.01] * 3, [80.0] * 3),
    "flat": ([-32767, 32767], [0.0] * 3, [80.0] * 3),
    "relu whose flat part is no code": ([-32767, 0, 32767], [0, 0, 0.01, 0.01], [-3.0] * 4),
    "relu that starts below 0": ([-32767, 0, 32767], [0, 0, 0.01, 0.01], [-0.5] * 4),
    "jump": ([-32767, 100, 32767], [0, 0, 0.01, 0.01], [0, 0, 30.0, 30.0]),
    "the same threshold twice": ([-9000, 50, 50, 9000], [0, 0.01, 0.5, 0.02, 0], [0, 1, 5, 2, 9]),
    "saturates below the highest code": ([-32767, 32767], [0.001] * 3, [30.0] * 3),
    "ends half-way between codes": ([-32767, 32767], [0.0078125] * 3, [0.0] * 3),
    "dips out of the codes": ([-32767, 0, 32767], [-0.5, -0.5, 0.5, 0.5], [-20.0] * 4),
    "dips out twice": (
        [-32767, -200, 0, 200, 32767],
        [-0.5, -0.5, 0.5, -0.5, 0.5, 0.5],
        [-120, -120, 80, 80, -120, -120],
    ),
    "no sum has a code": ([-32767, 100, 32767], [0, 0, 0, 0], [-5, -5, 300, 300]),
    "steep": ([-32767, 32767], [2.0] * 3, [0.0] * 3),
    "thresholds beyond the accumulator": ([-40000, 12, 40000], [0, 0.1, 0.01, 9], [0, 0, 1.5, 2]),
}


@pytest.mark.parametrize(("thresholds", "slopes", "offsets"), HANDMADE.values(), ids=HANDMADE)
@pytest.mark.parametrize("shift", [0, 1, 4])
def test_handmade_tables(thresholds: Any, slopes: Any, offsets: Any, shift: int) -> None:
    assert_as_searched(integers_of(thresholds, slopes, offsets, shift=shift), 255, 1e-4)


@pytest.mark.parametrize("bits", [8, 16])
@settings(max_examples=examples(25), deadline=None)
@given(data=st.data())
def test_any_table(bits: int, data: st.DataObject) -> None:
    limit, segments = LIMIT[bits], data.draw(st.integers(1, 6))
    inner = data.draw(st.lists(st.integers(-limit, limit), min_size=segments - 1, max_size=5))
    points = [-limit, *sorted(inner), limit]
    mantissas = st.lists(st.integers(-1023, 1023), min_size=len(points) + 1, max_size=9)
    slopes = np.array(data.draw(mantissas)[: len(points) + 1]) * 2.0**-10 / limit * 2**12
    offsets = np.random.default_rng(segments).integers(-800, 3000, len(slopes)) / 8
    slopes = np.pad(slopes, (0, len(points) + 1 - len(slopes)), mode="edge")
    integers = integers_of(points, slopes, offsets, bits, data.draw(st.integers(0, 4)))
    assert_as_searched(integers, LARGEST[bits], 1e-3 if bits == 8 else 1e-9)


@pytest.mark.parametrize("name", ["dips out of the codes", "dips out twice"])
def test_the_loop_of_a_lookup_counts_one_dip(name: str) -> None:
    """More are rare enough to be left to TensorFlow."""
    stage = only_stage(integers_of(*HANDMADE[name]), 255)
    assert isinstance(stage, _Lookup)
    assert (stage.loop is None) == (name == "dips out twice")


def test_groups_have_tables_of_their_own() -> None:
    """Three groups of 2, 1 and 3 channels: a line, a lookup, and a line from 0."""
    limit = float(LIMIT[8])
    integers = integers_of(
        [[-limit, 0, limit], [-limit, 500, limit], [-limit, 0, limit]],
        [[0.01] * 4, [0.02, 0.02, 0.005, 0.005], [0, 0, 0.02, 0.02]],
        [[10.0] * 4, [50.0] * 4, [7.0] * 4],
        channels=(2, 1, 3),
    )
    stages = stages_of(integers, 255)
    assert len(stages) == 3
    sums = sums_for(integers, count=500)
    for group, stage in enumerate(stages):
        wanted = expected(integers, sums, 255, group)
        tensor = tensor_of(integers, sums)
        np.testing.assert_array_equal(stage.codes(tensor).numpy().ravel(), wanted.codes)
        np.testing.assert_array_equal(stage.clipped(tensor).numpy().ravel(), wanted.beyond)
    first, second, third = (stage.codes(tensor).numpy() for stage in stages)
    assert not np.array_equal(first, second) and not np.array_equal(first, third)


def test_one_form_serves_several_traces() -> None:
    """What a stage keeps must belong to no graph."""
    integers = integers_for("sigmoid", 0, (8, 8))
    sums = sums_for(integers, count=50)
    made: list[OutputStage] = []

    def traced(tensor: tf.Tensor) -> tf.Tensor:
        made.append(made[0] if made else only_stage(integers, 255))
        return made[0].codes(tensor)

    tensor = tensor_of(integers, sums)
    first, second = tf.function(traced)(tensor), tf.function(traced)(tensor)
    np.testing.assert_array_equal(first.numpy(), second.numpy())
    np.testing.assert_array_equal(second.numpy().ravel(), expected(integers, sums, 255).codes)


def test_shift_scales_thresholds_and_slopes_alike() -> None:
    """Sums are compared before the shift, which changes nothing but their unit."""
    plain = integers_for("sigmoid", 3, (8, 8))
    for shift in (0, 3):
        integers = replace(plain, mac_shift=shift)
        sums = sums_for(plain, count=2000) // 4 * 2**shift
        wanted = expected(replace(plain, mac_shift=0), sums / 2**shift, 255)
        codes = only_stage(integers, 255).codes(tensor_of(integers, sums)).numpy().ravel()
        np.testing.assert_array_equal(codes, wanted.codes)


@pytest.mark.parametrize(
    ("thresholds", "slopes", "offsets", "length"),
    [
        ([-32767, -100, 100, 32767], [0, 0, 1, 0, 0], [0, 0, 100, 200, 200], 201),
        ([-32767, -100, 100, 32767], [-1, -1, 1, 0.5, 0.5], [0, 0, 100, 150, 150], 468),
        ([-32767, 100, 32767], [0, 0, 0, 0], [7, 7, 9, 9], 2),
        ([-32767, 100, 32767], [0, 0, 0, 0], [7, 7, 7, 7], 1),
    ],
)
def test_a_lookup_holds_no_more_sums_than_differ(
    thresholds: Any, slopes: Any, offsets: Any, length: int
) -> None:
    integers = integers_of(thresholds, slopes, offsets, shift=0)
    found = _Lookup.of(Lines.of(integers.table, 0, integers), 255)
    assert len(found.table) == length
