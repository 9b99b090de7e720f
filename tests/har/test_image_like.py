from __future__ import annotations

import pytest

from tests.fixtures.builders import build_statistics
from utils.har.image_like import is_image_like, is_image_shaped
from utils.har.network import Shape


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 1, 80), False),  # a table
        ((32, 32, 2), False),  # packed YUV
        ((32, 32, 5), False),
        ((31, 32, 3), False),
        ((32, 31, 3), False),
        ((28, 28, 1), False),
        ((32, 32, 1), True),
        ((32, 32, 3), True),
        ((480, 640, 4), True),
    ],
)
def test_shape(shape: Shape, expected: bool) -> None:
    assert is_image_shaped(shape) is expected
    assert is_image_like(shape, build_statistics(channels=shape[2])) is expected


@pytest.mark.parametrize(
    ("share", "expected"), [(None, False), (0.0131, False), (0.199, False), (0.2, True), (1, True)]
)
def test_share_of_values_other_than_zero(share: float | None, expected: bool) -> None:
    assert is_image_like((32, 32, 3), build_statistics(non_zero_share=share)) is expected


def test_nothing_is_image_like_without_statistics() -> None:
    assert not is_image_like((32, 32, 3), None)
