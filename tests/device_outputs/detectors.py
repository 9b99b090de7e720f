"""Detectors as chips, with every box of their heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.archive import write_archive
from benchmarks.float_graph import FloatGraph
from tests.device_outputs.boxes import Boxes, padded, suppressed
from tests.device_outputs.networks import PIXELS, loaded, normalized, pictures, saved
from utils.device_outputs.expected import expected_outputs
from utils.device_outputs.nms.decoding import class_count, decoded
from utils.har.model import load_model
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.kinds import settled_kinds
from utils.stages import Step

NAME = "net/yolov8_nms_postprocess"
Lists = Sequence[Boxes]


class Detector:
    """A detector as a chip, with every box of its heads."""

    def __init__(self, path: Path, images: NDArray[np.uint8]) -> None:
        """Take the archive and four of its images."""
        model = load_model(str(path))
        name = model.network.input_layers[0].name
        chip = self.chip = loaded(str(path), {name: images[:4]})
        self.judged = WhatIsJudged(settled_kinds(model))
        self.image: tuple[int, int] = images.shape[1:3]
        outputs = expected_outputs(model, chip.run, chip.samples, self.judged)
        self.classes = class_count(outputs)
        self.all = decoded(outputs, self.image, lowest=0.01)
        scores = np.sort(np.concatenate([boxes[:, 4] for boxes in self.all]))
        self.cut, self.higher = (float(np.quantile(scores, share)) for share in (0.5, 0.95))
        self.kept = [suppressed(boxes[boxes[:, 4] > self.cut]) for boxes in self.all]

    def said(self, path: Path) -> Step:
        """What the tool says of a file."""
        return self.chip.step(path, judged=self.judged)


def two_scales() -> FloatGraph:
    """Boxes and logits of three classes at two scales, behind a residual block."""
    net = FloatGraph("pair", np.random.default_rng(8))
    last = normalized(net, (48, 64, 3), PIXELS)
    last = net.add_conv("conv1", last, 3, 12, stride=2)
    branch = net.add_conv("conv2", last, 3, 12, activation="linear")
    last = net.add("ew_add1", "ew_add", (last, branch), (24, 32, 12), activation="relu")
    last = net.add_conv("conv3", last, 3, 16, stride=2)
    for first in (4, 7):
        last = net.add_conv(f"conv{first}", last, 3, 16, stride=2)
        for number, channels in ((first + 1, 64), (first + 2, 3)):
            net.add_output(net.add_conv(f"conv{number}", last, 1, channels, activation="linear"))
    return net


def write_two_scales(folder: Path) -> tuple[str, str]:
    net, images = two_scales(), pictures(48, 64, seed=6)
    har, data = folder / "pair.har", folder / "pair.npy"
    write_archive(net, har, images.astype(np.float32))
    np.save(data, images)
    return str(har), str(data)


def as_padded(folder: Path, lists: Lists, classes: int) -> Path:
    return saved(folder / "a.npz", {NAME: padded(lists, classes)})
