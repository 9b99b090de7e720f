"""Slices of the samples, joined, against one pass over all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.documents import assert_close
from tests.har.archives import small_images, write_small
from utils.backends.networks import Networks
from utils.backends.opened_data import opened_data
from utils.backends.opened_job import OpenedJob
from utils.backends.slices import Slice, joined, measured_slice, slices_of
from utils.errors import DatasetError
from utils.har.model import load_model
from utils.jobs.job import Job
from utils.jobs.plain import packed
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need

NEED = (
    Need.OUTPUT_STATISTICS
    | Need.PREACTIVATION_STATISTICS
    | Need.HISTOGRAMS
    | Need.PREVIEWS
    | Need.NOISE
)
SAMPLES, BATCH = 26, 4


def networks_on(folder: Path, samples: int = SAMPLES) -> Networks:
    data = folder / "x.npy"
    if not data.exists():
        np.save(data, small_images(samples=SAMPLES).astype(np.float32))
    settings = Settings(batch_size=BATCH)
    job = Job(write_small(folder / "model.har"), str(data), samples, NEED, settings, "embedded")
    model = load_model(job.archive)
    calibration = opened_data(job, model, None, samples)
    return Networks(OpenedJob(model, calibration, NEED, settings))


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    return networks_on(tmp_path_factory.mktemp("slices"))


@pytest.fixture(scope="module")
def whole(networks: Networks) -> Measurements:
    return measured_slice(networks, Slice(0, SAMPLES))


def assert_equal(one: Measurements, other: Measurements) -> None:
    (document, arrays), (again, read) = packed(one), packed(other)
    assert_close(document, again, "document")
    for name, array in arrays.items():
        np.testing.assert_allclose(array, read[name], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("largest", [BATCH, 2 * BATCH, 3 * BATCH + 1, SAMPLES])
def test_slices_of_whole_batches_yield_what_one_pass_yields(
    networks: Networks, whole: Measurements, largest: int
) -> None:
    slices = slices_of(SAMPLES, BATCH, largest)
    assert sum(part.samples for part in slices) == SAMPLES
    assert_equal(joined(measured_slice(networks, part) for part in slices), whole)


def test_slices_may_be_joined_as_a_tree(networks: Networks, whole: Measurements) -> None:
    parts = [measured_slice(networks, part) for part in slices_of(SAMPLES, BATCH, BATCH)]
    pairs = [joined(parts[start : start + 2]) for start in range(0, len(parts), 2)]
    assert_equal(joined(pairs), whole)


def test_slices_of_another_size_differ_by_the_rounding_of_float32_alone(
    networks: Networks, whole: Measurements
) -> None:
    found = joined([measured_slice(networks, Slice(0, 7)), measured_slice(networks, Slice(7, 19))])
    assert found.noise is not None
    assert whole.noise is not None
    for name, layer in whole.noise.layers.items():
        assert found.noise.layers[name].output.signal == pytest.approx(
            layer.output.signal, rel=1e-5
        )


def test_worst_samples_and_peaks_name_places_in_the_file(
    tmp_path: Path,
) -> None:
    networks = networks_on(tmp_path, 9)
    indices = set(map(int, networks.job.calibration.indices))
    found = joined(measured_slice(networks, part) for part in slices_of(9, BATCH, BATCH))
    assert found.noise is not None
    worst = next(iter(found.noise.worst_samples.values()))
    assert {sample.index for sample in worst} == indices
    peaks = [layer.peaks for layer in found.layers.values() if layer.peaks]
    assert peaks
    assert all(set(map(int, each.highest.places)) <= indices for each in peaks)


def test_samples_that_are_not_finite_are_named_by_their_place_in_the_file(
    tmp_path: Path,
) -> None:
    images = small_images(samples=SAMPLES).astype(np.float32)
    images[17, 0, 0, 0] = np.nan
    np.save(tmp_path / "x.npy", images)
    networks = networks_on(tmp_path)
    measured_slice(networks, Slice(0, 16))
    with pytest.raises(DatasetError, match="samples 17, counted from 0"):
        measured_slice(networks, Slice(16, 10))


def test_slices_are_whole_batches_but_the_last() -> None:
    assert slices_of(10, 4, 5) == (Slice(0, 4), Slice(4, 4), Slice(8, 2))
    assert slices_of(10, 4, 1) == (Slice(0, 4), Slice(4, 4), Slice(8, 2))
    assert slices_of(8, 4, 100) == (Slice(0, 8),)
