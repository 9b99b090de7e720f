"""How files that are no arrays become samples: what the user decides about them."""

from __future__ import annotations

from dataclasses import dataclass

EXACT, STRETCH, LETTERBOX, CROP = RESIZES = ("exact", "stretch", "letterbox", "crop")
RGB, BGR = COLOURS = ("rgb", "bgr")
UINT8 = "uint8"
RAW_TYPES = (UINT8, "int8", "uint16", "int16", "float16", "float32", "float64")


@dataclass(frozen=True)
class ReadAs:
    """What the user decides about pictures and raw values.

    Parameters
    ----------
    resize : what is done to pictures of another size than the input's, one of `RESIZES`.
    colour : order of the channels that pictures are handed over in, one of `COLOURS`.
    raw_shape : (height, width, channels) of a sample in files of raw values; None where there are
        none of these.
    raw_type : numpy's name of the type of raw values, one of `RAW_TYPES`.
    """

    resize: str = EXACT
    colour: str = RGB
    raw_shape: tuple[int, ...] | None = None
    raw_type: str = UINT8
