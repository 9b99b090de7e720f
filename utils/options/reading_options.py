"""The options that say how files that are no arrays become samples."""

from __future__ import annotations

import argparse

from utils.dataset.read_as import COLOURS, EXACT, RAW_TYPES, RESIZES, RGB, UINT8
from utils.options.values import sample_shape


def add_reading_options(group: argparse._ArgumentGroup) -> None:
    """Add what there is to decide about pictures and raw values."""
    add = group.add_argument
    add(
        "--resize",
        choices=RESIZES,
        help="what to do with pictures of another size than the input's: refuse them (exact), fill "
        "the input whatever their proportions (stretch), scale them and add grey bars (letterbox), "
        f"or scale them and cut the edges off (crop) (default: {EXACT})",
    )
    add(
        "--colour",
        choices=COLOURS,
        help=f"order of the channels in which pictures enter the network (default: {RGB})",
    )
    add(
        "--raw-shape",
        type=sample_shape,
        metavar="H,W,C",
        help="height, width and channels of a sample in files of raw values",
    )
    add(
        "--raw-type",
        choices=RAW_TYPES,
        metavar="TYPE",
        help=f"type of raw values: {', '.join(RAW_TYPES)} (default: {UINT8})",
    )
