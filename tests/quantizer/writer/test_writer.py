"""Archives that are written without one of the compiler to compare: container and integers."""

from __future__ import annotations

import re
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.builders import build_layer, build_network, build_statistics
from tests.har.archives import (
    NAME,
    float_forward,
    members_of,
    metadata_of,
    small_images,
    small_network,
    small_statistics,
    small_weights,
    write_small,
)
from tests.har.samples import present
from tests.quantizer.writer.stored import arrays_of, suffixes
from utils.errors import ArchiveError, UnsupportedLayerError
from utils.har.model import Model, load_model
from utils.har.network import Layer, Network
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_small(tmp_path_factory.mktemp("small") / "small.har")


def test_container_is_a_plain_tar(small: str) -> None:
    with tarfile.open(small, mode="r:") as tar:
        for member in tar:
            assert (member.mode, member.uid, member.gid, member.uname) == (0o644, 0, 0, "")
            assert member.isreg()
            assert set(member.pax_headers) == {"mtime"}


def test_same_model_gives_same_bytes(small: str, tmp_path: Path) -> None:
    again = write_small(tmp_path / "again.har")
    assert Path(again).read_bytes() == Path(small).read_bytes()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("hailo_model", "hn npz original_model_meta.json metadata.json"),
        (
            "fp_optimized_model",
            "hn native.hn fp.hn npz fpo.npz original_model_meta.json metadata.json",
        ),
        (
            "quantized_model",
            "hn q.npz native.hn fp.hn npz fpo.npz ho.npz stats.npz original_model_meta.json "
            "metadata.json",
        ),
        (
            "compiled_model",
            "hn q.npz hef auto.alls native.hn fp.hn npz fpo.npz ho.npz stats.npz "
            "original_model_meta.json metadata.json",
        ),
    ],
)
def test_members_of_each_state(state: str, expected: str, tmp_path: Path) -> None:
    members = members_of(write_small(tmp_path / "model.har", state=state))
    assert suffixes(members) == expected.split()
    metadata = metadata_of(members)
    assert metadata["state"] == state
    named = {value for value in metadata.values() if isinstance(value, str)} & set(members)
    assert named == set(members) - {f"{NAME}.metadata.json"}


def test_levels_that_are_not_recorded_are_absent(tmp_path: Path) -> None:
    path = write_small(tmp_path / "model.har", optimization_level=None)
    assert "mo_flavor" not in metadata_of(members_of(path))
    assert load_model(path).optimization_level is None


def integer_forward(model: Model, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Run the stored integers as the hardware would; dequantized outputs by layer."""
    codes: dict[str, NDArray[Any]] = {}
    values: dict[str, NDArray[Any]] = {}
    for layer in model.network:
        stored = model.quantized.layer(layer.name)
        encoding = model.encoding(layer.name)
        mode = model.precision_mode(layer.name)
        assert encoding and mode
        if not layer.inputs:
            codes[layer.name] = np.clip(np.rint(x / encoding.scales + encoding.zero_points), 0, 255)
        else:
            entering = codes[layer.inputs[0]]
            codes[layer.name] = integer_layer(layer, stored, mode.output_bits, entering)
        values[layer.name] = (codes[layer.name] - encoding.zero_points) * encoding.scales
    return values


def integer_layer(layer: Layer, stored: Any, bits: int, entering: NDArray[Any]) -> NDArray[Any]:
    if layer.type == "output_layer":
        return entering
    if layer.type == "maxpool":
        even = entering[:, : entering.shape[1] // 2 * 2, : entering.shape[2] // 2 * 2]
        corners = np.stack([even[:, i::2, j::2] for i in (0, 1) for j in (0, 1)])
        return np.asarray(corners.max(axis=0))
    kernel = np.float64(stored["kernel"]) - float(stored["zp_kernel"])
    if layer.type == "conv":
        size = kernel.shape[0]
        windows = np.lib.stride_tricks.sliding_window_view(entering, (size, size), axis=(1, 2))
        total = np.einsum("bhwcij,ijco->bhwo", windows, kernel)
    elif layer.type == "activation":
        total = entering * kernel[0, 0, :, 0]
    else:
        total = (entering.reshape(len(entering), -1) @ kernel)[:, None, None, :]
    total = total + np.float64(stored["bias_q"]) * float(stored["bias_factor"])
    acc = np.rint(total * 2.0 ** -float(stored["output_stage/mult_shift"]))
    table = {
        key: np.float64(stored[f"output_stage/piecewise/{key}"][0])
        for key in ("x_points", "offsets", "slopes_m", "slopes_e")
    }
    acc = np.clip(acc, table["x_points"][0], table["x_points"][-1])
    index = np.searchsorted(table["x_points"], acc, side="right")
    wide_accumulator = table["x_points"][-1] > 32767
    base = {(8, False): 10, (16, False): 6, (16, True): 14, (8, True): 18}[bits, wide_accumulator]
    slope = table["slopes_m"][index] * 2.0 ** -(base + table["slopes_e"][index])
    y = acc * slope + table["offsets"][index] / 8
    return np.asarray(np.clip(np.rint(y), 0, {8: 255, 16: 32767}[bits]))


def decibel(signal: NDArray[Any], noisy: NDArray[Any]) -> float:
    return float(10 * np.log10(np.square(signal).sum() / np.square(signal - noisy).sum()))


WEIGHTED = ("conv1", "conv2", "fc1", "fc2")
MODES = {
    "8 bit": ({}, 28.0),
    "16 bit": (dict.fromkeys((*WEIGHTED, "maxpool1"), "a16_w16"), 36.0),
    "8 to 16 bit": ({"fc1": "a16_w16", "fc2": "a16_w16"}, 28.0),
    "16 to 8 bit": ({"conv1": "a16_w16"}, 28.0),
    "4-bit weights": ({"conv2": "a8_w4"}, 12.0),
}


@pytest.mark.parametrize("case", MODES)
@pytest.mark.parametrize("equalization", [None, {}], ids=["equalized", "one scale"])
def test_integers_compute_the_float_network(
    case: str, equalization: dict[str, Any] | None, tmp_path: Path
) -> None:
    modes, least = MODES[case]
    path = write_small(tmp_path / "model.har", precision_modes=modes, equalization=equalization)
    x = small_images(seed=11, samples=8)
    found = integer_forward(load_model(path), x)
    for name, values in float_forward(x)[0].items():
        assert decibel(values, found[f"{NAME}/{name}"]) > least, name


def test_integers_are_finer_than_what_they_replace(small: str) -> None:
    """Dequantized weights against float ones, for every layer."""
    model = load_model(small)
    for name in WEIGHTED:
        kernel = np.float64(model.float_parameters.layer(f"{NAME}/{name}")["kernel"])
        codes = np.float64(model.quantized.layer(f"{NAME}/{name}")["kernel"])
        scale = np.float64(model.optimized.layer(f"{NAME}/{name}")["conv_op/kernel_scale"])
        assert decibel(kernel, codes * scale) > 30.0
        assert np.abs(codes).max() >= 126


def test_dead_channels_lose_their_weights(tmp_path: Path) -> None:
    weights = {**small_weights(), "conv2/bias": small_weights()["conv2/bias"].copy()}
    weights["conv2/bias"][2] = -1000.0
    statistics = dict(small_statistics())
    seen = statistics[f"{NAME}/conv2"]
    maximum = seen.output.maximum.copy()
    maximum[2] = 0.0
    statistics[f"{NAME}/conv2"] = replace(seen, output=replace(seen.output, maximum=maximum))
    path = write_small(tmp_path / "model.har", weights=weights, statistics=statistics)
    model, name = load_model(path), f"{NAME}/conv2"
    assert not model.quantized.layer(name)["kernel"][..., 2].any()
    assert not model.optimized.layer(name)["kernel"][..., 2].any()
    assert model.optimized.layer(name)["bias"][2] == 0
    assert model.float_parameters.layer(name)["kernel"][..., 2].any()


def test_noise_analysis_is_stored_per_layer_and_output(tmp_path: Path) -> None:
    path = write_small(
        tmp_path / "model.har",
        noise_analysis={"conv1": 12.5},
        partial_noise_analysis={"conv1": 30.0, "fc1": 8.25},
    )
    model = load_model(path)
    assert model.stored_snr(f"{NAME}/conv1") == 12.5
    assert model.stored_snr(f"{NAME}/fc1") == 8.25
    assert model.stored_snr(f"{NAME}/conv2") is None
    stored = members_of(path)[f"{NAME}.stats.npz"]
    key = f"{NAME}/conv1/layer_noise_analysis/noise_results/{NAME}/output_layer1"
    assert arrays_of(stored)[key] == [12.5]


def other_layers() -> Network:
    """Layers whose quantized form no public archive shows."""
    conv: dict[str, Any] = {
        "strides": [1, 1, 1, 1],
        "dilations": [1, 1, 1, 1],
        "padding": "SAME_TENSORFLOW",
    }
    return build_network(
        [
            build_layer("input_layer1", shape=(4, 4, 6), mode=""),
            build_layer(
                "normalization1",
                inputs=["input_layer1"],
                shape=(4, 4, 6),
                mode="",
                activation="linear",
            ),
            build_layer(
                "conv1",
                inputs=["normalization1"],
                shape=(4, 4, 6),
                mode="",
                activation="silu",
                groups=2,
                **conv,
            ),
            build_layer(
                "dw1",
                inputs=["conv1"],
                shape=(4, 4, 6),
                mode="",
                activation="leaky",
                groups=6,
                **conv,
            ),
            build_layer("ew_add1", inputs=["conv1", "dw1"], shape=(4, 4, 6), mode=""),
            build_layer("concat1", inputs=["ew_add1", "conv1"], shape=(4, 4, 12), mode=""),
            build_layer("avgpool1", inputs=["concat1"], shape=(1, 1, 12), mode=""),
            build_layer("softmax1", inputs=["avgpool1"], shape=(1, 1, 12), mode=""),
            build_layer("output_layer1", inputs=["softmax1"], shape=(1, 1, 12), mode=""),
        ]
    )


def test_unseen_layer_types_get_the_keys_that_every_layer_has(tmp_path: Path) -> None:
    network, rng = other_layers(), np.random.default_rng(5)
    weights = {
        "normalization1/kernel": np.full((1, 1, 6, 1), 0.5),
        "normalization1/bias": np.zeros(6),
        "conv1/kernel": rng.normal(size=(3, 3, 3, 6)),
        "dw1/kernel": rng.normal(size=(3, 3, 6, 1)),
        "dw1/alpha": np.float32(0.2),
    }
    statistics = {
        layer.name: LayerStatistics(
            output=build_statistics(-1.0, 2.0, channels=layer.output_shape[2]),
            preact=build_statistics(-4.0, 2.0, channels=layer.output_shape[2]),
        )
        for layer in network
    }
    path = str(tmp_path / "model.har")
    build_quantized_har(path, name=NAME, network=network, weights=weights, statistics=statistics)
    model = load_model(path)
    for layer in model.network:
        stored = model.quantized.layer(layer.name)
        assert {"qp_in", "limvals_out", "zero_point_out", "layer_params/input_scales"} <= set(
            stored
        )
        encoding = present(model.encoding(layer.name))
        assert len(encoding.scales) == layer.output_shape[2]
        assert ("kernel" in stored) == (layer.base_name in ("normalization1", "conv1", "dw1"))
        assert model.stored_statistics(layer.name, "output_0") is not None
    # Only weights absorb scales per channel; here something else reads every layer.
    assert len(set(present(model.encoding(f"{NAME}/dw1")).scales)) == 1
    assert present(model.encoding(f"{NAME}/softmax1")).high == pytest.approx(1.0)
    curve = model.optimized.layer(f"{NAME}/dw1")["act_op/slopes"]
    np.testing.assert_allclose(curve, [0.2, 1.0])
    assert model.optimized.layer(f"{NAME}/conv1")["act_op/slopes"].size == 9


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"statistics": {}}, ArchiveError, "no calibration statistics for layer net/input_layer1"),
        ({"weights": {"conv9/kernel": np.ones(1)}}, ArchiveError, "conv9/kernel"),
        ({"state": "running"}, ArchiveError, "unknown state 'running'"),
        ({"precision_modes": {"conv1": "native"}}, ArchiveError, "'native'"),
        ({"precision_modes": {"conv9": "a8_w8"}}, ArchiveError, "conv9"),
    ],
)
def test_what_cannot_be_written_is_said(
    changes: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        write_small(tmp_path / "model.har", **changes)


def test_unknown_activation_is_refused(tmp_path: Path) -> None:
    layers = [
        replace(layer, params={**layer.params, "activation": "wavelet"})
        if layer.base_name == "conv1"
        else layer
        for layer in small_network()
    ]
    network = Network(NAME, layers, (f"{NAME}/fc2",))
    with pytest.raises(UnsupportedLayerError, match="wavelet"):
        write_small(tmp_path / "model.har", network=network)
