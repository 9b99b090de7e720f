"""One picture: opened with bounds, turned upright, and made to fit the input.

Pillow decodes; it is imported only where there are pictures. Files come from strangers: only the
formats listed are tried, sizes are bounded before memory is taken, and whatever goes wrong ends
in one sentence that names the file.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from utils.dataset.read_as import BGR, CROP, EXACT, LETTERBOX, ReadAs
from utils.dataset.sources.deep_pictures import is_deep, of_more_bits
from utils.dataset.sources.refusals import of_another_size, unreadable
from utils.errors import DatasetError
from utils.har.network import Shape
from utils.wording import printable

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
MOST_PIXELS = 80_000_000  # decoded, that is 240 MB
GREY, COLOURS = 1, 3  # channels that a picture can be given
BARS = 114  # grey of the bars beside letterboxed pictures, as detectors are trained with
BILINEAR = 2  # the name that Pillow has for it moved between its versions
ORIENTATION = 0x0112  # the EXIF tag
SIDEWAYS = (5, 6, 7, 8)  # orientations that exchange width and height

Pixels = NDArray[np.uint8]
File = str | IO[bytes]


@dataclass(frozen=True)
class PictureFacts:
    """What the header of a picture says.

    Parameters
    ----------
    width, height : in pixels, once it is upright.
    mode : Pillow's name of its channels.
    is_turned : whether EXIF asks to turn or mirror it.
    has_transparency : whether pixels are transparent, or may be.
    """

    width: int
    height: int
    mode: str
    is_turned: bool
    has_transparency: bool

    @property
    def is_grey(self) -> bool:
        """Whether it has one channel."""
        return self.mode in ("1", "L", "LA")


@dataclass(frozen=True)
class PictureReader:
    """Makes pictures into samples of an input.

    Parameters
    ----------
    shape : (height, width, channels) of the input, with 1 or 3 channels.
    read_as : what the user decides.
    """

    shape: Shape
    read_as: ReadAs

    def __post_init__(self) -> None:
        # Pillow warns on standard error of what is refused, or left aside, in words of our own.
        warnings.filterwarnings("ignore", module=r"PIL\.")

    def pixels(self, file: File, place: str) -> Pixels:
        """Pixels of an encoded picture, (height, width, channels) as of the input.

        Parameters
        ----------
        place : where it lies, for messages.

        Raises
        ------
        DatasetError : it is damaged, too large, or of another size and nothing may be done to it.
        """
        with _opened(file, place) as image:
            return self._fitting(_upright(image), place)

    def fitted(self, pixels: Pixels, place: str) -> Pixels:
        """The same of pixels that lie there decoded, (height, width, channels)."""
        from PIL import Image

        flat = pixels[..., 0] if pixels.shape[-1] == GREY else pixels
        with _damage_told(place):
            return self._fitting(Image.fromarray(np.ascontiguousarray(flat)), place)

    def fits(self, facts: PictureFacts) -> bool:
        """Whether a picture is taken as it is, or may be made to fit."""
        return self.read_as.resize != EXACT or (facts.height, facts.width) == self.shape[:2]

    def _fitting(self, image: Picture, place: str) -> Pixels:
        height, width, channels = self.shape
        if self.read_as.resize == EXACT and image.size != (width, height):
            evidence = sizes_in_words(place, image.size, self.shape)
            raise of_another_size(evidence, are_in_proportion=False)
        image = _resized(_with_channels(image, channels, place), width, height, self.read_as.resize)
        pixels: Pixels = np.asarray(image, np.uint8).reshape(height, width, channels)
        if channels == COLOURS and self.read_as.colour == BGR:
            pixels = pixels[..., ::-1]
        return pixels


def facts_of(file: File, place: str) -> PictureFacts:
    """What the header of a picture says; nothing is decoded.

    Raises
    ------
    DatasetError : it is no picture, or too large.
    """
    with _opened(file, place) as image:
        width, height = image.size
        orientation = _orientation(image)
        if orientation in SIDEWAYS:
            width, height = height, width
        see_through = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
        return PictureFacts(width, height, image.mode, orientation != 1, see_through)


def sizes_in_words(place: str, size: tuple[int, int], shape: Shape) -> str:
    """The size of a picture beside that of the input.

    Parameters
    ----------
    size : width and height of the picture.
    shape : (height, width, channels) of the input.
    """
    return (
        f"{place} with {size[0]} x {size[1]} pixels (width x height), the input takes "
        f"{shape[1]} x {shape[0]}"
    )


@contextmanager
def _opened(file: File, place: str) -> Iterator[Picture]:
    from PIL import Image

    with _damage_told(place), Image.open(file, formats=FORMATS) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise _too_large(place, f"{width} x {height} pixels, {MOST_PIXELS:,} are read at most")
        yield image


@contextmanager
def _damage_told(place: str) -> Iterator[None]:
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except DatasetError:
        raise
    except UnidentifiedImageError as error:
        raise _damaged(place, f"holds none of {', '.join(FORMATS)}") from error
    except Image.DecompressionBombError as error:
        raise _too_large(place, f"more than {MOST_PIXELS:,} pixels") from error
    except Exception as error:  # decoders raise whatever comes of bytes that are no picture
        raise _damaged(place, getattr(error, "strerror", None) or str(error)) from error


def _damaged(place: str, reason: str) -> DatasetError:
    remedy = f"Replace {printable(place)} by a whole picture, or take it out of the set."
    return unreadable("A picture cannot be read", place, remedy, reason)


def _too_large(place: str, reason: str) -> DatasetError:
    remedy = f"Scale {printable(place)} down, or take it out of the set."
    return unreadable("A picture is too large to be decoded", place, remedy, reason)


def _orientation(image: Picture) -> int:
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # a picture with broken EXIF is as good as one without
        return 1
    return found if isinstance(found, int) and 1 <= found <= max(SIDEWAYS) else 1


def _upright(image: Picture) -> Picture:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image) if _orientation(image) != 1 else image


def _with_channels(image: Picture, channels: int, place: str) -> Picture:
    """The picture in grey or in colours of 8 bits; transparency is left out."""
    if is_deep(image.mode):
        raise of_more_bits(place, image.mode)
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA")  # palettes may hold transparency, which Pillow warns of
    return image.convert("L" if channels == GREY else "RGB")


def _resized(image: Picture, width: int, height: int, how: str) -> Picture:
    from PIL import ImageOps

    size = (width, height)
    if image.size == size:
        return image
    if how == LETTERBOX:
        colour = BARS if image.mode == "L" else (BARS,) * COLOURS
        return ImageOps.pad(image, size, BILINEAR, colour)
    if how == CROP:
        return ImageOps.fit(image, size, BILINEAR)
    return image.resize(size, BILINEAR)
