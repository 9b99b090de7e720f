from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.natural_images import natural_images
from utils.dataset.image_statistics import difference_hashes, look_alikes, neighbour_correlation

Planes = NDArray[np.float32]


def planes(images: NDArray[np.generic]) -> Planes:
    """Images (n, height, width, channels) as planes of mean 0."""
    values = np.asarray(images, dtype=np.float32).transpose(0, 3, 1, 2)
    return np.asarray(values - values.mean(axis=(2, 3), keepdims=True))


def distances(one: NDArray[np.generic], other: NDArray[np.generic]) -> list[int]:
    pairs = zip(difference_hashes(planes(one)), difference_hashes(planes(other)), strict=True)
    return [bin(int(a) ^ int(b)).count("1") for a, b in pairs]


@pytest.mark.parametrize("size", [(32, 32), (64, 48), (200, 333)])
def test_neighbours_in_pictures_correlate_and_in_noise_do_not(size: tuple[int, int]) -> None:
    pictures = natural_images(6, *size)
    assert neighbour_correlation(planes(pictures)).min() > 0.6
    noise = np.random.default_rng(1).integers(0, 256, (6, *size, 3))
    assert np.abs(neighbour_correlation(planes(noise))).max() < 0.1


def test_correlation_is_that_of_neighbours_in_both_directions() -> None:
    image = natural_images(1, 40, 56)[:, :, :, :1]
    grey = planes(image)[0, 0].astype(np.float64)

    def correlated(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))

    along, down = correlated(grey[:, :-1], grey[:, 1:]), correlated(grey[:-1], grey[1:])
    assert neighbour_correlation(planes(image))[0] == pytest.approx((along + down) / 2, abs=1e-5)


def test_flat_pictures_have_no_correlation() -> None:
    assert np.isnan(neighbour_correlation(planes(np.full((2, 32, 32, 3), 7)))).all()


def test_hashes_survive_what_leaves_a_picture_the_same() -> None:
    pictures = natural_images(12, 128, 128).astype(np.float64)
    smaller = pictures.reshape(12, 64, 2, 64, 2, 3).mean(axis=(2, 4))
    noisy = pictures + np.random.default_rng(2).normal(0, 3, pictures.shape)
    for changed in (pictures * 0.7 + 20, smaller, noisy):
        assert np.mean(np.array(distances(pictures, changed)) <= 3) > 0.8
    assert min(distances(pictures[:6], pictures[6:])) > 10
    assert min(distances(pictures, pictures[:, :, ::-1])) > 10


def test_bits_say_which_cell_is_lighter_than_the_one_to_its_left() -> None:
    ramp = np.broadcast_to(np.arange(36.0)[None, None, :, None], (1, 32, 36, 1))
    assert difference_hashes(planes(ramp)) == [np.uint64(2**64 - 1)]
    assert difference_hashes(planes(-ramp)) == [np.uint64(0)]


@pytest.mark.parametrize(
    ("bits", "distance", "alike"),
    [
        ([], 3, []),
        ([0b0], 3, [False]),
        ([0b1111, 0b0], 3, [False, False]),
        ([0b0111, 0b0], 3, [False, True]),
        ([0b0, 2**63, 2**64 - 1, 2**64 - 8], 3, [False, True, False, True]),
        ([5, 5], 0, [False, True]),
    ],
)
def test_look_alikes_of_earlier_ones(bits: list[int], distance: int, alike: list[bool]) -> None:
    assert look_alikes(np.array(bits, dtype=np.uint64), distance).tolist() == alike


def test_look_alikes_are_found_across_blocks() -> None:
    hashes = np.random.default_rng(3).integers(0, 2**63, 700, dtype=np.uint64)
    hashes[650] = hashes[3] ^ np.uint64(0b101)
    assert np.flatnonzero(look_alikes(hashes, 3)).tolist() == [650]
