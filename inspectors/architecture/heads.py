"""The heads of a network, for inspectors."""

from utils.outputs.heads import (
    BOX_CHANNELS,
    are_scales,
    has_several_scales,
    heads,
    score_twins,
    twins_of_boxes,
)

__all__ = [
    "BOX_CHANNELS",
    "are_scales",
    "has_several_scales",
    "heads",
    "score_twins",
    "twins_of_boxes",
]
