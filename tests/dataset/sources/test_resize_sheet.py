"""The sheet that shows what each way to resize does."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFont

from tests.dataset.refusals import as_finding
from tests.fixtures.picture_folders import input_layer, photos, save_pictures
from utils.dataset.calibration_set import open_dataset
from utils.dataset.contact_sheet import MARK
from utils.dataset.read_as import ReadAs
from utils.dataset.sources import pictures
from utils.dataset.sources.pictures import PictureFacts, PictureReader
from utils.dataset.sources.resize_sheet import (
    CELL,
    GAP,
    LINE,
    MOST_SHOWN,
    are_in_proportion,
    resize_sheet,
    shown,
)
from utils.errors import DatasetError
from utils.har.network import Shape

STRIPES = np.zeros((40, 80, 3), np.uint8)  # twice as wide as high
STRIPES[:, 40:] = 200
STRIPES[:, :8] = STRIPES[:, -8:] = (250, 0, 0)
SQUARE = (40, 40, 3)


def facts(width: int, height: int) -> PictureFacts:
    return PictureFacts(width, height, "RGB", is_turned=False, has_transparency=False)


def read(pixels: NDArray[Any], reader: PictureReader) -> NDArray[np.uint8]:
    return reader.fitted(pixels, "x")


def drawn(shape: Shape, *pixels: NDArray[Any], caption: str = "x.jpg, 80 x 40") -> NDArray[Any]:
    data = resize_sheet(shape, [(caption, partial(read, each)) for each in pixels])
    assert MARK.encode() in data[:4096]
    return np.asarray(Image.open(io.BytesIO(data))).astype(int)


def refused(folder: Path, shape: Shape) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(folder), [input_layer(shape)], 64)
    as_finding(caught.value)
    return caught.value


def test_columns_are_stretched_letterboxed_and_cropped() -> None:
    sheet = drawn(SQUARE, STRIPES, STRIPES)
    assert sheet.shape == (LINE + 2 * (LINE + CELL + GAP) + GAP, 3 * (CELL + GAP) + GAP, 3)
    for row in range(2):
        top = 2 * LINE + GAP // 2 + row * (LINE + CELL + GAP)
        cells = [sheet[top : top + CELL, x : x + CELL] for x in range(GAP, 3 * CELL, CELL + GAP)]
        stretched, letterboxed, cropped = cells
        is_red = [cell[CELL // 2, 6, 0] > 200 > 100 > cell[CELL // 2, 6, 1] for cell in cells]
        assert is_red == [True, True, False]
        is_bar = [np.abs(cell[8] - pictures.BARS).max() < 12 for cell in cells]
        assert is_bar == [False, True, False]
        # The border between the stripes stays in the middle.
        for cell in (stretched, letterboxed, cropped):
            assert cell[CELL // 2, CELL // 2 - 20].max() < 60
            assert cell[CELL // 2, CELL // 2 + 20].min() > 160


def test_every_row_and_column_has_its_words() -> None:
    sheet = drawn(SQUARE, STRIPES)
    lines = sheet[:LINE], sheet[LINE + GAP // 2 : 2 * LINE + GAP // 2 - 2]
    for left in range(GAP, 3 * CELL, CELL + GAP):
        assert (lines[0][:, left : left + CELL] < 100).any()
    assert (lines[1][:, GAP : GAP + CELL] < 100).any()


@pytest.mark.parametrize("shape", [(2, 300, 3), (300, 2, 3), (8, 8, 1), (700, 500, 3)])
@pytest.mark.parametrize("caption", ["größe\udcff\n" * 30, ""])
def test_any_input_and_any_name_can_be_drawn(shape: Shape, caption: str) -> None:
    grey = STRIPES[..., :1]
    assert drawn(shape, grey if shape[2] == 1 else STRIPES, caption=caption).shape[1] > 300


def test_letters_of_early_versions_of_pillow_do_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    load = ImageFont.load_default

    def early() -> Any:
        return load()

    monkeypatch.setattr(ImageFont, "load_default", early)
    assert (drawn(SQUARE, STRIPES)[:LINE] < 100).any()


def test_first_pictures_are_shown_those_at_which_the_ways_differ_before_others() -> None:
    sizes = [(80, 80), (80, 40), (50, 50), (40, 80), (30, 30), (20, 20)]
    found = [facts(*size) for size in sizes]
    assert shown([0, 1, 2, 3, 4, 5], found, SQUARE) == [1, 3, 0, 2]
    assert shown([4, 5], found, SQUARE) == [4, 5]
    assert MOST_SHOWN == 4


def test_proportions() -> None:
    assert are_in_proportion([facts(64, 48), facts(32, 24)], (24, 32, 3))
    assert not are_in_proportion([facts(64, 48), facts(24, 32)], (24, 32, 3))


def test_pictures_that_fit_need_no_sheet(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos())
    assert open_dataset(str(folder), [input_layer()], 64).samples == 6


def test_a_refusal_comes_with_the_sheet_of_what_can_be_decoded(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos())
    whole = (folder / "0000.png").read_bytes()
    (folder / "0000.png").write_bytes(whole[: len(whole) // 2])
    error = refused(folder, (24, 24, 3))
    sheet = Image.open(io.BytesIO(error.sheet))
    rows = MOST_SHOWN - 1
    assert sheet.size == (3 * (CELL + GAP) + GAP, LINE + rows * (LINE + CELL + GAP) + GAP)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:60])
    assert refused(folder, (24, 24, 3)).sheet == b""


def test_where_all_ways_do_the_same_one_is_named(tmp_path: Path) -> None:
    folder = save_pictures(tmp_path, photos())
    error = refused(folder, (48, 64, 3))
    assert error.sheet == b""
    assert error.remedy.startswith("Add `--resize stretch`, which scales them: ")
    (layer,) = [input_layer((48, 64, 3))]
    arrays = []
    for way in ("stretch", "letterbox", "crop"):
        reader = PictureReader(layer.output_shape, ReadAs(resize=way))
        arrays.append(reader.fitted(photos()[0], "x"))
    np.testing.assert_array_equal(arrays[0], arrays[1])
    np.testing.assert_array_equal(arrays[0], arrays[2])
