"""Archives of networks in good health, quantized as one should: nothing in them is to be mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.archive import calibrated
from tests.clean_networks import (
    CLASSES,
    CleanNetwork,
    classifier,
    detector,
    transformer,
    without_normalization,
)
from tests.natural_images import natural_images
from utils.har.writer import build_quantized_har

SAMPLES = 64
SCRIPT = """\
normalization1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
model_optimization_flavor(optimization_level=1, compression_level=0)
model_optimization_config(calibration, batch_size=8, calibset_size=64)
"""
# What the scripts of Hailo's model zoo do for transformers.
TRANSFORMER_SCRIPT = (
    "pre_quantization_optimization(ew_add_fusing, policy=disabled)\n"
    "pre_quantization_optimization(matmul_correction, layers={matmul*}, "
    "correction_type=zp_comp_block)\n"
    "pre_quantization_optimization(matmul_equalization, layers={matmul*}, policy=enabled, "
    "matmul_bias=enabled)\n"
    "pre_quantization_optimization(layer_norm_decomposition, equalization=disabled, "
    "bit_decomposition_mode=uniform_precision)\n"
    "quantization_param({ew_add*}, precision_mode=a16_w16)\n"
    "quantization_param({norm*}, precision_mode=a16_w16)\n"
    "model_optimization_config(negative_exponent, layers={*}, rank=0)\n"
)
SIXTEEN_BIT = (*(f"ew_add{n}" for n in range(1, 5)), *(f"normalization{n}" for n in range(1, 7)))


@dataclass(frozen=True)
class CleanArchive:
    """How one of the archives is made.

    Parameters
    ----------
    network : makes the network without its training.
    script : what its author asks of the compiler beside `SCRIPT`.
    modes : the precision modes that it asks for, by layer.
    """

    network: Callable[[], CleanNetwork]
    script: str = ""
    modes: Mapping[str, str] = field(default_factory=dict)


ARCHIVES = {
    "cnn": CleanArchive(classifier),
    "transformer": CleanArchive(
        transformer, TRANSFORMER_SCRIPT, dict.fromkeys(SIXTEEN_BIT, "a16_w16")
    ),
    "detector": CleanArchive(detector),
}


def write_clean_archive(kind: str, folder: Path) -> tuple[str, str]:
    """Write an archive and the images that it was calibrated with; returns both paths."""
    wanted = ARCHIVES[kind]
    images = natural_images(SAMPLES, seed=7, kinds=CLASSES)
    net = wanted.network().settled(images.astype(np.float32))
    path, data = folder / f"{net.name}.har", folder / f"{net.name}.npy"
    network = net.network()
    build_quantized_har(
        str(path),
        name=net.name,
        network=network,
        weights=net.weights(),
        statistics=calibrated(net, images.astype(np.float32)),
        precision_modes=wanted.modes,
        script=SCRIPT + wanted.script,
        optimization_level=1,
        compression_level=0,
        algorithms_run=("bias_correction",),
        native_network=without_normalization(network),
        native_weights={k: v for k, v in net.weights().items() if "/normalization1/" not in k},
    )
    np.save(data, images)
    return str(path), str(data)
