"""Integers that are those of their float weights, and integers that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.archive import calibrated, random_images
from benchmarks.float_graph import FloatGraph
from benchmarks.judgement.written import change_integers
from inspectors.weights import WeightsInspector
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import build_context, build_noise, build_statistics
from tests.har.samples import sample_path
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.har.model import load_model
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.noise import LayerNoise, TensorNoise
from utils.quantizer.writer import build_quantized_har

Arrays = dict[str, NDArray[Any]]
LAYERS = ("conv1", "conv2", "fc1")


def written(folder: Path, spike: float = 1.0, **facts: Any) -> str:
    """A network of three layers; channels of the first lie decades apart.

    Parameters
    ----------
    spike : how many times as large one of the weights of the second is.
    """
    net = FloatGraph("net", np.random.default_rng(2))
    last = net.add_pixels(8)
    for name, channels in (("conv1", 12), ("conv2", 16)):
        last = net.add_conv(name, last, 3, channels, stride=2)
    net.arrays["net/conv1"]["kernel"] *= np.geomspace(0.05, 5, 12, dtype=np.float32)
    net.arrays["net/conv2"]["kernel"][1, 1, 3, 4] *= np.float32(spike)
    net.add_output(net.add_dense("fc1", last, 5))
    path = str(folder / "net.har")
    build_quantized_har(
        path,
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, np.abs(random_images(net, 16, seed=3))),
        **facts,
    )
    return path


def kept(own_db: float) -> Measurements:
    """No decision is lost, and each channel of the last layer has this SNR by itself."""
    noise = np.full(5, 1000 * 10 ** (-own_db / 10))
    tensor = TensorNoise(1000, float(noise.sum()), np.zeros(5), 1000, noise)
    seen = build_statistics(-3.0, 3.0, channels=5)
    seen = replace(seen, mean=np.zeros(5), energy=np.ones(5))
    return replace(
        agreed(),
        layers={"net/fc1": LayerMeasurement(seen)},
        noise=build_noise({"fc1": LayerNoise(tensor)}),
    )


def found(path: str, measured: Measurements | None = None) -> list[Finding]:
    context = build_context(load_model(path), measured)
    inspected = WeightsInspector().inspect(context)
    return [finding for finding in inspected if finding.id == "integers-differ"]


def permuted(layer: str, share: float) -> Callable[[Arrays], None]:
    """Exchange weights of a layer with one another."""

    def change(arrays: Arrays) -> None:
        random, key = np.random.default_rng(5), f"net/{layer}/kernel:0"
        flat = arrays[key].ravel().copy()
        chosen = random.choice(flat.size, int(share * flat.size), replace=False)
        flat[chosen] = flat[random.permutation(chosen)]
        arrays[key] = flat.reshape(arrays[key].shape)

    return change


@quiet("integers-differ")
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"equalization": {}},
        {"precision_modes": dict.fromkeys(LAYERS, "a8_w4")},
        {"precision_modes": dict.fromkeys(LAYERS, "a16_w16")},
    ],
)
def test_rounding_is_no_damage(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert found(written(tmp_path, **facts)) == []


@quiet("integers-differ")
def test_weights_that_one_large_one_rounds_to_zero_are_no_damage(tmp_path: Path) -> None:
    assert found(written(tmp_path, spike=60.0)) == []


@quiet("integers-differ")
@pytest.mark.parametrize(
    "name",
    ["ids_mlp_logits_realcalib_q8", "ids_mlp_logits_randomcalib_q8", "jet_cnn_q16"],
)
def test_archives_of_the_compiler_are_whole(name: str) -> None:
    """Of one of them calibration zeroed a hundred channels."""
    assert found(sample_path(name)) == []


@quiet("integers-differ")
def test_a_layout_that_is_not_known_is_no_damage(tmp_path: Path) -> None:
    path = written(tmp_path)
    change_integers(path, [permuted(layer, 1.0) for layer in LAYERS])
    assert found(path) == []


@loud("integers-differ")
@pytest.mark.parametrize("share", [0.15, 1.0])
@pytest.mark.parametrize("layer", ["conv2", "fc1"])
def test_other_integers_are_named(tmp_path: Path, layer: str, share: float) -> None:
    path = written(tmp_path)
    change_integers(path, [permuted(layer, share)])
    (finding,) = found(path)
    assert finding.severity is Severity.ERROR
    assert finding.layers == (f"net/{layer}",)
    assert finding.measured[f"missed at net/{layer}"] > 0.05
    assert f"net/{layer} (" in finding.evidence
    assert finding.command.startswith("hailo optimize ")
    assert_well_worded(finding)


@loud("integers-differ")
@pytest.mark.parametrize(("own_db", "severity"), [(10.1, "info"), (9.9, "warning")])
def test_a_layer_that_is_hardly_itself_is_a_warning_whatever_is_decided(
    tmp_path: Path, own_db: float, severity: str
) -> None:
    path = written(tmp_path)
    change_integers(path, [permuted("fc1", 1.0)])
    (finding,) = found(path, kept(own_db))
    assert finding.severity.label == severity
