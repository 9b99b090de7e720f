"""The facts that inspectors ask a model for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import (
    build_layer,
    build_model,
    build_parameters,
    build_statistics,
    replaced,
    stored_statistics,
)
from tests.har.archives import (
    NAME,
    small_network,
    small_statistics,
    small_weights,
    write_small,
)
from tests.har.samples import QUANTIZED, present, sample_model
from utils.har.model import Model, load_model

CONV = "net/conv1"


# Round trip: what was written is what is read.


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(
        write_small(
            tmp_path_factory.mktemp("model") / "small.har",
            script="normalization1 = normalization([0.0], [1.0])\n",
            state="compiled_model",
            hw_arch="hailo8l",
            sdk_version="3.31.0",
            optimization_level=2,
            compression_level=1,
            precision_modes={"conv2": "a8_w4", "fc2": "a16_w16"},
            noise_analysis={"conv1": 21.5},
            partial_noise_analysis={"fc1": 9.5},
        )
    )


def test_facts_of_the_metadata(small: Model) -> None:
    assert small.name == NAME
    assert small.state == "compiled_model"
    assert small.sdk_version == "3.31.0"
    assert small.hw_arch == "hailo8l"
    assert small.optimization_level == 2
    assert small.compression_level == 1
    assert small.script_text == "normalization1 = normalization([0.0], [1.0])\n"


def test_both_graphs(small: Model) -> None:
    assert [vars(a) for a in small.float_network] == [vars(b) for b in small_network()]
    assert list(small.network.layers) == list(small_network().layers)
    for layer in small.network:
        assert {**layer.quantization_params} != {}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("input_layer1", "a8_w8_a8"),
        ("conv1", "a8_w8_a8"),
        ("maxpool1", "a8_w8_a8"),
        ("conv2", "a8_w4_a8"),
        ("fc1", "a8_w8_a16"),
        ("fc2", "a16_w16_a16"),
        ("output_layer1", "a16_w16_a16"),
    ],
)
def test_precision_modes(name: str, mode: str, small: Model) -> None:
    assert present(small.precision_mode(f"{NAME}/{name}")).text == mode


def test_float_weights(small: Model) -> None:
    for key, value in small_weights().items():
        layer, _, suffix = key.partition("/")
        np.testing.assert_array_equal(
            small.float_parameters.layer(f"{NAME}/{layer}")[suffix], value
        )


def test_statistics(small: Model) -> None:
    for name, written in small_statistics().items():
        found = present(small.stored_statistics(name, "output_0"))
        for key in ("minimum", "maximum", "mean", "energy"):
            np.testing.assert_allclose(
                getattr(found, key), getattr(written.output, key), rtol=1e-6, atol=1e-7
            )
        assert found.non_zero_share == pytest.approx(written.output.non_zero_share)
        assert found.count == 0
        preact = small.stored_statistics(name, "preact")
        assert (preact is None) == (written.preact is None)
        if name not in (f"{NAME}/input_layer1", f"{NAME}/output_layer1"):
            entering = present(small.stored_statistics(name, "input_0"))
            np.testing.assert_allclose(entering.mean, written.inputs[0].mean, rtol=1e-6)


def test_encodings(small: Model) -> None:
    for layer in small.network:
        found = present(small.encoding(layer.name))
        highest = 32767 if present(small.precision_mode(layer.name)).output_bits == 16 else 255
        widest = found.scales.max()
        assert len(found.scales) == layer.output_shape[2]
        assert (found.zero_points == found.zero_points[0]).all()
        assert found.low == pytest.approx(-found.zero_points[0] * widest, rel=1e-5)
        assert found.high == pytest.approx((highest - found.zero_points[0]) * widest, rel=1e-5)
        seen = present(small.stored_statistics(layer.name, "output_0"))
        assert found.low <= seen.low + 1e-6
        assert found.high >= seen.high - 1e-6


def test_noise_analysis(small: Model) -> None:
    assert small.stored_snr(CONV) == 21.5
    assert small.stored_snr("net/fc1") == 9.5
    assert small.stored_snr("net/conv2") is None


def test_weights_are_counted_in_integers(small: Model) -> None:
    counts = {layer.base_name: small.weight_count(layer) for layer in small.network}
    assert counts == {
        "input_layer1": 0,
        "conv1": 108,
        "maxpool1": 0,
        "conv2": 24,
        "fc1": 270,
        "fc2": 5,
        "output_layer1": 0,
    }


# What is not recorded.


def test_absent_facts() -> None:
    model = build_model(
        [build_layer("input_layer1"), build_layer("conv1", mode=""), build_layer("output_layer1")],
        sdk_version=None,
        mo_flavor=None,
    )
    assert model.script_text is None
    assert model.optimization_level is None
    assert model.compression_level is None
    assert model.precision_mode(CONV) is None
    assert model.precision_mode("net/conv9") is None
    assert model.encoding(CONV) is None
    assert model.stored(CONV, "kernel") is None
    assert model.stored_statistics(CONV, "preact") is None
    assert model.calibrated_range(CONV) is None
    assert model.stored_snr(CONV) is None
    assert model.weight_count(model.network[CONV]) == 0


@pytest.mark.parametrize("level", [-100, 0, 4])
def test_levels_that_are_numbers_are_known(level: int) -> None:
    flavor = {"optimization_level": level, "compression_level": level}
    model = build_model(mo_flavor=flavor)
    assert (model.optimization_level, model.compression_level) == (level, level)


@pytest.mark.parametrize(
    "flavor",
    [
        None,
        {},
        [2],
        3,
        *(
            {"optimization_level": n, "compression_level": n}
            for n in ("2", True, 2.0, 2**60, -(10**9))
        ),
    ],
)
def test_levels_that_are_no_numbers_are_unknown(flavor: Any) -> None:
    model = build_model(mo_flavor=flavor)
    assert model.optimization_level is None
    assert model.compression_level is None


def test_native_mode_names_no_bits() -> None:
    assert build_model([build_layer("conv1", mode="native")]).precision_mode(CONV) is None


# Where a fact can stand in several places.


def test_translated_parameters_win_over_the_optimizers() -> None:
    model = build_model(
        quantized={"conv1/kernel": np.array([1])},
        optimized={"conv1/kernel": np.array([2]), "conv1/bias": np.array([3])},
    )
    assert present(model.stored(CONV, "kernel"))[0] == 1
    assert present(model.stored(CONV, "bias"))[0] == 3


@pytest.mark.parametrize("member", ["quantized", "optimized"])
def test_statistics_of_older_and_newer_compilers(member: str) -> None:
    facts: dict[str, Any] = {
        member: stored_statistics("conv1/stats/preact", build_statistics(-2.0, 3.0))
    }
    model = build_model(**facts)
    found = present(model.stored_statistics(CONV, "preact"))
    assert (found.low, found.high, found.channels) == (-2.0, 3.0, 3)
    assert found.non_zero_share is None
    assert found.std == pytest.approx(0.25)


@pytest.mark.parametrize("missing", ["min", "max", "mean", "energy"])
def test_incomplete_statistics_are_none(missing: str) -> None:
    arrays = stored_statistics("conv1/stats/preact", build_statistics())
    del arrays[f"conv1/stats/preact/{missing}"]
    assert build_model(optimized=arrays).stored_statistics(CONV, "preact") is None


@pytest.mark.parametrize("wrong", [np.zeros(2), np.zeros(0)])
def test_statistics_of_different_lengths_are_none(wrong: Any) -> None:
    arrays = stored_statistics("conv1/stats/preact", build_statistics())
    arrays["conv1/stats/preact/mean"] = wrong
    assert build_model(optimized=arrays).stored_statistics(CONV, "preact") is None


def encoded(low: float, high: float) -> dict[str, Any]:
    return {
        "conv1/limvals_out": np.array([low, high]),
        "conv1/layer_params/output_scales": np.full((1, 3), (high - low) / 255),
        "conv1/layer_params/output_zero_points": np.zeros((1, 3)),
    }


@pytest.mark.parametrize(
    ("seen", "codes", "expected"),
    [
        ((0.5, 3.0), None, (0.0, 3.0)),  # 0 is always a code
        ((-3.0, -0.5), None, (-3.0, 0.0)),
        (None, (-1.0, 2.0), (-1.0, 2.0)),
        ((-1.0, 2.0), (-2.0, 4.0), (-1.0, 2.0)),  # codes reach further than the data
        ((-1.0, 2.0), (-0.5, 1.0), (-0.5, 1.0)),  # clipped on purpose
        (None, None, None),
    ],
)
def test_calibrated_range(
    seen: tuple[float, float] | None,
    codes: tuple[float, float] | None,
    expected: tuple[float, float] | None,
) -> None:
    statistics = (
        stored_statistics("conv1/stats/output_0", build_statistics(*seen)) if seen else None
    )
    model = build_model(quantized=encoded(*codes) if codes else None, optimized=statistics)
    assert model.calibrated_range(CONV) == expected


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"snr": np.array([30.0, 12.0])}, 12.0),  # the worst output
        ({"snr": np.array(17.0)}, 17.0),
        ({"snr": np.array([[np.nan, 8.0]])}, 8.0),
        ({"partial_snr": np.array([25.0])}, 25.0),
        ({"partial_snr": np.array([5.0]), "snr": np.array([25.0])}, 25.0),
        ({"snr": np.array([np.nan]), "partial_snr": np.array([25.0])}, 25.0),
        ({"snr": np.array([])}, None),
        ({"noise_results/net/output_layer1": np.array([25.0])}, None),
    ],
)
def test_stored_snr(arrays: dict[str, Any], expected: float | None) -> None:
    analysis = {f"conv1/layer_noise_analysis/{key}": value for key, value in arrays.items()}
    assert build_model(analysis=analysis).stored_snr(CONV) == expected


def test_the_two_stored_analyses_are_kept_apart() -> None:
    key = "conv1/layer_noise_analysis/"
    model = build_model(analysis={key + "snr": [30.0, 12.0], key + "partial_snr": [25.0]})
    assert model.stored_output_snr(CONV) == 12.0
    assert model.stored_layer_snr(CONV) == 25.0
    assert model.stored_output_snr("net/nowhere") is None
    assert model.stored_layer_snr("net/output_layer1") is None


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, None),
        (np.array(True), True),
        (np.array(False), False),
        (np.array([True, False]), False),
        (np.array([], dtype=bool), False),
        (np.array(["yes"]), None),
    ],
)
def test_whether_an_algorithm_ran(stored: Any, expected: bool | None) -> None:
    analysis = {} if stored is None else {"conv1/bias_correction/successfully_run": stored}
    model = build_model(analysis=analysis)
    assert model.algorithm_ran(CONV, "bias_correction") is expected
    assert model.algorithm_ran(CONV, "adaround") is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"quantized": {"conv1/kernel": np.zeros((3, 3, 2, 4), np.int8)}}, 72),
        ({"float_arrays": {"conv1/kernel": np.zeros((1, 1, 2, 4))}}, 8),
        ({}, 54),
    ],
)
def test_weights_are_counted_where_they_are(facts: dict[str, Any], expected: int) -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", kernel_shape=[3, 3, 2, 3]),
        build_layer("output_layer1"),
    ]
    model = build_model(layers, **facts)
    assert model.weight_count(model.network[CONV]) == expected
    assert model.weight_count(replaced(model.network[CONV], type="ew_add")) == 0


def test_scale_without_zero_points() -> None:
    arrays = encoded(0.0, 2.55)
    del arrays["conv1/layer_params/output_zero_points"]
    found = present(build_model(quantized=arrays).encoding(CONV))
    np.testing.assert_array_equal(found.zero_points, np.zeros(3))
    np.testing.assert_allclose(found.scales, 0.01)


def test_parameters_of_another_graph_are_not_mixed_up() -> None:
    """A layer that model modification inserted has float parameters, but is not in `.hn`."""
    float_layers = [
        build_layer("input_layer1"),
        build_layer("normalization1"),
        build_layer("conv1"),
        build_layer("output_layer1"),
    ]
    arrays = {"normalization1/kernel": np.ones((1, 1, 3, 1))}
    model = build_model(float_layers=float_layers, float_arrays=arrays)
    assert "kernel" in model.float_parameters.layer("net/normalization1")
    assert not build_parameters(arrays, model.network)


# Real archives.


@pytest.mark.parametrize(
    ("name", "state", "layers", "first_range"),
    [
        ("ids_mlp_logits_realcalib_q8", "quantized_model", 5, (-1.91561, 22.128508)),
        ("ids_mlp_logits_randomcalib_q8", "quantized_model", 5, (0.0, 0.999791)),
        ("ids_mlp_sigmoid_compiled", "compiled_model", 5, (0.0, 0.999791)),
        ("jet_cnn_q8", "quantized_model", 10, (0.0, 0.712424)),
        ("jet_cnn_q16", "quantized_model", 11, (0.0, 0.712424)),
        ("jet_cnn_wide_q8", "quantized_model", 10, (0.0, 0.712424)),
    ],
)
def test_real_archives(
    name: str, state: str, layers: int, first_range: tuple[float, float]
) -> None:
    model = sample_model(name)
    assert model.state == state
    assert (model.sdk_version, model.hw_arch) == ("3.33.0", "hailo8")
    assert (model.optimization_level, model.compression_level) == (0, 0)
    assert len(model.network) == layers
    assert model.calibrated_range(model.network.input_layers[0].name) == pytest.approx(
        first_range, rel=1e-5
    )
    assert (model.script_text is not None) == (name == "jet_cnn_q16")


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_layers_have_all_facts(name: str) -> None:
    model = sample_model(name)
    for layer in model.network:
        encoding = present(model.encoding(layer.name))
        assert present(model.precision_mode(layer.name)).weight_bits in (8, 16)
        assert len(encoding.scales) == layer.output_shape[2]
        assert present(model.stored_statistics(layer.name, "output_0")).channels == len(
            encoding.scales
        )
        if layer.type in ("conv", "dense"):
            assert model.weight_count(layer) > 0
            assert model.stored_statistics(layer.name, "preact") is not None
        # Level 0 runs no noise analysis.
        assert model.stored_snr(layer.name) is None
    assert model.archive.sha256


def test_random_calibration_shows_in_the_statistics() -> None:
    """Uniform numbers have mean 1/2 and energy 1/3; 64 samples, 80 channels."""
    model = sample_model("ids_mlp_logits_randomcalib_q8")
    seen = present(model.stored_statistics(model.network.input_layers[0].name, "output_0"))
    assert seen.pooled_mean == pytest.approx(0.5, abs=0.02)
    assert seen.energy.mean() == pytest.approx(1 / 3, abs=0.02)


def test_archive_is_found_at_relative_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_small(tmp_path / "model.har")
    monkeypatch.chdir(tmp_path)
    assert load_model("model.har").archive.path == "model.har"
