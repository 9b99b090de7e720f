"""What the writer writes is what the compiler wrote: same members, same keys, same integers."""

from __future__ import annotations

import io
import json
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
from tests.har.samples import QUANTIZED, present, sample_model, sample_path
from utils.errors import ArchiveError, UnsupportedLayerError
from utils.har.model import Model, load_model
from utils.har.network import Layer, Network
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har

Arrays = dict[str, NDArray[Any]]
INTEGER_MEMBERS = ("q.npz", "ho.npz", "stats.npz")


def arrays_of(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as members:
        return {key: members[key] for key in members.files}


def suffixes(members: dict[str, bytes]) -> list[str]:
    stem = next(name for name in members if name.endswith(".metadata.json"))
    return [name.removeprefix(stem.removesuffix("metadata.json")) for name in members]


def by_suffix(path: str) -> dict[str, bytes]:
    members = members_of(path)
    return dict(zip(suffixes(members), members.values(), strict=True))


# Against real archives.


def weights_of(model: Model) -> Arrays:
    return {
        f"{layer.name}/{suffix}": array
        for layer in model.float_network
        for suffix, array in model.float_parameters.layer(layer.name).items()
    }


def statistics_of(model: Model) -> dict[str, LayerStatistics]:
    found = {}
    for layer in model.network:
        output = model.stored_statistics(layer.name, "output_0")
        entering = [
            model.stored_statistics(layer.name, f"input_{index}")
            for index in range(len(layer.inputs))
        ]
        assert output
        found[layer.name] = LayerStatistics(
            output,
            model.stored_statistics(layer.name, "preact"),
            tuple(seen for seen in entering if seen),
        )
    return found


def vectors_of(model: Model) -> Arrays:
    stored = {
        layer.name: model.optimized.layer(layer.name)["layer_params/eq_vec_out"]
        for layer in model.network
    }
    return {name: vector for name, vector in stored.items() if vector.ndim}


def modes_of(model: Model) -> dict[str, str]:
    """What the model script asked for, read back from the quantized graph."""
    return {
        layer.name: "a16_w16"
        for layer in model.float_network
        if str(model.network[layer.name].quantization_params["precision_mode"]).startswith("a16")
        and layer.type != "output_layer"
    }


@pytest.fixture(scope="module", params=QUANTIZED)
def reproduction(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Members of a real archive and of one made of its float weights and statistics.

    Beside these, only the equalization vectors are taken over.
    """
    model = sample_model(request.param)
    path = str(tmp_path_factory.mktemp("written") / "model.har")
    build_quantized_har(
        path,
        name=model.name,
        network=model.float_network,
        weights=weights_of(model),
        statistics=statistics_of(model),
        precision_modes=modes_of(model),
        script=model.script_text,
        state=model.state,
        equalization=vectors_of(model),
    )
    return by_suffix(sample_path(request.param)), by_suffix(path)


Pair = tuple[dict[str, bytes], dict[str, bytes]]


def test_members_are_named_and_ordered_as_in_real_archives(reproduction: Pair) -> None:
    real, written = reproduction
    assert list(written) == list(real)


@pytest.mark.parametrize("suffix", ["hn", "native.hn", "fp.hn", "metadata.json"])
def test_graphs_and_metadata_are_the_same_text(reproduction: Pair, suffix: str) -> None:
    real, written = reproduction
    assert written[suffix].decode() == real[suffix].decode()


def test_source_model_is_described_by_the_same_facts(reproduction: Pair) -> None:
    real, written = (json.loads(members["original_model_meta.json"]) for members in reproduction)
    assert {key: type(value) for key, value in written.items()} == {
        key: type(value) for key, value in real.items()
    }


@pytest.mark.parametrize("suffix", ["npz", "fpo.npz", *INTEGER_MEMBERS])
def test_arrays_have_the_same_keys_types_and_shapes(reproduction: Pair, suffix: str) -> None:
    real, written = (arrays_of(members[suffix]) for members in reproduction)
    assert set(written) == set(real)
    for key, array in real.items():
        assert (written[key].dtype, written[key].shape) == (array.dtype, array.shape), key


@pytest.mark.parametrize("suffix", ["npz", "fpo.npz"])
def test_float_weights_are_the_same_bytes(reproduction: Pair, suffix: str) -> None:
    real, written = (arrays_of(members[suffix]) for members in reproduction)
    for key, array in real.items():
        assert written[key].tobytes("A") == array.tobytes("A"), key
        assert written[key].flags.f_contiguous == array.flags.f_contiguous, key


# Factor and code of a lone 16-bit bias can be chosen in many ways; test_requantize.py
# compares their product.
LONE_BIAS = re.compile(r"/fc2/(bias|bias_q|bias_factor|bias_add_op/bias(_factor)?_0):0$")


def test_values_are_the_same(reproduction: Pair) -> None:
    """All numbers of all layers: integers, scales, shifts, tables, flags."""
    compared = equal = 0
    for suffix in INTEGER_MEMBERS:
        real, written = (arrays_of(members[suffix]) for members in reproduction)
        for key, array in real.items():
            if array.dtype.kind == "U":
                assert sorted(written[key]) == sorted(array), key
            elif LONE_BIAS.search(key) and array.size == 1:
                continue
            elif "x_points" in key:
                # Scales are stored as float32; breakpoints of 32-bit accumulators show it.
                np.testing.assert_allclose(written[key], array, rtol=3e-6, err_msg=key)
            elif array.dtype.kind == "f" and "quant_kernel" not in key:
                np.testing.assert_allclose(written[key], array, 3e-6, 1e-12, err_msg=key)
            else:
                difference = np.abs(np.int64(written[key]) - np.int64(array))
                assert difference.max() <= 1, key
                compared += difference.size
                equal += int((difference == 0).sum())
    assert equal >= 0.999 * compared
    assert compared > 100_000


KINDS = {
    "weights": r"/kernel:0$",
    "weight zero points": r"/zp_kernel:0$",
    "biases": r"/bias_q:0$",
    "bias factors": r"/bias_factor:0$",
    "zero points": r"/(zero_point_(in|out)|layer_params/(in|out)put_zero_points):0$",
    "scales": r"/layer_params/(in|out)put_scales:0$",
    "ranges": r"/limvals_(in|out):0$",
    "shifts": r"/output_stage/mult_shift:0$",
    "output stages": r"/output_stage/piecewise/(offsets|slopes_m|slopes_e):0$",
}
SINGLE_PRECISION = 3e-6


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_hardware_takes_is_the_same(reproduction: Pair, kind: str) -> None:
    """Integers: at least 99.9 % equal, the rest off by one. Real numbers: to single precision."""
    real, written = (arrays_of(members["q.npz"]) for members in reproduction)
    pattern = re.compile(KINDS[kind])
    compared = equal = 0
    for key, array in real.items():
        if not pattern.search(key):
            continue
        if LONE_BIAS.search(key) and array.size == 1:
            product, expected = lone_bias(written, key), lone_bias(real, key)
            assert product == pytest.approx(expected, rel=1e-6)
        elif array.dtype.kind == "f":
            np.testing.assert_allclose(written[key], array, SINGLE_PRECISION, err_msg=key)
        else:
            difference = np.abs(np.int64(written[key]) - np.int64(array))
            assert difference.max() <= 1, key
            compared += difference.size
            equal += int((difference == 0).sum())
    assert any(map(pattern.search, real))
    assert equal >= 0.999 * compared


def lone_bias(arrays: Arrays, key: str) -> float:
    layer = key.rpartition("/")[0]
    return float(arrays[f"{layer}/bias_q:0"][0]) * float(arrays[f"{layer}/bias_factor:0"])


# Without real archives.


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
