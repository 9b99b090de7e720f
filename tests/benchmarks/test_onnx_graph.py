"""The benchmark's networks in ONNX compute what our engine computes, at small sizes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

from benchmarks.deep_network import build_deep_network
from benchmarks.float_graph import FloatGraph
from benchmarks.images import smooth_images
from benchmarks.mobilenet_v2 import build_mobilenet_v2
from benchmarks.onnx_graph import to_onnx
from benchmarks.resnet import build_resnet18, build_resnet50
from benchmarks.vision_transformer import build_vision_transformer
from benchmarks.yolov8 import NANO, build_yolov8
from utils.emulator.floats.engine import FloatEmulator


def _flattened() -> FloatGraph:
    """A dense layer over a map, whose kernel lies otherwise in ONNX."""
    graph = FloatGraph("flattened", np.random.default_rng(2))
    last = graph.add_conv("conv1", graph.add_pixels(6), 3, 4, 2)
    graph.add_output(graph.add_dense("fc1", last, 7))
    return graph


FAST = (
    _flattened,
    lambda: build_mobilenet_v2(64),
    lambda: build_vision_transformer(48),
)
SLOW = (
    lambda: build_resnet50(64),
    lambda: build_deep_network(31),
    lambda: build_yolov8(NANO, 64),
    build_resnet18,
    lambda: build_resnet18(64),
    build_vision_transformer,
    build_mobilenet_v2,
)


@pytest.mark.parametrize(
    "build", [*FAST, *(pytest.param(build, marks=pytest.mark.slow) for build in SLOW)]
)
def test_both_engines_agree(build: Callable[[], FloatGraph]) -> None:
    net = build()
    images = smooth_images(2, net.image[0], seed=4).astype(np.float32)
    session = onnxruntime.InferenceSession(to_onnx(net))
    expected = session.run(None, {net.input_name: images.transpose(0, 3, 1, 2).copy()})
    found = FloatEmulator(net.network(), net).run({net.input_name: images})
    assert len(expected) == len(found)
    for theirs, ours in zip(expected, found.values(), strict=True):
        theirs = theirs.reshape(len(images), theirs.shape[1], -1).transpose(0, 2, 1)
        tolerance = 1e-5 * np.abs(ours).max()
        np.testing.assert_allclose(theirs.reshape(ours.shape), ours, rtol=1e-4, atol=tolerance)
        assert np.abs(ours[0] - ours[1]).max() > 10 * tolerance
