"""Archives changed in memory against archives that were made that way.

The strongest oracle are two archives of the real compiler with the same weights and calibration
set, one all 8 bit, one all 16 bit: each is made of the other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.har.archives import NAME, float_forward, small_images, small_network, write_small
from tests.har.samples import QUANTIZED, present, sample_model
from utils.errors import ArchiveError
from utils.har.model import Model, load_model
from utils.quantizer.calibration import statistics_from_arrays
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.requantizer import Requantized, Requantizer

COMPUTING = ("conv", "dense")
WEIGHTED = ("conv1", "conv2", "fc1", "fc2")


def all_modes(model: Model, mode: str) -> dict[str, str]:
    return {layer.name: mode for layer in model.float_network if layer.type in COMPUTING}


def arrays_of(found: QuantizedLayer) -> dict[str, NDArray[Any]]:
    """Integers of a layer under their names in an archive."""
    made = present(found.multiplication)
    kernel, bias = made.quantized_kernel, made.quantized_bias
    stage = {f"output_stage/piecewise/{key}": value for key, value in made.stage.stored().items()}
    return {
        "kernel": kernel.codes,
        "zp_kernel": np.array(kernel.zero_point),
        "output_stage/mult_shift": np.array(kernel.choice.mac_shift),
        "bias_q": bias.codes,
        "bias_factor": np.array(bias.factor),
        **stage,
    }


def assert_same_layers(changed: Requantized, expected: Model, share: float) -> None:
    """All integers at most off by one, a share of them equal; scales to single precision."""
    assert not changed.kept_float
    assert set(changed.network.layers) == set(expected.network.layers)
    total: Counter[str] = Counter()
    for name, found in changed.layers.items():
        stored = expected.quantized.layer(name)
        encoding = present(expected.encoding(name))
        np.testing.assert_allclose(found.output.scales, encoding.scales, rtol=3e-6, err_msg=name)
        np.testing.assert_array_equal(found.output.zero_points, encoding.zero_points)
        assert (found.output.low, found.output.high) == pytest.approx(
            (encoding.low, encoding.high), rel=3e-6
        )
        assert found.mode == expected.precision_mode(name)
        if found.multiplication is None:
            assert "kernel" not in stored
            continue
        for key, array in arrays_of(found).items():
            if key.startswith("bias") and found.multiplication.bias.size == 1:
                continue
            if "x_points" in key:
                np.testing.assert_allclose(array, stored[key], rtol=3e-6, err_msg=name)
                continue
            difference = np.abs(np.int64(array) - np.int64(stored[key]))
            assert difference.max() <= 1, (name, key)
            total.update(all=difference.size, equal=int((difference == 0).sum()))
        made = found.multiplication.quantized_bias
        np.testing.assert_allclose(
            np.float64(made.codes) * made.factor,
            np.float64(stored["bias_q"]) * float(stored["bias_factor"]),
            rtol=1e-6,
            atol=2.0 * float(stored["bias_factor"]) * (found.multiplication.bias.size > 1),
        )
    assert total["equal"] >= share * total["all"]


# Archives of the real compiler.


@pytest.mark.parametrize("name", QUANTIZED)
def test_without_changes_nothing_is_made_anew(name: str) -> None:
    model = sample_model(name)
    found = Requantizer(model).apply()
    assert not found.layers
    assert not found.kept_float
    assert found.network.layers == model.network.layers


@pytest.mark.parametrize("name", QUANTIZED)
def test_modes_that_layers_have_already_change_nothing(name: str) -> None:
    model = sample_model(name)
    modes = {
        layer.name: present(model.precision_mode(layer.name)).text
        for layer in model.float_network
        if layer.type in COMPUTING
    }
    found = Requantizer(model).apply(modes)
    assert not found.layers
    assert found.network.layers == model.network.layers


def test_8_bit_archive_at_16_bit_is_what_the_compiler_made() -> None:
    eight, sixteen = sample_model("jet_cnn_q8"), sample_model("jet_cnn_q16")
    changed = Requantizer(eight).apply(all_modes(eight, "a16_w16"))
    assert set(changed.layers) == set(sixteen.network.layers) - {"jet_classifier/input_layer1"}
    assert_same_layers(changed, sixteen, 0.999)


def test_16_bit_archive_at_8_bit_is_what_the_compiler_made() -> None:
    eight, sixteen = sample_model("jet_cnn_q8"), sample_model("jet_cnn_q16")
    changed = Requantizer(sixteen).apply(all_modes(sixteen, "a8_w8"))
    assert set(changed.layers) == set(eight.network.layers) - {"jet_classifier/input_layer1"}
    assert_same_layers(changed, eight, 0.999)


@pytest.mark.parametrize("name", [n for n in QUANTIZED if n != "jet_cnn_q16"])
def test_a_wider_output_leaves_weights_and_bias_as_stored(name: str) -> None:
    model = sample_model(name)
    requantizer = Requantizer(model)
    layers = [layer for layer in model.float_network if layer.type in COMPUTING]
    for layer, behind in pairwise(layers):
        changed = requantizer.apply({behind.name: "a16_w16"})
        found, stored = changed.layers[layer.name], model.quantized.layer(layer.name)
        assert found.mode.text == "a8_w8_a16"
        arrays = arrays_of(found)
        for key in ("kernel", "zp_kernel", "bias_q", "bias_factor", "output_stage/mult_shift"):
            np.testing.assert_array_equal(arrays[key], stored[key], err_msg=layer.name)
        assert changed.layers[behind.name].mode.input_bits == 16
        before = layers[: layers.index(layer)]
        assert not {other.name for other in before} & set(changed.layers)


def codes_out(found: QuantizedLayer, acc: NDArray[np.float64]) -> NDArray[np.float64]:
    """Real values that accumulator codes become, by the stored table."""
    mode, stage = found.mode, present(found.multiplication).stage.stored()
    base = {(8, 8): 10, (8, 16): 6, (16, 16): 14, (16, 8): 18}[mode.input_bits, mode.output_bits]
    points, offsets, mantissas, exponents = (
        np.float64(stage[key][0]) for key in ("x_points", "offsets", "slopes_m", "slopes_e")
    )
    index = np.searchsorted(points, acc, side="right")
    codes = np.rint(acc * mantissas[index] * 2.0 ** -(base + exponents[index]) + offsets[index] / 8)
    highest = {8: 255, 16: 32767}[mode.output_bits]
    codes = np.clip(codes, 0, highest) - found.output.zero_points[0]
    values: NDArray[np.float64] = codes * found.output.scales[0]
    return values


def test_a_wider_output_means_the_same_real_values() -> None:
    """One slope for all, so only rounding tells the widths apart."""
    model = sample_model("jet_cnn_q8")
    acc: NDArray[np.float64] = np.linspace(-26000, 26000, 1001).round()
    wide = Requantizer(model).apply({"conv2": "a16_w16"}).layers["jet_classifier/conv1"]
    narrow = Requantizer(model).apply(ranges={"conv1": (0.0, 24.0)}).layers["jet_classifier/conv1"]
    fine, coarse = codes_out(wide, acc), codes_out(narrow, acc)
    within = fine < 23.0 * wide.output.scales[0] / wide.output.scales.max()
    step = narrow.output.scales[0]
    assert within.sum() > 600
    np.testing.assert_allclose(fine[within], coarse[within], atol=0.6 * step, rtol=2e-3)


def test_real_logits_get_the_range_that_they_need() -> None:
    model = sample_model("ids_mlp_logits_realcalib_q8")
    found = Requantizer(model).apply(ranges={"fc1": (-600.0, 45.0)})
    assert {name.rpartition("/")[2] for name in found.layers} == {"fc1", "output_layer1"}
    output = found.layers["ids_mlp_binary_logits/output_layer1"].output
    assert output.low <= -600.0
    assert output.high >= 45.0
    # 0 on a code: 238 codes below it and 17 above.
    assert output.zero_points[0] == 238
    assert output.scales[0] == pytest.approx(45 / 17)
    np.testing.assert_array_equal(
        arrays_of(found.layers["ids_mlp_binary_logits/fc1"])["kernel"],
        model.quantized.layer("ids_mlp_binary_logits/fc1")["kernel"],
    )


def test_a_zero_point_is_found_anew_at_another_width() -> None:
    model = sample_model("ids_mlp_logits_realcalib_q8")
    found = Requantizer(model).apply({"fc1": "a16_w16", "conv1": "a16_w16"})
    for name in ("precision_change0", "fc1"):
        layer = found.layers[f"ids_mlp_binary_logits/{name}"]
        source = name if name == "fc1" else "input_layer1"
        stored = present(model.encoding(f"ids_mlp_binary_logits/{source}"))
        scale, zero_point = layer.output.scales[0], layer.output.zero_points[0]
        assert zero_point == np.ceil(-stored.low * 32767 / (stored.high - stored.low))
        assert -zero_point * scale == pytest.approx(stored.low, abs=5 * scale)
        assert (32767 - zero_point) * scale == pytest.approx(stored.high, abs=5 * scale)


def test_a_narrower_range_reaches_the_layer_behind_through_pools() -> None:
    model = sample_model("jet_cnn_q8")
    found = Requantizer(model).apply(ranges={"conv1": (0.0, 10.0)})
    assert {name.rpartition("/")[2] for name in found.layers} == {"conv1", "maxpool1", "conv2"}
    before = present(model.encoding("jet_classifier/conv1")).scales
    for name in ("conv1", "maxpool1"):
        after = found.layers[f"jet_classifier/{name}"].output.scales
        np.testing.assert_allclose(after / before, 10.0 / (before.max() * 255), rtol=1e-6)
    conv2 = found.layers["jet_classifier/conv2"]
    np.testing.assert_allclose(conv2.inputs[0].scales.max() * 255, 10.0)
    assert_dequantized_weights(conv2)


def assert_dequantized_weights(found: QuantizedLayer) -> None:
    """Integer weights stand for the float ones, to half a step."""
    made = present(found.multiplication)
    kernel = made.quantized_kernel
    real = (kernel.codes.astype(np.float64) - kernel.zero_point) * kernel.kernel_scale
    assert np.all(np.abs(real - made.kernel) <= 0.51 * kernel.kernel_scale)


# Archives written here: the same modes asked for at once, and later.


def small(tmp_path: Path, **changes: Any) -> Model:
    """The small archive, calibrated on images without negative values.

    With a zero point, a range is stored as far as it was widened to hold 0 on a code, and starts
    from there at another width.
    """
    forward = float_forward(np.abs(small_images()))
    facts = {"statistics": statistics_from_arrays(small_network(), *forward), **changes}
    # An archive that is read must not be written over.
    path = tmp_path / f"small{len(list(tmp_path.iterdir()))}.har"
    return load_model(write_small(path, **facts))


MODES: dict[str, dict[str, str]] = {
    "all 16 bit": dict.fromkeys(WEIGHTED, "a16_w16"),
    "one 16 bit": {"conv2": "a16_w16"},
    "behind the input": {"conv1": "a16_w16"},
    "last": {"fc2": "a16_w16"},
    "4-bit weights": {"fc1": "a8_w4"},
    "16-bit data": {"conv2": "a16_w8", "fc1": "a16_w4"},
    "from the input on": {"input_layer1": "a16_w16", "conv1": "a16_w16"},
}


@pytest.mark.parametrize("case", MODES)
def test_changed_archives_are_those_written_so(case: str, tmp_path: Path) -> None:
    start = small(tmp_path)
    expected = small(tmp_path, precision_modes=MODES[case])
    changed = Requantizer(start).apply(MODES[case])
    assert changed.layers
    assert_same_written(changed, start, expected)


@pytest.mark.parametrize("case", MODES)
def test_changes_can_be_taken_back(case: str, tmp_path: Path) -> None:
    start, expected = small(tmp_path, precision_modes=MODES[case]), small(tmp_path)
    changed = Requantizer(start).apply(dict.fromkeys(MODES[case], "a8_w8"))
    assert changed.layers
    assert_same_written(changed, start, expected)


def assert_same_written(changed: Requantized, start: Model, expected: Model) -> None:
    """Layers that are not made anew are the same in both archives.

    Weights next to a new output width stay as they were; the writer rounds their factor anew.
    """
    assert changed.network.layers == expected.network.layers
    kept = {
        name: found
        for name, found in changed.layers.items()
        if found.multiplication and name in start.network and same_but_output(start, found)
    }
    others = {name: found for name, found in changed.layers.items() if name not in kept}
    assert_same_layers(replace(changed, layers=others), expected, 0.99)
    for name, found in kept.items():
        np.testing.assert_array_equal(
            arrays_of(found)["kernel"], start.quantized.layer(name)["kernel"]
        )
    for name in set(expected.network.layers) - set(changed.layers):
        before, after = start.quantized.layer(name), expected.quantized.layer(name)
        assert set(before) == set(after)
        for key in before:
            np.testing.assert_array_equal(before[key], after[key], err_msg=f"{name} {key}")


def same_but_output(model: Model, found: QuantizedLayer) -> bool:
    before = present(model.precision_mode(found.layer.name))
    inputs = [present(model.encoding(name)) for name in model.network[found.layer.name].inputs]
    return (before.input_bits, before.weight_bits) == (
        found.mode.input_bits,
        found.mode.weight_bits,
    ) and all(
        np.allclose(one.scales, other.scales, rtol=1e-6)
        for one, other in zip(inputs, found.inputs, strict=True)
    )


def test_later_changes_do_not_depend_on_earlier_ones(tmp_path: Path) -> None:
    model = small(tmp_path)
    used = Requantizer(model)
    for case in MODES:
        once, again = used.apply(MODES[case]), Requantizer(model).apply(MODES[case])
        assert set(once.layers) == set(again.layers)
        for name, found in once.layers.items():
            np.testing.assert_array_equal(found.output.scales, again.layers[name].output.scales)
            if found.multiplication:
                expected = arrays_of(again.layers[name])
                for key, array in arrays_of(found).items():
                    np.testing.assert_array_equal(array, expected[key])


@pytest.mark.parametrize(
    ("modes", "ranges", "message"),
    [
        ({"conv9": "a16_w16"}, {}, "conv9"),
        ({"conv1": "native"}, {}, "native"),
        ({"conv1": "a12_w8"}, {}, "a12_w8"),
        ({"conv1": "a8_w5"}, {}, "a8_w5"),
        ({}, {"conv9": (0.0, 1.0)}, "conv9"),
        ({}, {"conv1": (1.0, 0.0)}, "no range"),
        ({}, {"conv1": (0.0, float("nan"))}, "no range"),
        ({}, {"conv1": (-float("inf"), 0.0)}, "no range"),
    ],
)
def test_what_cannot_be_changed_is_said(
    modes: dict[str, str],
    ranges: dict[str, tuple[float, float]],
    message: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(ArchiveError, match=message):
        Requantizer(small(tmp_path)).apply(modes, ranges)


def test_names_do_without_their_scope(tmp_path: Path) -> None:
    model = small(tmp_path)
    found = Requantizer(model).apply(ranges={f"{NAME}/conv1": (0.0, 1.0)})
    again = Requantizer(model).apply(ranges={"conv1": (0.0, 1.0)})
    assert set(found.layers) == set(again.layers) != set()
