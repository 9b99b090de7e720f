"""Which inputs hold camera images: rules that are true of images only stay silent elsewhere."""

from __future__ import annotations

from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics

CHANNELS = (1, 3, 4)  # grey, colour, colour with a fourth channel
MIN_SIDE = 32  # pixels; smaller inputs are mostly tables and feature maps
SMALL_CHANNELS = (1, 3)
MIN_SMALL_SIDE = 12  # digits have 28, lines of text 24 or less
# Pictures have few values that are exactly 0; radar, event and detector maps are mostly 0.
MIN_NON_ZERO_SHARE = 0.2


def is_image_shaped(shape: Shape) -> bool:
    """Whether an input of this (height, width, channels) can hold images."""
    height, width, channels = shape
    return channels in CHANNELS and min(height, width) >= MIN_SIDE


def is_small_picture_shaped(shape: Shape) -> bool:
    """Whether an input too small for `is_image_shaped` can hold digits, lines of text or eyes.

    So can tables: what the network makes of the values has to decide.
    """
    height, width, channels = shape
    return channels in SMALL_CHANNELS and MIN_SMALL_SIDE <= min(height, width) < MIN_SIDE


def is_image_like(shape: Shape, statistics: ChannelStatistics | None) -> bool:
    """Whether an input holds images, as far as its shape and its values tell.

    Parameters
    ----------
    shape : (height, width, channels) of the input layer.
    statistics : of the data as they enter; without a known share of values other than 0 the
        answer is no.
    """
    if statistics is None or statistics.non_zero_share is None:
        return False
    return is_image_shaped(shape) and statistics.non_zero_share >= MIN_NON_ZERO_SHARE
