"""A contact sheet that shows what each way to resize does to some pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from utils.dataset.contact_sheet import marked_jpeg
from utils.dataset.read_as import CROP, LETTERBOX, STRETCH, ReadAs
from utils.dataset.sources.pictures import BILINEAR, PictureFacts, PictureReader, Pixels
from utils.errors import DatasetError
from utils.har.network import Shape
from utils.wording import ELLIPSIS, short

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont
    from PIL.Image import Image as Picture

WAYS = (STRETCH, LETTERBOX, CROP)
MOST_SHOWN = 4  # pictures; they show as much as more would
CELL = 240  # pixels of the longer side of a picture in the sheet
LEAST_COLUMN = 150  # pixels, so that what stands above a column fits
GAP = 12  # pixels between pictures and around them
LINE = 24  # pixels of a line of text
LETTERS = 16  # pixels of their height
LONGEST = 44  # letters above a row of three narrow columns
PAPER, INK = (255, 255, 255), (0, 0, 0)  # neither is the grey of the bars

Read = Callable[[PictureReader], Pixels]  # one picture, by whatever reader
Row = tuple[str, Sequence["Picture"]]


def are_in_proportion(facts: Iterable[PictureFacts], shape: Shape) -> bool:
    """Whether pictures have the proportions of an input (height, width, channels).

    All ways to resize them then do the same.
    """
    return all(each.width * shape[0] == each.height * shape[1] for each in facts)


def shown(misfits: Sequence[int], facts: Sequence[PictureFacts], shape: Shape) -> list[int]:
    """Which pictures to draw: the first ones, of those at which the ways differ if there are any.

    Parameters
    ----------
    misfits : places in `facts` of pictures of another size than the input's.
    """
    return sorted(misfits, key=lambda place: are_in_proportion([facts[place]], shape))[:MOST_SHOWN]


def resize_sheet(shape: Shape, pictures: Iterable[tuple[str, Read]]) -> bytes:
    """Draw pictures, a row each, resized in every way, a column each.

    Parameters
    ----------
    shape : (height, width, channels) of the input.
    pictures : what stands above the row of each, and what decodes it.

    Returns
    -------
    A JPEG file that bears the mark of this tool; b"" where no picture can be decoded.
    """
    readers = [PictureReader(shape, ReadAs(resize=way)) for way in WAYS]
    rows: list[Row] = []
    for caption, read in pictures:
        with suppress(DatasetError):  # what is wrong with it is said once sizes fit
            rows.append((caption, [_in_cell(read(reader)) for reader in readers]))
    return marked_jpeg(_drawn(rows)) if rows else b""


def _in_cell(pixels: Pixels) -> Picture:
    """Pixels (height, width, 1 or 3) at the size of a cell."""
    from PIL import Image

    height, width, channels = pixels.shape
    scale = CELL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels).convert("RGB")
    return image.resize(size, BILINEAR)


def _drawn(rows: Sequence[Row]) -> Picture:
    from PIL import Image, ImageDraw

    width, height = rows[0][1][0].size
    column, row = max(width, LEAST_COLUMN) + GAP, LINE + height + GAP
    sheet = Image.new("RGB", (len(WAYS) * column + GAP, LINE + len(rows) * row + GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), _font()
    for place, way in enumerate(WAYS):
        _write(pen, (GAP + place * column, GAP // 2), f"--resize {way}", font)
    for number, (caption, pictures) in enumerate(rows):
        top = LINE + GAP // 2 + number * row
        _write(pen, (GAP, top), caption, font)
        for place, picture in enumerate(pictures):
            left = GAP + place * column
            sheet.paste(picture, (left, top + LINE))
            frame = (left - 1, top + LINE - 1, left + width, top + LINE + height)
            pen.rectangle(frame, outline=INK)
    return sheet


def _write(
    pen: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    # Pillow's own letters are few, and names of files are anything.
    plain = short(text, LONGEST).replace(ELLIPSIS, "...").encode("ascii", "replace").decode()
    pen.text(place, plain, fill=INK, font=font)


def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    from PIL import ImageFont

    try:
        return ImageFont.load_default(LETTERS)
    except (TypeError, ImportError):  # before Pillow 10.1, or without FreeType, there is one size
        return ImageFont.load_default()
