"""Build the archives and calibration sets that the tool can be tried on.

    python -m examples.build_demo OUTDIR

writes four files:

- shape_detector.har, calibset.npy: quantized with the mistakes that README.md lists.
- shape_detector_mended.har, calibset_mended.npy: the same network and images without them.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from examples.shape_detector import (
    INPUT,
    NAME,
    DetectorWeights,
    detector_network,
    normalized_weights,
    trained_weights,
)
from examples.shape_images import shape_images
from utils.backends.embedded import measure_model
from utils.har.network import Network
from utils.measurements import Need
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har

CALIBRATION_IMAGES, CALIBRATION_SEED = 64, 11
BATCH = 16
SCRIPT = """\
# The network was trained on images in 0..1; the camera gives 0..255.
normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])
model_optimization_config(calibration, batch_size=8, calibset_size=64)
"""
NO_COMPRESSION = "model_optimization_flavor(optimization_level=1, compression_level=0)\n"


@dataclass(frozen=True)
class Recipe:
    """How one archive was made.

    Parameters
    ----------
    suffix : of both file names.
    divisor : what the author divided the images by before calibration; 1 keeps them uint8.
    joined_heads : whether box and scores are one output.
    """

    suffix: str
    divisor: int
    joined_heads: bool
    script: str
    compression_level: int = 0
    precision_modes: Mapping[str, str] = field(default_factory=dict)


# At compression level 1 the compiler stores about a fifth of the weights with 4 bits.
FLAWED = Recipe(
    suffix="",
    divisor=255,
    joined_heads=True,
    script=SCRIPT,
    compression_level=1,
    precision_modes={"dw1": "a8_w4", "conv6": "a8_w4"},
)
MENDED = Recipe(suffix="_mended", divisor=1, joined_heads=False, script=SCRIPT + NO_COMPRESSION)


def main(argv: Sequence[str] | None = None) -> None:
    """Build both archives into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("outdir", type=Path, help="folder for the files; made if it is absent")
    outdir = parser.parse_args(argv).outdir
    outdir.mkdir(parents=True, exist_ok=True)
    for recipe in (FLAWED, MENDED):
        build(recipe, outdir)


def build(recipe: Recipe, outdir: Path) -> None:
    """Write the calibration set and the archive that was quantized with it."""
    images: NDArray[Any] = shape_images(CALIBRATION_IMAGES, CALIBRATION_SEED).pixels
    if recipe.divisor != 1:
        images = np.asarray(images / recipe.divisor, dtype=np.float32)
    np.save(outdir / f"calibset{recipe.suffix}.npy", images)
    network = detector_network(recipe.joined_heads, normalized=True)
    build_quantized_har(
        str(outdir / f"{NAME}{recipe.suffix}.har"),
        name=NAME,
        network=network,
        weights=normalized_weights(),
        statistics=_calibrated(network, images),
        precision_modes=recipe.precision_modes,
        script=recipe.script,
        optimization_level=1,  # nothing is compressed at level 0
        compression_level=recipe.compression_level,
        native_network=detector_network(recipe.joined_heads, normalized=False),
        native_weights=trained_weights(),
    )


def _calibrated(network: Network, images: NDArray[Any]) -> dict[str, LayerStatistics]:
    """What calibration with these images sees of every layer."""
    batches = ({INPUT: images[i : i + BATCH]} for i in range(0, len(images), BATCH))
    measured = measure_model(
        network,
        DetectorWeights(),
        batches,
        Need.PREACTIVATION_STATISTICS,
        ranges={},
        activation_parameters={},
        on_batch=lambda samples: None,
    )
    return {
        name: LayerStatistics(layer.output, layer.preactivation)
        for name, layer in measured.layers.items()
    }


if __name__ == "__main__":
    main()
