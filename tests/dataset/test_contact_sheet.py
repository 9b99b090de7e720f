from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from utils.dataset.contact_sheet import GAP, GAP_GREY, MARK, contact_sheet, is_contact_sheet

Image = pytest.importorskip("PIL.Image")

TOLERANCE = 6  # grey levels that JPEG may change in flat areas


def flat(*colours: tuple[float, float, float], height: int = 32, width: int = 48) -> Any:
    return np.array(colours, np.float32)[:, None, None, :] * np.ones((height, width, 1), np.float32)


def drawn(samples: NDArray[np.float32], swap: bool = False) -> Any:
    with Image.open(io.BytesIO(contact_sheet(samples, swap))) as image:
        assert image.format == "JPEG"
        return np.array(image, np.int64)


def middle(sheet: Any, row: int, column: int) -> Any:
    top, left = row * (32 + GAP) + GAP, column * (48 + GAP) + GAP
    return sheet[top + 16, left + 24]


@pytest.mark.parametrize(
    ("number", "rows", "columns"),
    [(1, 1, 1), (2, 1, 2), (3, 2, 2), (5, 2, 3), (9, 3, 3), (16, 4, 4), (17, 4, 4)],
)
def test_grid_is_as_square_as_possible(number: int, rows: int, columns: int) -> None:
    sheet = drawn(flat(*[(200, 0, 0)] * number))
    assert sheet.shape == (rows * (32 + GAP) + GAP, columns * (48 + GAP) + GAP, 3)
    row, column = divmod(min(number, 16) - 1, columns)
    np.testing.assert_allclose(middle(sheet, row, column), (200, 0, 0), atol=TOLERANCE)


def test_places_without_a_sample_stay_empty() -> None:
    sheet = drawn(flat(*[(200, 0, 0)] * 3))
    np.testing.assert_allclose(middle(sheet, 1, 1), [GAP_GREY] * 3, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("colour", "shown"),
    [
        ((0.0, 0.5, 1.0), (0, 128, 255)),
        ((0.0, 0.5, 1.05), (0, 128, 255)),
        ((0.0, 0.1, 0.2), (0, 26, 51)),
        ((0.0, 1.0, 2.0), (0, 1, 2)),
        ((10.0, 100.0, 255.0), (10, 100, 255)),
        ((0.0, 512.0, 1024.0), (0, 128, 255)),
        ((-1.0, -0.5, 1.0), (0, 0, 255)),
        ((0.0, 0.0, 0.0), (0, 0, 0)),
        ((-3.0, -2.0, -1.0), (0, 0, 0)),
    ],
)
def test_range(colour: tuple[float, float, float], shown: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(middle(drawn(flat(colour)), 0, 0), shown, atol=TOLERANCE)


def test_one_factor_for_all_samples() -> None:
    sheet = drawn(flat((0.5, 0.5, 0.5), (100, 100, 100)))
    np.testing.assert_allclose(middle(sheet, 0, 0), (0, 0, 0), atol=TOLERANCE)
    np.testing.assert_allclose(middle(sheet, 0, 1), (100, 100, 100), atol=TOLERANCE)


def test_swap_reverses_the_channels() -> None:
    colours = flat((200, 100, 0))
    np.testing.assert_allclose(middle(drawn(colours), 0, 0), (200, 100, 0), atol=TOLERANCE)
    swapped = middle(drawn(colours, swap=True), 0, 0)
    np.testing.assert_allclose(swapped, (0, 100, 200), atol=TOLERANCE)


def test_same_samples_same_bytes_and_samples_unchanged() -> None:
    samples = np.random.default_rng(0).random((5, 32, 48, 3), np.float32)
    before = samples.copy()
    assert contact_sheet(samples, False) == contact_sheet(samples, False)
    assert contact_sheet(samples, False) != contact_sheet(samples, True)
    np.testing.assert_array_equal(samples, before)


def jpeg(**options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), (1, 2, 3)).save(file, "JPEG", **options)
    return file.getvalue()


def test_the_tools_own_sheets_are_known_again(tmp_path: Path) -> None:
    path = tmp_path / "standard.jpg"
    for samples in (flat((200, 0, 0)), flat(*[(0, 0, 0)] * 16, height=200, width=300)):
        path.write_bytes(contact_sheet(samples, False))
        assert is_contact_sheet(str(path))


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", jpeg(), MARK.encode(), b"x" * 9000, jpeg() + b"x" * 4096 + MARK.encode()],
    ids=["empty", "cut", "picture", "text", "other", "late"],
)
def test_files_of_others_are_no_sheets(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "standard.jpg"
    path.write_bytes(data)
    assert not is_contact_sheet(str(path))


def test_what_cannot_be_read_is_no_sheet(tmp_path: Path) -> None:
    assert not is_contact_sheet(str(tmp_path))
    assert not is_contact_sheet(str(tmp_path / "missing.jpg"))


def test_pillow_is_imported_only_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delitem(sys.modules, "utils.dataset.contact_sheet")
    __import__("utils.dataset.contact_sheet")
    with pytest.raises(ImportError):
        contact_sheet(flat((1, 1, 1)), False)
