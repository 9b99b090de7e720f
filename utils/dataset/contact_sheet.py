"""Contact sheets: some samples side by side, for a look at what the network is fed."""

from __future__ import annotations

import io
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_SAMPLES = 16
GAP = 2  # pixels between pictures and around them
GAP_GREY = 128  # seen beside black and beside white borders
UNIT_RANGE = 1.05  # data up to here are taken for 0..1, with room for what resizing overshoots
WHITE = 255.0
QUALITY = 90
# Written into every sheet, so that a later run knows which files it may replace. It has to stay.
MARK = "hailo-first-aid contact sheet"
RESIZE_SHEET = "resize.jpg"  # what the ways to resize do to pictures that do not fit
_SOFTWARE = 0x0131  # the EXIF tag for what made a picture; every Pillow writes it, unlike comments
_HEAD = 4096  # bytes of a file in which the mark stands, if it does
_JPEG = b"\xff\xd8"


def contact_sheet(samples: NDArray[np.float32], swap: bool) -> bytes:
    """Draw samples as a grid that is as square as possible.

    Parameters
    ----------
    samples : (n, h, w, 3) finite values as they enter the network, n >= 1; the first 16 are drawn.
    swap : show the channels in reverse order, RGB as BGR.

    Returns
    -------
    A JPEG file that bears the mark of this tool.
    """
    from PIL import Image  # not needed, nor paid for, by runs without pictures

    pictures = _as_bytes(samples[:MAX_SAMPLES])
    if swap:
        pictures = pictures[..., ::-1]
    return marked_jpeg(Image.fromarray(_grid(pictures)))


def marked_jpeg(sheet: Picture) -> bytes:
    """A picture as a JPEG file that bears the mark of this tool."""
    from PIL import Image

    marked = Image.Exif()
    marked[_SOFTWARE] = MARK
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY, exif=marked)
    return file.getvalue()


def is_contact_sheet(path: str) -> bool:
    """Whether a file is a contact sheet that this tool wrote."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.startswith(_JPEG) and MARK.encode() in head


def _as_bytes(samples: NDArray[np.float32]) -> NDArray[np.uint8]:
    # One factor for all, so that dark pictures stay dark beside bright ones.
    maximum = float(samples.max())
    if maximum <= UNIT_RANGE:
        factor = WHITE
    elif maximum <= WHITE:
        factor = 1.0
    else:
        factor = WHITE / maximum
    scaled = np.clip(samples.astype(np.float64) * factor, 0.0, WHITE)
    return np.rint(scaled).astype(np.uint8)


def _grid(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    number, height, width, _ = pictures.shape
    columns = ceil(sqrt(number))
    rows = ceil(number / columns)
    size = (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3)
    sheet = np.full(size, GAP_GREY, np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = row * (height + GAP) + GAP, column * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = picture
    return sheet
