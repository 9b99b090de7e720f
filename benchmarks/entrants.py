"""The networks that take part in the race, and what is asked of the command there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.archive import write_archive
from benchmarks.float_graph import PIXEL_SCRIPT, FloatGraph
from benchmarks.images import smooth_images
from benchmarks.mobilenet_v2 import build_mobilenet_v2
from benchmarks.resnet import build_resnet18, build_resnet50
from benchmarks.vision_transformer import build_vision_transformer
from benchmarks.yolov8 import MEDIUM, NANO, build_yolov8

CALIBRATION_IMAGES = 4
ARCHIVE, DATA = "model.har", "images.npy"


@dataclass(frozen=True)
class Entrant:
    """A network that takes part.

    Parameters
    ----------
    title : for tables.
    build : makes it for images of so many pixels on a side; raw pixels go in.
    side : of its images, in pixels.
    command_goal, full_pass_goal : how many times a bare forward each may take; None where
        nothing is asked.
    script : of its archive.
    """

    title: str
    build: Callable[[int], FloatGraph]
    side: int
    command_goal: float | None = None
    full_pass_goal: float | None = None
    script: str | None = PIXEL_SCRIPT


ENTRANTS = {
    "yolov8n": Entrant("YOLOv8n", lambda side: build_yolov8(NANO, side), 640, 12.0, 3.0),
    "yolov8m": Entrant("YOLOv8m", lambda side: build_yolov8(MEDIUM, side), 640, 8.0),
    "resnet18": Entrant("ResNet-18", build_resnet18, 224, 6.0, 2.5, script=None),
    "resnet50": Entrant("ResNet-50", build_resnet50, 224),
    "mobilenet_v2": Entrant("MobileNetV2", build_mobilenet_v2, 224),
    "vit_s": Entrant("ViT-S/16", build_vision_transformer, 224),
}


def prepare(network: str, side: int, images: int, folder: Path) -> None:
    """Write an entrant's archive and images for it into a folder."""
    entrant, pixels = ENTRANTS[network], smooth_images(images, side)
    np.save(folder / DATA, pixels)
    calibration = pixels[:CALIBRATION_IMAGES].astype(np.float32)
    write_archive(entrant.build(side), folder / ARCHIVE, calibration, entrant.script)
