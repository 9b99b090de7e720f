"""The options that give stages of the network which the archive does not hold."""

from __future__ import annotations

import argparse

from utils.options.values import reference_normalization
from utils.stages import StageRequest

COLOURS = ("try", "rgb", "bgr")


def add_stage_options(group: argparse._ArgumentGroup) -> None:
    """Add the original model, how samples are prepared for it, and outputs of the chip."""
    add = group.add_argument
    add(
        "--reference",
        action="append",
        default=[],
        metavar="FILE",
        help="model that the archive was parsed from, to be compared with it on the data: ONNX, "
        "TFLite, Keras or SavedModel; repeated for the parts of a model that was split",
    )
    add(
        "--reference-normalization",
        type=reference_normalization,
        metavar="HOW",
        help="how samples are prepared for that model: none, as-script, or "
        "mean=NUMBERS,std=NUMBERS (default: usual ways are tried, and the one that fits is said)",
    )
    add(
        "--reference-colour",
        choices=COLOURS,
        help="order of the channels for that model: as in the samples (rgb), or reversed (bgr) "
        "(default: both are tried)",
    )
    add(
        "--device-outputs",
        action="append",
        default=[],
        metavar="PATH",
        help="what the chip gave for the same data, to be compared with the quantized network: "
        "npz, npy, raw file, or folder of these; repeated for several runs on the chip",
    )


def stage_request(values: argparse.Namespace) -> StageRequest:
    """What is to be compared with the archive."""
    return StageRequest(
        references=tuple(values.reference),
        normalization=values.reference_normalization or "try",
        colour=values.reference_colour or "try",
        device_outputs=tuple(values.device_outputs),
    )
