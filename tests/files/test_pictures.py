"""Pictures are told by how they begin, and by their names."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from utils.files.pictures import HEAD, is_picture, names_picture


def encoded(form: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 24)).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"BM and other text", False),
        (b"RIFF\0\0\0\0AVI ", False),
        (b"", False),
        (encoded("PNG"), True),
        (encoded("JPEG"), True),
        (encoded("BMP"), True),
        (encoded("WEBP"), True),
    ],
)
def test_pictures_are_known_by_how_they_begin(content: bytes, expected: bool) -> None:
    assert is_picture(content[:HEAD], len(content)) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("png", False), ("a.npy", False), ("a.png.npy", False), ("a/B.PNG", True), ("0.jpeg", True)],
)
def test_names_of_pictures(name: str, expected: bool) -> None:
    assert names_picture(name) is expected
