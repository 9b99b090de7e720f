"""The archive of a small sound network, and the same archive with one planted fault."""

from __future__ import annotations

import io
from dataclasses import replace
from enum import Enum
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatArray, FloatGraph
from examples.shape_images import shape_images
from tests.har.archives import NAME, members_of, npz, rewrite
from utils.har.quantizer.calibration import LayerStatistics
from utils.har.statistics import ChannelStatistics
from utils.har.writer import build_quantized_har

SAMPLES, SEED = 64, 5
# Of the pixels in 0..1; the network is taken to be trained on images that are normalized so.
MEAN, STD = 0.5, 0.2
CHANNEL, STRETCH = 13, 18.0  # of conv7; the factor makes it reach 4 times as far as the others
SCRIPT = "model_optimization_flavor(optimization_level=1, compression_level=0)\n"


class Fault(Enum):
    """What can be wrong with the archive, and the layer at which it is planted."""

    OUTLIER_CHANNEL = "one channel reaches much farther than the others", "conv7"
    SATURATING_ACCUMULATOR = "the shift is too small for the sums", "conv3"
    CLIPPED_RANGE = "the codes end at half of what is seen", "conv6"
    CONSTANT_BIAS = "the integer bias is too large by the same amount everywhere", "conv4"
    FOUR_BIT_LAYER = "the weights have 4 bits, as the script asks for", "conv3"

    @property
    def layer(self) -> str:
        """Name of the layer, without scope."""
        return self.value[1]


@cache
def images() -> FloatArray:
    """Pictures of shapes, float32 (64, 32, 32, 3), normalized."""
    pixels = shape_images(SAMPLES, SEED).pixels.astype(np.float32) / 255
    halved = pixels.reshape(SAMPLES, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    return np.asarray((halved - MEAN) / STD, dtype=np.float32)


def sound_network() -> FloatGraph:
    """Eleven layers with weights, two residual blocks (the second one fused), eight logits."""
    net = FloatGraph(NAME, np.random.default_rng(11))
    last = net.add("input_layer1", "input_layer", (), (32, 32, 3))
    last = net.add_conv("conv1", last, 3, 16)
    last = net.add_conv("conv2", last, 3, 24, stride=2)
    branch = net.add_conv("conv3", last, 3, 24)
    branch = net.add_conv("conv4", branch, 3, 24, activation="linear")
    last = net.add("ew_add1", "ew_add", (last, branch), (16, 16, 24), activation="relu")
    last = net.add_pool("maxpool1", "maxpool", last, 2, 2)
    last = net.add_conv("conv5", last, 3, 32)
    branch = net.add_conv("conv6", last, 1, 32)
    last = net.add_conv("conv7", branch, 3, 32, shortcut=last)
    last = net.add_conv("conv8", last, 3, 40, stride=2)
    last = net.add_conv("conv9", last, 3, 40)
    last = net.add_pool("avgpool1", "avgpool", last, 4, 4)
    last = net.add_dense("fc1", last, 32, "relu")
    last = net.add_dense("fc2", last, 8)
    net.add("output_layer1", "output_layer", (last,), (1, 1, 8))
    return net


def write_archive(folder: Path, fault: Fault | None = None) -> tuple[str, str]:
    """Write the archive and the images that it was calibrated with; returns both paths."""
    net = sound_network()
    if fault is Fault.OUTLIER_CHANNEL:
        _stretch_channel(net, fault.layer, reader="conv8", factor=STRETCH)
    statistics = calibrated(net, images())
    if fault in (Fault.SATURATING_ACCUMULATOR, Fault.CLIPPED_RANGE):
        name = f"{NAME}/{fault.layer}"
        statistics[name] = _underestimated(statistics[name], fault)
    path, data = folder / "model.har", folder / "images.npy"
    modes, script = {}, SCRIPT
    if fault is Fault.FOUR_BIT_LAYER:
        modes[fault.layer] = "a8_w4"
        script += f"quantization_param([{fault.layer}], precision_mode=a8_w4)\n"
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics=statistics,
        precision_modes=modes,
        script=script,
        optimization_level=1,
        compression_level=0,
    )
    if fault is Fault.CONSTANT_BIAS:
        _shift_bias(path, fault.layer, codes=180)
    np.save(data, images())
    return str(path), str(data)


def _stretch_channel(net: FloatGraph, layer: str, reader: str, factor: float) -> None:
    """One channel times a factor that the layer behind takes back."""
    made, read = net.arrays[f"{NAME}/{layer}"], net.arrays[f"{NAME}/{reader}"]
    made["kernel"][..., CHANNEL] *= factor
    made["bias"][CHANNEL] *= factor
    read["kernel"][:, :, CHANNEL] /= factor


def _underestimated(seen: LayerStatistics, fault: Fault) -> LayerStatistics:
    if fault is Fault.CLIPPED_RANGE:
        return replace(seen, output=_narrowed(seen.output, 0.5))
    assert seen.preact
    return replace(seen, preact=_narrowed(seen.preact, 0.25))


def _narrowed(seen: ChannelStatistics, share: float) -> ChannelStatistics:
    return replace(seen, minimum=seen.minimum * share, maximum=seen.maximum * share)


def _shift_bias(path: Path, layer: str, codes: int) -> None:
    """Add to the integer bias of all channels."""
    with np.load(io.BytesIO(members_of(str(path))[f"{NAME}.q.npz"])) as file:
        arrays = dict(file)
    for key in ("bias", "bias_q"):
        arrays[f"{NAME}/{layer}/{key}:0"] = arrays[f"{NAME}/{layer}/{key}:0"] + np.int32(codes)
    rewrite(str(path), {"q.npz": npz(**arrays)})
