from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from tests.emulator.networks import (
    branched_arrays,
    branched_batch,
    branched_emulator,
    conv,
    emulator_of,
    images,
    weights,
)
from tests.fixtures.builders import build_layer, build_parameters
from tests.har.samples import sample_model
from utils.backends import embedded
from utils.dataset.calibration_set import Batch
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.data_pass import NOT_FINITE, DataPass
from utils.emulator.measuring.engine_pass import engine_pass
from utils.errors import DatasetError, DiagnosticError
from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics
from utils.measurements import Measurements, Need

FloatArray = NDArray[np.float32]
EVERYTHING = ~Need.NOTHING
INPUT = "net/input_layer1"
SAMPLES = 64


def measure(
    emulator: FloatEmulator,
    batches: Iterable[Batch],
    need: Need,
    ranges: Mapping[str, tuple[float, float]],
    on_batch: Callable[[int], object] = lambda samples: None,
) -> Measurements:
    return engine_pass(emulator, need, ranges).run(batches, on_batch)


def batches_of(data: Mapping[str, Any], size: int) -> Iterator[dict[str, Any]]:
    total = len(next(iter(data.values())))
    for start in range(0, total, size):
        yield {name: values[start : start + size] for name, values in data.items()}


@pytest.fixture(scope="module")
def emulator() -> FloatEmulator:
    return branched_emulator()


@pytest.fixture(scope="module")
def ranges(emulator: FloatEmulator) -> dict[str, tuple[float, float]]:
    """Of every layer a range that some values exceed on both sides."""
    outputs = emulator.run(branched_batch(SAMPLES), list(emulator.network.layers))
    found = {
        n: np.quantile(values.astype(np.float64), [0.02, 0.97]) for n, values in outputs.items()
    }
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def measured(
    emulator: FloatEmulator, size: int, ranges: Mapping[str, tuple[float, float]], need: Need
) -> Measurements:
    return measure(emulator, batches_of(branched_batch(SAMPLES), size), need, ranges)


@pytest.fixture(scope="module")
def whole(emulator: FloatEmulator, ranges: dict[str, tuple[float, float]]) -> Measurements:
    return measured(emulator, SAMPLES, ranges, EVERYTHING)


def assert_statistics(found: ChannelStatistics, values: FloatArray) -> None:
    exact = values.astype(np.float64).reshape(-1, values.shape[-1])
    np.testing.assert_allclose(found.minimum, exact.min(axis=0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.maximum, exact.max(axis=0), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.mean, exact.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.energy, (exact**2).mean(axis=0), rtol=1e-5)
    assert found.count == len(exact)


def test_output_statistics_of_every_layer(emulator: FloatEmulator, whole: Measurements) -> None:
    outputs = emulator.run(branched_batch(SAMPLES), list(emulator.network.layers))
    assert whole.samples == SAMPLES
    assert list(whole.layers) == list(emulator.network.layers)
    for name, values in outputs.items():
        assert_statistics(whole.layers[name].output, values)


def test_preactivations_of_conv_dw_and_dense(whole: Measurements) -> None:
    having = {n for n, layer in whole.layers.items() if layer.preactivation is not None}
    assert having == {"net/conv1", "net/conv2", "net/dw1", "net/fc1"}
    conv1 = whole.layers["net/conv1"]
    assert conv1.preactivation is not None
    # The activation is relu: what is negative before is 0 behind it.
    assert (conv1.preactivation.minimum < 0).all()
    assert (conv1.output.minimum == 0).all()
    np.testing.assert_allclose(conv1.preactivation.maximum, conv1.output.maximum, rtol=1e-6)


def test_preactivation_is_the_output_without_its_activation() -> None:
    def of(activation: str) -> Measurements:
        layers = [
            build_layer("input_layer1", shape=(6, 6, 3)),
            conv("conv1", ["input_layer1"], (6, 6, 4), fan_in=3, activation=activation),
            build_layer("output_layer1", inputs=["conv1"], shape=(6, 6, 4)),
        ]
        arrays = {"conv1/kernel": weights(3, 3, 3, 4), "conv1/bias": weights(4)}
        batches = batches_of({INPUT: images(9, 6, 6, 3)}, 4)
        return measure(emulator_of(layers, arrays), batches, EVERYTHING, {})

    linear = of("linear").layers["net/conv1"].output
    for activation in ("linear", "sigmoid", "relu"):
        found = of(activation).layers["net/conv1"].preactivation
        assert found is not None
        for field in ("minimum", "maximum", "mean", "energy"):
            np.testing.assert_allclose(getattr(found, field), getattr(linear, field), rtol=1e-5)


def test_histograms(
    emulator: FloatEmulator, whole: Measurements, ranges: dict[str, tuple[float, float]]
) -> None:
    outputs = emulator.run(branched_batch(SAMPLES), list(emulator.network.layers))
    for name, values in outputs.items():
        found, (low, high) = whole.layers[name].histogram, ranges[name]
        assert found is not None
        exact = values.astype(np.float64)
        inside = exact[(exact >= low) & (exact <= high)]
        expected, _ = np.histogram(inside, 100, (low, high))
        assert (found.low, found.high, found.total) == (low, high, values.size)
        assert_nearly(found.counts, expected, values.size)
        assert abs(found.below - (exact < low).sum()) <= values.size // 10_000
        assert abs(found.above - (exact > high).sum()) <= values.size // 10_000


def assert_nearly(found: NDArray[Any], expected: NDArray[Any], total: int) -> None:
    """Rounding may carry one value in 5,000 over the edge of its bin."""
    assert np.abs(found - expected).sum() <= 2 * (total // 5000)


@pytest.mark.parametrize("size", [1, 7])
def test_batch_size_does_not_matter(
    emulator: FloatEmulator,
    whole: Measurements,
    ranges: dict[str, tuple[float, float]],
    size: int,
) -> None:
    found = measured(emulator, size, ranges, EVERYTHING)
    assert found.samples == SAMPLES
    for name, expected in whole.layers.items():
        layer = found.layers[name]
        for mine, theirs in (
            (layer.output, expected.output),
            (layer.preactivation, expected.preactivation),
        ):
            assert (mine is None) == (theirs is None)
            if mine is not None and theirs is not None:
                assert mine.count == theirs.count
                for field in ("minimum", "maximum", "mean", "energy"):
                    np.testing.assert_allclose(
                        getattr(mine, field), getattr(theirs, field), rtol=1e-5, atol=1e-6
                    )
        assert layer.histogram is not None and expected.histogram is not None
        assert layer.histogram.total == expected.histogram.total
        assert_nearly(layer.histogram.counts, expected.histogram.counts, expected.histogram.total)
    for name, preview in whole.previews.items():
        np.testing.assert_array_equal(found.previews[name], preview)


def test_only_what_is_needed_is_measured(
    emulator: FloatEmulator, ranges: dict[str, tuple[float, float]]
) -> None:
    found = measured(emulator, 32, ranges, Need.NOTHING)
    assert list(found.layers) == list(emulator.network.layers)
    assert found.previews == {}
    for layer in found.layers.values():
        assert layer.preactivation is None
        assert layer.histogram is None


def test_histograms_only_where_there_is_a_range(emulator: FloatEmulator) -> None:
    given = {"net/conv1": (0.0, 1.0), "net/dw1": (1.0, 1.0), "net/fc1": (0.0, np.inf), "x": (0, 1)}
    found = measured(emulator, 32, given, EVERYTHING)
    assert {n for n, layer in found.layers.items() if layer.histogram} == {"net/conv1"}


def test_two_ranges_of_one_tensor() -> None:
    layers = [
        build_layer("input_layer1", shape=(2, 2, 1)),
        build_layer("output_layer1", inputs=["input_layer1"], shape=(2, 2, 1)),
    ]
    batch = {INPUT: np.arange(8, dtype=np.float32).reshape(2, 2, 2, 1)}
    ranges = {INPUT: (0.0, 7.0), "net/output_layer1": (2.0, 4.0)}
    found = measure(emulator_of(layers, {}), [batch], EVERYTHING, ranges).layers
    first, second = found[INPUT].histogram, found["net/output_layer1"].histogram
    assert first is not None and second is not None
    assert (first.below, first.counts.sum(), first.above) == (0, 8, 0)
    assert (second.below, second.counts.sum(), second.above) == (2, 3, 3)


def test_non_zero_share_is_known_at_inputs_only() -> None:
    layers = [
        build_layer("input_layer1", shape=(4, 4, 3)),
        build_layer("output_layer1", inputs=["input_layer1"], shape=(4, 4, 3)),
    ]
    values = np.zeros((10, 4, 4, 3), np.uint8)
    values[:5, :2] = 7
    found = measure(emulator_of(layers, {}), batches_of({INPUT: values}, 4), Need.NOTHING, {})
    assert found.layers[INPUT].output.non_zero_share == pytest.approx(0.25)
    assert found.layers["net/output_layer1"].output.non_zero_share is None


def test_previews_are_evenly_spread_where_it_is_known_how_many_come() -> None:
    layers = [build_layer("input_layer1", shape=(4, 4, 3))]
    values = np.arange(100, dtype=np.float32)[:, None, None, None] + np.zeros((100, 4, 4, 3), "f")
    emulator = emulator_of(layers, {})
    for size in (7, 100):
        data_pass = DataPass(emulator, Need.PREVIEWS, {}, indices=np.arange(100) * 3)
        found = data_pass.run(batches_of({INPUT: values}, size)).previews[INPUT]
        chosen = np.linspace(0, 99, 16).round()
        np.testing.assert_array_equal(found[:, 0, 0, 0], chosen)
    few = DataPass(emulator, Need.PREVIEWS, {}, indices=np.arange(3))
    assert len(few.run(batches_of({INPUT: values[:3]}, 2)).previews[INPUT]) == 3


@pytest.mark.parametrize(
    ("shape", "samples", "expected"),
    [
        ((4, 4, 3), 5, (5, 4, 4, 3)),
        ((4, 4, 3), 40, (16, 4, 4, 3)),
        ((256, 256, 1), 2, (2, 256, 256, 1)),
        ((257, 100, 1), 2, (2, 129, 50, 1)),
        ((300, 600, 1), 2, (2, 100, 200, 1)),
    ],
)
def test_previews_are_the_first_samples_thinned_out(
    shape: tuple[int, int, int], samples: int, expected: tuple[int, ...]
) -> None:
    layers = [
        build_layer("input_layer1", shape=shape),
        build_layer("output_layer1", inputs=["input_layer1"], shape=shape),
    ]
    values = np.random.default_rng(0).integers(0, 256, (samples, *shape)).astype(np.uint8)
    found = measure(emulator_of(layers, {}), batches_of({INPUT: values}, 3), Need.PREVIEWS, {})
    preview = found.previews[INPUT]
    assert preview.shape == expected
    assert preview.dtype == np.float32
    step = -(-max(shape[:2]) // 256)
    np.testing.assert_array_equal(preview, values[: expected[0], ::step, ::step])


def test_a_layer_with_values_that_are_no_numbers_is_not_measured() -> None:
    layers = [
        build_layer("input_layer1", shape=(4, 4, 3)),
        conv("conv1", ["input_layer1"], (4, 4, 2), fan_in=3, activation="linear"),
        build_layer("output_layer1", inputs=["conv1"], shape=(4, 4, 2)),
    ]
    kernel = weights(3, 3, 3, 2)
    kernel[..., 1] = np.nan
    emulator = emulator_of(layers, {"conv1/kernel": kernel})
    batches = batches_of({INPUT: images(6, 4, 4, 3)}, 4)
    found = measure(emulator, batches, EVERYTHING, {INPUT: (-1, 1), "net/conv1": (-1, 1)})
    assert list(found.layers) == [INPUT]
    assert found.not_measured == {"net/conv1": NOT_FINITE, "net/output_layer1": NOT_FINITE}
    assert found.layers[INPUT].histogram is not None


def test_layers_that_are_not_emulated_are_listed_and_the_rest_is_measured() -> None:
    layers = [
        build_layer("input_layer1", shape=(4, 4, 3)),
        build_layer("nms1", inputs=["input_layer1"], shape=(4, 4, 3)),
        build_layer("output_layer1", inputs=["nms1"], shape=(4, 4, 3)),
        build_layer("output_layer2", inputs=["input_layer1"], shape=(4, 4, 3)),
    ]
    found = measure(emulator_of(layers, {}), [{INPUT: images(2, 4, 4, 3)}], EVERYTHING, {})
    assert list(found.not_measured) == ["net/nms1", "net/output_layer1"]
    assert list(found.layers) == [INPUT, "net/output_layer2"]


def test_every_batch_is_announced_with_its_samples(emulator: FloatEmulator) -> None:
    announced: list[int] = []
    batches = batches_of(branched_batch(10), 4)
    assert measure(emulator, batches, Need.NOTHING, {}, announced.append).samples == 10
    assert announced == [4, 4, 2]


def test_no_batches_measure_nothing(emulator: FloatEmulator) -> None:
    found = measure(emulator, [], EVERYTHING, {})
    assert (found.samples, found.layers, found.previews) == (0, {}, {})


def test_batch_that_does_not_fit_ends_the_measurement(emulator: FloatEmulator) -> None:
    with pytest.raises(DatasetError):
        measure(emulator, [{INPUT: images(2, 8, 6, 4)}], Need.NOTHING, {})


def test_network_of_which_nothing_can_be_emulated_yields_reasons() -> None:
    network = Network(
        "net", [Layer(INPUT, "input_layer"), Layer("net/const_input1", "const_input")]
    )
    parameters = build_parameters({"const_input1/const_data": np.ones((1, 1, 2))}, network)
    found = measure(
        FloatEmulator(network, parameters), [{INPUT: images(3, 2, 2, 1)}], EVERYTHING, {}
    )
    assert (found.samples, found.layers) == (3, {})
    assert list(found.not_measured) == [INPUT, "net/const_input1"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (tf.errors.ResourceExhaustedError, "memory does not suffice for 2 samples"),
        (
            tf.errors.UnimplementedError,
            r"failed to run the network \(first line\); try --batch-size 1",
        ),
    ],
)
def test_failures_of_tensorflow_become_one_sentence(
    emulator: FloatEmulator,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    sentence: str,
) -> None:
    def fail(*_: object) -> None:
        raise error(None, None, "first line\nsecond line")

    monkeypatch.setattr(emulator, "evaluated", fail)
    with pytest.raises(DiagnosticError, match=sentence):
        measure(emulator, batches_of(branched_batch(2), 2), Need.NOTHING, {})


def test_backend_measures_in_one_call(ranges: dict[str, tuple[float, float]]) -> None:
    emulator = branched_emulator()
    announced: list[int] = []
    found = embedded.measure_model(
        emulator.network,
        build_parameters(branched_arrays(), emulator.network),
        batches_of(branched_batch(10), 4),
        EVERYTHING,
        ranges,
        {},
        announced.append,
    )
    assert (found.samples, announced) == (10, [4, 4, 2])
    assert list(found.layers) == list(emulator.network.layers)


def test_calibration_statistics_agree_with_measured_ones() -> None:
    """The archive was calibrated with 64 uniform samples; 2,000 others must tell the same."""
    model = sample_model("ids_mlp_logits_randomcalib_q8")
    network = model.float_network
    source = network.input_layers[0]
    samples = np.random.default_rng(5).random((2000, *source.output_shape), np.float32)
    name = network.successors(source)[0].name
    emulator = FloatEmulator(network, model.float_parameters)
    found = measure(emulator, batches_of({source.name: samples}, 500), Need.NOTHING, {})
    measured, stored = found.layers[name].output, model.stored_statistics(name, "output_0")
    assert stored is not None
    outputs = emulator.run({source.name: samples}, [name])[name].astype(np.float64)
    outputs = outputs.reshape(len(samples), -1)
    alive = outputs.std(axis=0) > 1e-3
    scores = [
        (stored.mean - measured.mean) / (outputs.std(axis=0) + 1e-30) * np.sqrt(64),
        (stored.energy - measured.energy) / ((outputs**2).std(axis=0) + 1e-30) * np.sqrt(64),
    ]
    for score in scores:
        assert np.sqrt(np.mean(score[alive] ** 2)) < 1.3
        assert np.abs(score[alive]).max() < 5
