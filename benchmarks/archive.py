"""The benchmarks' networks as quantized archives: what the command opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.float_graph import FloatArray, FloatGraph
from utils.backends import embedded
from utils.measurements import Need
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har

CALIBRATION_IMAGES = 8


def random_images(net: FloatGraph, count: int, seed: int) -> FloatArray:
    """Images (count, height, width, channels) of standard normal values."""
    shape = (count, *net.image)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def calibrated(net: FloatGraph, images: FloatArray) -> dict[str, LayerStatistics]:
    """What calibration with these images sees of every layer."""
    measured = embedded.measure_model(
        net.network(),
        net,
        [{net.input_name: images}],
        Need.PREACTIVATION_STATISTICS,
        {},
        {},
        on_batch=lambda samples: None,
    )
    return {
        name: LayerStatistics(layer.output, layer.preactivation)
        for name, layer in measured.layers.items()
    }


def write_archive(
    net: FloatGraph, path: Path, images: FloatArray | None = None, script: str | None = None
) -> None:
    """Quantize a network on a few images, by default random ones, and write its archive."""
    if images is None:
        images = random_images(net, CALIBRATION_IMAGES, seed=2)
    build_quantized_har(
        str(path),
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, images),
        script=script,
    )
