"""One picture: what is done to it so that it fits, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.dataset.refusals import as_finding
from tests.fixtures.picture_folders import photos
from tests.house.fuzzing import examples
from utils.dataset.read_as import ReadAs
from utils.dataset.sources import pictures
from utils.dataset.sources.pictures import PictureReader, facts_of
from utils.errors import DatasetError
from utils.har.network import Shape

PHOTO = photos(1)[0]  # 24 x 32
COLOUR, GREY = (24, 32, 3), (24, 32, 1)


def encoded(picture: NDArray[Any] | Image.Image, form: str = "PNG", **options: Any) -> io.BytesIO:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    stream = io.BytesIO()
    image.save(stream, form, **options)
    stream.seek(0)
    return stream


def read(stream: io.BytesIO, shape: Shape = COLOUR, **decided: Any) -> NDArray[Any]:
    return PictureReader(shape, ReadAs(**decided)).pixels(stream, "x.png")


@pytest.mark.parametrize("form", ["PNG", "BMP", "WEBP"])
def test_what_is_stored_without_loss_comes_bit_for_bit(form: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    np.testing.assert_array_equal(read(encoded(PHOTO, form, **options)), PHOTO)


def test_a_jpeg_comes_as_pillow_decodes_it() -> None:
    stream = encoded(PHOTO, "JPEG", quality=80)
    expected = np.asarray(Image.open(io.BytesIO(stream.getvalue())))
    np.testing.assert_array_equal(read(stream), expected)


def test_bgr_is_rgb_with_its_channels_reversed() -> None:
    np.testing.assert_array_equal(read(encoded(PHOTO), colour="bgr"), PHOTO[..., ::-1])


def test_grey_pictures_get_three_equal_channels() -> None:
    grey = PHOTO[..., 0]
    np.testing.assert_array_equal(read(encoded(grey)), np.repeat(grey[..., None], 3, axis=-1))


def test_a_grey_network_gets_grey_pictures() -> None:
    expected = np.asarray(Image.fromarray(PHOTO).convert("L"))[..., None]
    np.testing.assert_array_equal(read(encoded(PHOTO), GREY), expected)
    np.testing.assert_array_equal(read(encoded(expected[..., 0]), GREY), expected)


def test_transparency_is_left_out() -> None:
    alpha = np.random.default_rng(0).integers(0, 256, (24, 32, 1), dtype=np.uint8)
    stream = encoded(np.concatenate([PHOTO, alpha], axis=-1))
    np.testing.assert_array_equal(read(stream), PHOTO)


@pytest.mark.filterwarnings("error")
def test_palettes_are_looked_up() -> None:
    quantized = Image.fromarray(PHOTO).quantize(16)
    expected = np.asarray(quantized.convert("RGB"))
    np.testing.assert_array_equal(read(encoded(quantized)), expected)
    see_through = encoded(quantized, transparency=bytes(range(16)))
    np.testing.assert_array_equal(read(see_through), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_exif_asks(orientation: int) -> None:
    turned = {
        1: PHOTO,
        2: PHOTO[:, ::-1],
        3: PHOTO[::-1, ::-1],
        4: PHOTO[::-1],
        5: PHOTO.swapaxes(0, 1),
        6: PHOTO.swapaxes(0, 1)[:, ::-1],
        7: PHOTO.swapaxes(0, 1)[::-1, ::-1],
        8: PHOTO.swapaxes(0, 1)[::-1],
    }[orientation]
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = orientation
    stream = encoded(PHOTO, exif=exif)
    facts = facts_of(stream, "x.png")
    assert (facts.height, facts.width) == turned.shape[:2]
    assert facts.is_turned == (orientation != 1)
    stream.seek(0)
    np.testing.assert_array_equal(read(stream, turned.shape), turned)


def test_broken_exif_is_as_good_as_none() -> None:
    stream = encoded(PHOTO, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    np.testing.assert_array_equal(read(stream), PHOTO)


class TestResizing:
    STRIPES = np.zeros((40, 80, 3), np.uint8)  # twice as wide as high
    STRIPES[:, 40:] = 200

    def test_stretching_fills_the_input(self) -> None:
        got = read(encoded(self.STRIPES), (20, 20, 3), resize="stretch")
        assert (got[:, :9] == 0).all()
        assert (got[:, 11:] == 200).all()

    def test_letterboxing_keeps_proportions_and_adds_bars(self) -> None:
        got = read(encoded(self.STRIPES), (20, 20, 3), resize="letterbox")
        assert (got[:5] == pictures.BARS).all()
        assert (got[15:] == pictures.BARS).all()
        assert (got[5:15, :9] == 0).all()
        assert (got[5:15, 11:] == 200).all()
        grey = read(encoded(self.STRIPES), (20, 20, 1), resize="letterbox")
        np.testing.assert_array_equal(grey[..., 0], got[..., 0])

    def test_cropping_keeps_proportions_and_cuts_the_edges(self) -> None:
        ends = self.STRIPES.copy()
        ends[:, :16] = ends[:, -16:] = 77
        got = read(encoded(ends), (20, 20, 3), resize="crop")
        assert not (got == 77).any()
        assert (got[:, :9] == 0).all()
        assert (got[:, 11:] == 200).all()

    @pytest.mark.parametrize("how", ["stretch", "letterbox", "crop"])
    def test_pictures_of_the_right_size_are_left_alone(self, how: str) -> None:
        np.testing.assert_array_equal(read(encoded(PHOTO), resize=how), PHOTO)

    def test_by_default_sizes_have_to_fit_and_the_choices_are_told(self) -> None:
        with pytest.raises(DatasetError) as caught:
            read(encoded(self.STRIPES))
        error = caught.value
        as_finding(error)
        assert error.finding_id == "calibration-shape"
        assert "x.png with 80 x 40 pixels (width x height), the input takes 32 x 24" in str(error)
        assert all(f"--resize {how}" in error.remedy for how in ("letterbox", "crop", "stretch"))


def broken_png() -> bytes:
    content = bytearray(encoded(PHOTO).getvalue())
    content[30] ^= 255  # of the checksum behind the header
    return bytes(content)


def bomb(side: int) -> bytes:
    return encoded(Image.new("1", (side, side))).getvalue()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (encoded(PHOTO, "JPEG").getvalue()[:-200], "A picture cannot be read (x.png: "),
        (encoded(PHOTO).getvalue()[:200], "A picture cannot be read (x.png: "),
        (broken_png(), "A picture cannot be read (x.png: "),
        (b"no picture", "x.png: holds none of JPEG, PNG, BMP, WEBP"),
        (encoded(PHOTO, "GIF").getvalue(), "x.png: holds none of JPEG, PNG, BMP, WEBP"),
        (b"", "x.png: holds none of"),
        (bomb(9_000), "too large to be decoded (x.png: 9000 x 9000 pixels, 80,000,000 are read"),
        (bomb(10_000), "too large to be decoded (x.png: 10000 x 10000 pixels, "),
        (bomb(20_000), "too large to be decoded (x.png: "),
    ],
    ids=["jpeg", "cut-png", "broken-png", "text", "gif", "empty", "bomb", "larger", "largest"],
)
def test_damaged_and_hostile_pictures_end_in_one_sentence(content: bytes, told: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read(io.BytesIO(content))
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-unreadable"
    assert told in str(caught.value)


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "BMP", "WEBP"]), CHANGES, st.floats(0, 2))
def test_any_damage_ends_in_a_sentence_or_in_a_sample(
    form: str, changes: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(encoded(PHOTO, form).getvalue())
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    stream = io.BytesIO(bytes(content[: int(kept * len(content))]))
    try:
        got = read(stream, resize="letterbox")
    except DatasetError as error:
        as_finding(error)
    else:
        assert got.shape == COLOUR


def test_pictures_of_sixteen_bits_are_refused() -> None:
    deep = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32)
    with pytest.raises(DatasetError, match="more than 8 bits a channel") as caught:
        read(encoded(deep), GREY)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-dtype"


def test_pixels_that_lie_there_decoded_fit_as_well() -> None:
    reader = PictureReader(GREY, ReadAs())
    np.testing.assert_array_equal(reader.fitted(PHOTO, "x"), read(encoded(PHOTO), GREY))
    grey = PHOTO[..., :1]
    np.testing.assert_array_equal(reader.fitted(grey, "x"), grey)
