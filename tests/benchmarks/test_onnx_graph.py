"""The benchmark's networks in ONNX compute what our engine computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

from benchmarks.archive import random_images
from benchmarks.float_graph import FloatGraph
from benchmarks.onnx_graph import to_onnx
from benchmarks.resnet18 import build_resnet18
from benchmarks.yolov8 import NANO, build_yolov8
from utils.emulator.floats.engine import FloatEmulator


@pytest.mark.slow
@pytest.mark.parametrize("build", [lambda: build_yolov8(NANO, 64), build_resnet18])
def test_both_engines_agree(build: Callable[[], FloatGraph]) -> None:
    net = build()
    images = random_images(net, 2, seed=4)
    session = onnxruntime.InferenceSession(to_onnx(net))
    expected = session.run(None, {net.input_name: images.transpose(0, 3, 1, 2).copy()})
    found = FloatEmulator(net.network(), net).run({net.input_name: images})
    assert len(expected) == len(found)
    for theirs, ours in zip(expected, found.values(), strict=True):
        theirs = theirs.reshape(len(images), theirs.shape[1], -1).transpose(0, 2, 1)
        np.testing.assert_allclose(theirs.reshape(ours.shape), ours, atol=1e-4 * ours.max())
