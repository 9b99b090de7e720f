"""The intact files that are changed: small archives, and what goes with them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.archive import calibrated, random_images
from benchmarks.float_graph import FloatGraph
from tests.device_outputs.networks import chip, pictures
from tests.emulator.networks import images
from tests.emulator.quantized_networks import INPUT, NETWORKS, quantized_pair, weights_of
from tests.files.made import tarred
from tests.fixtures.clean_archives import ARCHIVES, write_clean_archive
from tests.fixtures.noise_archives import Fault, write_archive
from tests.fixtures.stage_archives import forked, pixels, plain, write_stages
from tests.har.archives import (
    float_forward,
    small_images,
    small_network,
    small_weights,
    write_small,
)
from tests.mutations.archives import members_of
from tests.mutations.arrays import written_npy
from utils.quantizer.calibration import statistics_from_arrays
from utils.quantizer.writer import build_quantized_har

SCRIPT = """\
normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])
model_optimization_flavor(optimization_level=2, compression_level=1)
model_optimization_config(calibration, batch_size=8, calibset_size=64)
quantization_param([conv1, conv2], precision_mode=a8_w8)
quantization_param({fc*}, precision_mode=a16_w16)
change_output_activation(fc2, sigmoid)
pre_quantization_optimization(activation_clipping, layers=[conv1], mode=percentile)
post_quantization_optimization(finetune, policy=enabled, learning_rate=0.0001, epochs=4)
performance_param(compiler_optimization_level=max)
"""
NMS_NAME = "net.nms.json"
NMS_SCRIPT = f'nms_postprocess("{NMS_NAME}", meta_arch=yolov8, engine=cpu)\n'
STRIDES = (8, 16, 32)
# Those that take a second with data, since no small network has all their parts.
LARGE = tuple(ARCHIVES)


class Original:
    """An archive and samples for it, as bytes; both are made when they are asked for."""

    def __init__(self, archive: bytes, samples: NDArray[Any]) -> None:
        self.archive = archive
        self.samples = samples
        self.data = written_npy(samples)


@cache
def original(name: str) -> Original:
    """One of `NAMES`."""
    with tempfile.TemporaryDirectory() as folder:
        return _MAKERS[name](Path(folder))


def _small(folder: Path, **facts: Any) -> Original:
    path = write_small(folder / "small.har", script=SCRIPT, **facts)
    return Original(Path(path).read_bytes(), small_images().astype(np.float32))


def _compiled(folder: Path) -> Original:
    """With all that is optional: analyses, algorithms, scales for channels, 4 and 16 bit."""
    return _small(
        folder,
        state="compiled_model",
        precision_modes={"conv2": "a8_w4", "fc1": "a16_w16"},
        noise_analysis={"net/conv1": 20.0, "net/fc2": 12.0},
        partial_noise_analysis={"net/conv1": 25.0},
        algorithms_run=("bias_correction", "adaround"),
        equalization={"net/conv1": np.linspace(0.2, 1.0, 4)},
        optimization_level=2,
        compression_level=1,
    )


def _sick(folder: Path) -> Original:
    """Weights and ranges at which most of what is looked for is found."""
    weights = {name: array.copy() for name, array in small_weights().items()}
    weights["conv1/kernel"][..., :2] /= 60  # coarse
    weights["conv2/kernel"][0, 0, 0, 0] *= 40  # an outlier
    weights["conv2/bias"][1:4] = -50.0  # channels that never fire
    weights["fc1/kernel"][:, 2] *= 30  # a channel that is much wider than the others
    samples = 3 * small_images()
    seen = statistics_from_arrays(small_network(), *float_forward(small_images(samples=4) / 2))
    path = write_small(folder / "sick.har", weights=weights, statistics=seen, optimization_level=0)
    return Original(Path(path).read_bytes(), samples.astype(np.float32))


def _noisy(folder: Path) -> Original:
    """A network that one layer of 4 bits spoils."""
    archive, data = write_archive(folder, Fault.FOUR_BIT_LAYER)
    return Original(Path(archive).read_bytes(), np.load(data)[:8])


def _of_kind(kind: str) -> Callable[[Path], Original]:
    def made(folder: Path) -> Original:
        layers = NETWORKS[kind]()
        samples = images(8, *layers[0].output_shape, seed=21)
        found = quantized_pair(folder / "x.har", layers, weights_of(layers), {INPUT: samples})
        return Original(Path(found.path).read_bytes(), samples)

    return made


def _staged(make: Callable[[], FloatGraph], state: str) -> Callable[[Path], Original]:
    def made(folder: Path) -> Original:
        return Original(Path(write_stages(folder, make(), state)).read_bytes(), pixels())

    return made


def _clean(kind: str) -> Callable[[Path], Original]:
    def made(folder: Path) -> Original:
        archive, data = write_clean_archive(kind, folder)
        return Original(Path(archive).read_bytes(), np.load(data)[:8])

    return made


def _chip(folder: Path) -> Original:
    return Original(Path(chip("fork", folder).model.archive.path).read_bytes(), chip_samples())


def chip_samples() -> NDArray[Any]:
    """What `chip_outputs` were computed from."""
    return pictures(24, 24, seed=5)


@cache
def chip_outputs() -> dict[str, NDArray[Any]]:
    """What the chip of the original "chip" gives, by name of its outputs."""
    with tempfile.TemporaryDirectory() as folder:
        return chip("fork", Path(folder)).values()


def _detector(folder: Path) -> Original:
    """Heads at three strides, and the configuration of the NMS as a member."""
    net = FloatGraph("net", np.random.default_rng(31))
    last = net.add("input_layer1", "input_layer", (), (64, 64, 3))
    for number, stride in enumerate((2, 4, *STRIDES), start=1):
        last = net.add_conv(f"conv{number}", last, 3, 8, stride=2)
        if stride in STRIDES:
            for key, channels in (("reg", 64), ("cls", 3)):
                head = f"conv{stride}_{key}"
                net.add_output(net.add_conv(head, last, 1, channels, activation="linear"))
    samples = random_images(net, 6, seed=3)
    path = folder / "net.har"
    build_quantized_har(
        str(path),
        name="net",
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, samples),
        script=NMS_SCRIPT,
    )
    members = members_of(path.read_bytes())
    return Original(tarred({NMS_NAME: nms_config(), **members}), samples)


def nms_config() -> bytes:
    """A configuration that fits the original "detector"."""
    decoders = [
        {
            "name": f"decoder_{stride}",
            "stride": stride,
            "reg_layer": f"conv{stride}_reg",
            "cls_layer": f"conv{stride}_cls",
        }
        for stride in STRIDES
    ]
    values = {
        "nms_scores_th": 0.2,
        "nms_iou_th": 0.7,
        "image_dims": [64, 64],
        "max_proposals_per_class": 100,
        "classes": 3,
        "regression_length": 16,
        "background_removal": False,
        "background_removal_index": 0,
        "bbox_decoders": decoders,
    }
    return json.dumps(values, indent=1).encode()


_MAKERS: dict[str, Callable[[Path], Original]] = {
    "small": _small,
    "compiled": _compiled,
    "sick": _sick,
    "noisy": _noisy,
    "plain": _staged(plain, "quantized_model"),
    "forked": _staged(forked, "quantized_model"),
    "parsed": _staged(plain, "hailo_model"),
    "chip": _chip,
    "detector": _detector,
    **{kind: _of_kind(kind) for kind in NETWORKS},
    **{kind: _clean(kind) for kind in LARGE if kind != "detector"},
}
NAMES = tuple(_MAKERS)
