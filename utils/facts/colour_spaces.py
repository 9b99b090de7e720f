"""Colour spaces that pictures are kept in beside RGB, as pixels of 8 bit.

Source of the formulas: OpenCV, "Color conversions", for pixels of type uint8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float64]  # (pixels, 3), each from 0 to 255
Convert = Callable[[Pixels], Pixels]

WHITE, MIDDLE = 255.0, 128.0
_BRIGHTNESS = np.array([0.299, 0.587, 0.114])  # of red, green and blue: ITU-R BT.601
_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
_WHITE_POINT = np.array([0.950456, 1.0, 1.088754])  # D65
_CUBED, _SLOPE, _SHIFT = 0.008856, 7.787, 16 / 116  # of Lab near black
_HUES = 180.0  # degrees of hue are halved to fit into a byte


@dataclass(frozen=True)
class ColourSpace:
    """A way to write colours in three channels.

    Parameters
    ----------
    name : of it.
    from_rgb, to_rgb : pixels in it of those in RGB, and back.
    converting, restoring : expressions of numpy and OpenCV that do the same to an array {x}.
    first_end : the largest number of the first channel.
    """

    name: str
    from_rgb: Convert
    to_rgb: Convert
    converting: str
    restoring: str
    first_end: float = WHITE


def _differences(red: float, blue: float, red_place: int) -> tuple[Convert, Convert]:
    """Brightness and two differences of colours, and back.

    Parameters
    ----------
    red, blue : factors of red and of blue without brightness.
    red_place : channel that takes red; blue takes the other one.
    """
    blue_place = 3 - red_place

    def from_rgb(pixels: Pixels) -> Pixels:
        found = np.empty_like(pixels)
        found[:, 0] = pixels @ _BRIGHTNESS
        found[:, red_place] = (pixels[:, 0] - found[:, 0]) * red + MIDDLE
        found[:, blue_place] = (pixels[:, 2] - found[:, 0]) * blue + MIDDLE
        return _as_bytes(found)

    def to_rgb(pixels: Pixels) -> Pixels:
        return _as_bytes(rgb_of_differences(pixels, red, blue, red_place))

    return from_rgb, to_rgb


def rgb_of_differences(
    pixels: Pixels, red: float = 0.713, blue: float = 0.564, red_place: int = 2
) -> Pixels:
    """RGB of YCbCr, not yet cut to what pixels can hold; parameters as above."""
    found = np.empty_like(pixels)
    found[:, 0] = pixels[:, 0] + (pixels[:, red_place] - MIDDLE) / red
    found[:, 2] = pixels[:, 0] + (pixels[:, 3 - red_place] - MIDDLE) / blue
    rest = pixels[:, 0] - _BRIGHTNESS[0] * found[:, 0] - _BRIGHTNESS[2] * found[:, 2]
    found[:, 1] = rest / _BRIGHTNESS[1]
    return found


def _to_hsv(pixels: Pixels) -> Pixels:
    largest, span = pixels.max(axis=1), np.ptp(pixels, axis=1)
    # Where red, green or blue is the largest, hue begins at 0, 120 or 240 degrees.
    place = np.argmax(pixels, axis=1)
    rows = np.arange(len(pixels))
    following, third = pixels[rows, (place + 1) % 3], pixels[rows, (place + 2) % 3]
    turned = 60.0 * (following - third) / np.where(span > 0, span, 1.0) + 120.0 * place
    hue = turned % 360.0 / 2
    saturation = WHITE * span / np.where(largest > 0, largest, 1.0)
    return _as_bytes(np.stack([np.rint(hue) % _HUES, saturation, largest], axis=1))


def _from_hsv(pixels: Pixels) -> Pixels:
    hue, saturation, value = pixels[:, :1] / 30.0, pixels[:, 1:2] / WHITE, pixels[:, 2:]
    # How far each of red, green and blue is along the wheel of six sectors.
    sector = (np.array([5.0, 3.0, 1.0]) + hue) % 6
    return _as_bytes(value * (1 - saturation * np.clip(np.minimum(sector, 4 - sector), 0, 1)))


def _to_lab(pixels: Pixels) -> Pixels:
    share = pixels / WHITE
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    ratio = linear @ _TO_XYZ.T / _WHITE_POINT
    root = np.where(ratio > _CUBED, np.cbrt(ratio), _SLOPE * ratio + _SHIFT)
    light = (116 * root[:, 1] - 16) * WHITE / 100
    green = 500 * (root[:, 0] - root[:, 1]) + MIDDLE
    yellow = 200 * (root[:, 1] - root[:, 2]) + MIDDLE
    return _as_bytes(np.stack([light, green, yellow], axis=1))


def _from_lab(pixels: Pixels) -> Pixels:
    middle = (pixels[:, 0] * 100 / WHITE + 16) / 116
    root = np.stack(
        [middle + (pixels[:, 1] - MIDDLE) / 500, middle, middle - (pixels[:, 2] - MIDDLE) / 200],
        axis=1,
    )
    ratio = np.where(root**3 > _CUBED, root**3, (root - _SHIFT) / _SLOPE)
    linear = np.clip(ratio * _WHITE_POINT @ np.linalg.inv(_TO_XYZ).T, 0, 1)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _as_bytes(share * WHITE)


def _as_bytes(pixels: Pixels) -> Pixels:
    return np.rint(np.clip(pixels, 0, WHITE))


def _lines(code: str, order: str = "") -> tuple[str, str]:
    """Expressions that convert pictures with OpenCV.

    Parameters
    ----------
    order : of the channels, where it is not OpenCV's, as an index of numpy.
    """
    convert = "np.stack([cv2.cvtColor(i, cv2.COLOR_{0}) for i in {1}])"
    to, back = f"RGB2{code}", f"{code}2RGB"
    return convert.format(to, "{x}") + order, convert.format(back, "{x}" + order)


COLOUR_SPACES = (
    ColourSpace("YCrCb", *_differences(0.713, 0.564, 1), *_lines("YCrCb")),
    ColourSpace("YCbCr", *_differences(0.713, 0.564, 2), *_lines("YCrCb", "[..., [0, 2, 1]]")),
    ColourSpace("YUV", *_differences(0.877, 0.492, 2), *_lines("YUV")),
    ColourSpace("HSV", _to_hsv, _from_hsv, *_lines("HSV"), _HUES),
    ColourSpace("Lab", _to_lab, _from_lab, *_lines("LAB")),
)
