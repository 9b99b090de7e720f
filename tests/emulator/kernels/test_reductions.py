"""The compiled loops against TensorFlow, which does the same in more passes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.networks import images
from tests.har.samples import ROOT
from utils.emulator.kernels import compiled
from utils.emulator.kernels.reductions import mark_codes
from utils.emulator.measuring.batch_statistics import (
    histogram_range,
    non_zero,
    reduced_histogram,
    reduced_statistics,
)
from utils.emulator.measuring.noise_statistics import reduced_noise
from utils.emulator.quantized.coded import Coded
from utils.emulator.quantized.limits import extremes
from utils.emulator.quantized.quantized_run import QuantizedTensors
from utils.har.quantization import Encoding
from utils.measurements.agreement.channels import codes_seen

pytestmark = pytest.mark.skipif(compiled.numba is None, reason="numba is not installed")

SHAPES = [(3, 5, 7, 1), (2, 9, 4, 3), (1, 1, 1, 80), (4, 16, 16, 24)]
Way = Callable[[], Any]


def both_ways(monkeypatch: pytest.MonkeyPatch, way: Way) -> tuple[Any, Any]:
    by_loops = way()
    monkeypatch.setattr(compiled, "numba", None)
    return by_loops, way()


@pytest.mark.parametrize("shape", SHAPES)
def test_statistics(shape: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    tensor = tf.constant(images(*shape) * 3 - 1)
    ours, theirs = both_ways(monkeypatch, lambda: reduced_statistics(tensor))
    assert ours.keys() == theirs.keys()
    for key, values in theirs.items():
        np.testing.assert_allclose(ours[key], values, rtol=1e-5, atol=1e-4)
    for key in ("minimum", "maximum"):
        np.testing.assert_array_equal(ours[key], theirs[key])


@pytest.mark.parametrize("shape", SHAPES)
def test_values_that_are_not_0(
    shape: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.maximum(images(*shape) - 0.5, 0)
    values[0, 0, 0] = np.nan
    tensor = tf.constant(values)
    ours, theirs = both_ways(monkeypatch, lambda: non_zero(tensor))
    assert ours == theirs == np.count_nonzero(values)


@pytest.mark.parametrize("broken", [None, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", SHAPES)
def test_histograms(
    shape: tuple[int, int, int, int], broken: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = images(*shape) * 3 - 1
    if broken is not None:
        values[0, 0, 0, 0] = broken
    tensor, bounds = tf.constant(values), histogram_range(-0.5, 1.5)
    assert bounds is not None
    statistics = reduced_statistics(tensor)
    ours, theirs = both_ways(monkeypatch, lambda: reduced_histogram(tensor, bounds, statistics))
    assert ours["counts"].sum() == theirs["counts"].sum() == values.size
    # A product that is fused with its sum is rounded once less.
    assert np.abs(ours["counts"] - theirs["counts"]).sum() <= 2 + 2 * (broken is not None)
    np.testing.assert_array_equal(ours["outside"], theirs["outside"])


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_noise(
    shape: tuple[int, int, int, int],
    per_channel: bool,
    dtype: tf.DType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count = shape[3] if per_channel else 1
    scales = np.linspace(0.01, 0.02, count)
    encoding = Encoding(scales, np.arange(count, dtype=float) + 3, 0.0, 0.0)
    reference = images(*shape)
    codes = np.clip(np.round(reference / scales + encoding.zero_points), 0, 255)
    coded = Coded(tf.cast(codes, dtype), encoding)
    tensors = QuantizedTensors(coded, (coded,))
    held = tf.constant(reference)
    ours, theirs = both_ways(monkeypatch, lambda: reduced_noise(tensors, held))
    for key, values in theirs.items():
        np.testing.assert_allclose(ours[key], values, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_extremes(dtype: tf.DType, monkeypatch: pytest.MonkeyPatch) -> None:
    tensor = tf.constant(images(2, 3, 4, 5) * 1e6, dtype)
    ours, theirs = both_ways(monkeypatch, lambda: extremes(tensor))
    assert ours == theirs


def test_a_tensor_is_viewed_where_it_lies() -> None:
    tensor = tf.constant(images(2, 3, 4, 5))
    rows = compiled.viewed(tensor)
    assert rows.shape == (6, 4, 5)
    assert not rows.flags.owndata
    np.testing.assert_array_equal(rows.reshape(tensor.shape), tensor.numpy())


def test_a_tensor_takes_over_the_memory_of_an_array() -> None:
    array = compiled.empty_bytes((2, 3, 4, 5))
    array[:] = np.arange(120).reshape(array.shape)
    tensor = compiled.as_tensor(array)
    assert np.shares_memory(np.asarray(memoryview(tensor)), array)
    expected = array.copy()
    del array
    np.testing.assert_array_equal(tensor.numpy(), expected)


@pytest.mark.slow
def test_where_no_folder_can_be_written_to_nothing_is_kept_compiled() -> None:
    code = (
        "from utils.emulator.kernels import reductions; import numpy as np; "
        "assert reductions.flat_extremes(np.array([2.0, 1.0])) == (1.0, 2.0)"
    )
    # The folder of the sources is taken for one that nobody may write to.
    hidden = "import numba.core.caching as c; c.CacheImpl._locator_classes = []; "
    subprocess.run([sys.executable, "-c", hidden + code], cwd=ROOT, check=True)


def test_codes_that_occur_are_those_of_numpy() -> None:
    codes = np.random.default_rng(1).integers(0, 256, (90, 5), dtype=np.uint8)
    seen = np.zeros((5, 256), np.bool_)
    mark_codes(codes, seen)
    np.testing.assert_array_equal(seen, codes_seen(codes))
    assert 0 < seen.sum() < seen.size
