"""The ResNet-18 as a quantized archive: what the command opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.resnet18 import IMAGE, INPUT, ResNet18
from utils.backends import embedded
from utils.har.quantizer.calibration import LayerStatistics
from utils.har.writer import build_quantized_har
from utils.measurements import Need

CALIBRATION_IMAGES = 8


def write_resnet18(net: ResNet18, path: Path) -> None:
    """Quantize the network on a few random images and write its archive."""
    network = net.network()
    shape = (CALIBRATION_IMAGES, *IMAGE)
    images = np.random.default_rng(2).standard_normal(shape).astype(np.float32)
    measured = embedded.measure_model(
        network,
        net,
        [{INPUT: images}],
        Need.PREACTIVATION_STATISTICS,
        {},
        {},
        on_batch=lambda samples: None,
    )
    build_quantized_har(
        str(path),
        name=network.name,
        network=network,
        weights={
            f"{name}/{key}": array
            for name, arrays in net.arrays.items()
            for key, array in arrays.items()
        },
        statistics={
            name: LayerStatistics(layer.output, layer.preactivation)
            for name, layer in measured.layers.items()
        },
    )
