from __future__ import annotations

import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.natural_images import natural_images
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.sample_digests import InputDigests, SampleDigests
from utils.dataset.stored_inputs import Bounds
from utils.har.network import Layer, Shape

NAME = "net/input_layer1"


def opened(folder: Path, *arrays: NDArray[Any], count: int = 64) -> CalibrationSet:
    """A set with an input for each array."""
    names = [f"input_layer{index}" for index in range(1, len(arrays) + 1)]
    layers = [
        Layer(f"net/{name}", "input_layer", output_shapes=(shape_of(array),))
        for name, array in zip(names, arrays, strict=True)
    ]
    path = str(folder / "set.npz")
    by_name: dict[str, Any] = dict(zip(names, arrays, strict=True))
    np.savez(path, **by_name)
    return open_dataset(path, layers, count)


def shape_of(array: NDArray[Any]) -> Shape:
    height, width, channels = array.shape[1:]
    return height, width, channels


def digested(
    folder: Path, *arrays: NDArray[Any], batch_size: int = 4, bounds: Bounds | None = None
) -> SampleDigests:
    calibration = opened(folder, *arrays)
    assert calibration.is_whole
    digester = SampleDigester(calibration, {NAME: bounds} if bounds else {})
    for batch in calibration.batches(batch_size):
        digester.add(batch)
    digests = digester.digests()
    assert digests is not None
    return digests


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_order_of_the_file_is_kept_whatever_comes_first(tmp_path: Path, count: int) -> None:
    data = np.random.default_rng(2).integers(0, 99, (10, 1, 1, 2))
    data[7], data[9] = data[2], data[2]
    expected = digested(tmp_path, data)
    calibration = opened(tmp_path, data, count=count)
    digester = SampleDigester(calibration, {})
    for batch in calibration.batches(2):
        digester.add(batch)
    for batch in calibration.batches(4, digester.missing):
        digester.add(batch)
    found = digester.digests()
    assert found is not None
    assert found.indices.tolist() == list(range(10))
    assert found.first_equal.tolist() == expected.first_equal.tolist()
    assert found.first_equal.tolist()[7:] == [2, 8, 2]
    mine, theirs = found.inputs[NAME], expected.inputs[NAME]
    np.testing.assert_array_equal(mine.minimum, theirs.minimum)
    np.testing.assert_allclose(mine.statistics.mean, theirs.statistics.mean)
    assert digester.missing.size == 0


def test_what_was_seen_before_an_interruption_keeps_its_indices(tmp_path: Path) -> None:
    data = np.arange(10).reshape(10, 1, 1, 1) % 3
    calibration = opened(tmp_path, data, count=4)
    digester = SampleDigester(calibration, {})
    for batch in calibration.batches(3):
        digester.add(batch)
    found = digester.digests()
    assert found is not None
    assert found.indices.tolist() == [0, 3, 6, 9]
    assert found.first_equal.tolist() == [0, 0, 0, 0]
    assert found.is_copy.tolist() == [False, True, True, True]


def test_measured_samples_behind_those_of_the_compiler_are_left_out(tmp_path: Path) -> None:
    data = np.arange(3000).reshape(3000, 1, 1, 1)
    calibration = opened(tmp_path, data, count=4)
    digester = SampleDigester(calibration, {})
    for batch in (*calibration.batches(3), *calibration.batches(500, np.arange(1, 1000))):
        digester.add(batch)
    found = digester.digests()
    assert found is not None
    assert found.indices.tolist() == [*range(1001)]
    assert found.inputs[NAME].statistics.high == 1000
    assert digester.missing.tolist() == [*range(1001, 1024)]


def digests_of(folder: Path, array: NDArray[Any], **options: Any) -> InputDigests:
    return digested(folder, array, **options).inputs[NAME]


@pytest.mark.parametrize("shape", [(40, 36, 3), (1, 1, 80), (1, 30, 5), (8, 8, 1)])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float16", "float32", "float64", "bool"])
@pytest.mark.parametrize("batch_size", [1, 7])
def test_facts_are_those_of_numpy(
    tmp_path: Path, shape: Shape, dtype: str, batch_size: int
) -> None:
    random = np.random.default_rng(4)
    data = random.integers(0, 3 if dtype == "bool" else 200, (9, *shape)).astype(dtype)
    data[:, :, :, 0] = data[:, :, :, 0] > 100
    found = digests_of(tmp_path, data, batch_size=batch_size)
    values = data.astype(np.float64).reshape(9, -1, shape[2])
    channels, spatial = values.reshape(-1, shape[2]), shape[0] * shape[1] > 1
    spread = np.sqrt(values.var(axis=1).mean(axis=1)) if spatial else values.std(axis=(1, 2))
    rough: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_array_equal(found.minimum, values.min(axis=(1, 2)))
    np.testing.assert_array_equal(found.maximum, values.max(axis=(1, 2)))
    np.testing.assert_allclose(found.spread, spread, **rough)
    np.testing.assert_allclose(found.zero_share, (values == 0).mean(axis=(1, 2)))
    np.testing.assert_array_equal(found.statistics.minimum, channels.min(axis=0))
    np.testing.assert_array_equal(found.statistics.maximum, channels.max(axis=0))
    np.testing.assert_allclose(found.statistics.mean, channels.mean(axis=0), **rough)
    np.testing.assert_allclose(found.statistics.energy, (channels**2).mean(axis=0), **rough)
    np.testing.assert_allclose(found.sample_mean_spread, values.mean(1).std(0), **rough)
    assert found.statistics.non_zero_share == pytest.approx((values != 0).mean())
    assert found.statistics.count == len(channels)
    assert not found.not_finite.any()
    assert (found.shape, found.dtype) == (shape, dtype)
    assert (found.hashes is not None) == (found.correlation is not None) == (shape[0] >= 32)


def test_equal_samples_are_those_equal_at_every_input(tmp_path: Path) -> None:
    first = np.arange(6)[:, None, None, None] % 3 * np.ones((6, 1, 1, 4))
    second = first.copy()
    second[4] = 9
    found = digested(tmp_path, first, second)
    assert found.first_equal.tolist() == [0, 1, 2, 0, 4, 2]
    assert found.is_copy.tolist() == [False, False, False, True, False, True]
    assert digested(tmp_path, first).first_equal.tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_not_finite_is_counted_and_left_out(tmp_path: Path, value: float) -> None:
    data = np.ones((5, 1, 2, 3))
    data[1, 0, 0, 2] = data[4, 0, 1, 2] = data[4, 0, 0, 2] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = digests_of(tmp_path, data)
    assert found.not_finite.tolist() == [0, 1, 0, 0, 2]
    assert found.statistics.maximum.tolist() == [1, 1, 1]
    assert found.statistics.minimum.tolist() == [1, 1, 0]


def test_large_numbers_raise_no_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = digests_of(tmp_path, np.linspace(-1e18, 1e18, 4 * 33 * 33).reshape(4, 33, 33, 1))
    assert found.statistics.high == pytest.approx(1e18)
    assert not found.not_finite.any()


def test_pictures_of_one_colour_are_flat(tmp_path: Path) -> None:
    pictures = natural_images(4, 32, 32)
    pictures[2] = (10, 100, 31)
    found = digests_of(tmp_path, pictures)
    assert found.is_flat.tolist() == [False, False, True, False]
    rows = np.tile([10, 100, 31], (3, 1, 1, 1))
    assert not digests_of(tmp_path, rows).is_flat.any()


def test_values_outside_their_channel_are_counted(tmp_path: Path) -> None:
    data = np.zeros((4, 1, 3, 2), np.float32)
    data[0, 0, :2, 0] = -2
    data[2, 0, 1, 0] = 5
    data[3, 0, 1, 1] = 1
    bounds = (np.array([-1, -1], np.float32), np.array([1, 1], np.float32))
    found = digests_of(tmp_path, data, batch_size=3, bounds=bounds).outside
    assert found is not None
    assert found.below.tolist() == [2, 0]
    assert found.above.tolist() == [1, 0]
    assert found.samples_below.tolist() == [1, 0]
    assert found.samples_above.tolist() == [1, 0]
    assert digests_of(tmp_path, data).outside is None


def test_bounds_of_other_channels_are_left_alone(tmp_path: Path) -> None:
    bounds = (np.zeros(2, np.float32), np.ones(2, np.float32))
    assert digests_of(tmp_path, np.ones((3, 2, 2, 3)), bounds=bounds).outside is None


def sparse(share: float) -> NDArray[np.uint8]:
    """Smooth pictures in which so many values are not 0."""
    pictures = np.maximum(natural_images(8, 50, 40), 1)
    pictures[:, round(50 * share) :] = 0
    return pictures


@pytest.mark.parametrize(("share", "expected"), [(1.0, True), (0.22, True), (0.18, False)])
def test_image_like(tmp_path: Path, share: float, expected: bool) -> None:
    assert digests_of(tmp_path, sparse(share)).is_image_like is expected


def test_blank_frames_do_not_make_pictures_anything_else(tmp_path: Path) -> None:
    pictures = sparse(0.22)
    pictures[1:7] = 0
    assert digests_of(tmp_path, pictures).is_image_like
    assert not digests_of(tmp_path, np.zeros_like(pictures)).is_image_like
    assert not digests_of(tmp_path, np.ones((8, 31, 40, 3), np.uint8)).is_image_like


@pytest.mark.parametrize(
    ("samples", "count", "wanted"),
    [(10, 64, 10), (2000, 64, 1024), (2000, 2000, 2000), (2000, 1500, 1024)],
)
def test_how_many_are_wanted(tmp_path: Path, samples: int, count: int, wanted: int) -> None:
    calibration = opened(tmp_path, np.zeros((samples, 1, 1, 1), np.uint8), count=count)
    digester = SampleDigester(calibration, {})
    assert (digester.samples, digester.wanted) == (0, wanted)
    assert digester.digests() is None


def test_memory_is_that_of_a_block(tmp_path: Path) -> None:
    data = np.random.default_rng(1).integers(0, 256, (96, 256, 256, 3), dtype=np.uint8)
    calibration = opened(tmp_path, data, count=96)
    digester = SampleDigester(calibration, {})
    tracemalloc.start()
    for batch in calibration.batches(digester.batch_size):
        digester.add(batch)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert digester.batch_size == 32 * 2**20 // (256 * 256 * 3)
    assert peak < 150 * 2**20
