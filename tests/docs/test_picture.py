from __future__ import annotations

from PIL import Image

from docs.picture import PICTURE, WIDTH

LARGEST = 200_000  # bytes that a page may load for one picture


def test_the_picture_is_as_wide_as_it_is_shown_and_small() -> None:
    with Image.open(PICTURE) as picture:
        assert (picture.format, picture.width) == ("PNG", WIDTH)
    assert PICTURE.stat().st_size < LARGEST
