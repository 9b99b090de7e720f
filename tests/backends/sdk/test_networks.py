"""The SDK's networks as the data pass measures them, with a context that gives odd tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.emulator.quantized_networks import Batch, Pair, loaded, pair_of
from tests.har.archives import small_images, small_weights, write_small
from utils.backends.sdk.networks import SdkFloats, SdkQuantized
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.noise_pass import NOT_ALWAYS, NoisePass
from utils.emulator.measuring.steps import Step
from utils.errors import SdkError
from utils.measurements import Measurements, Need

BATCH: Batch = {"net/input_layer1": small_images(seed=9, samples=4).astype(np.float32)}
CONV = "net/conv1"
Tensors = dict[str, list[Any]]
Change = Callable[[Tensors], Any]


class Context:
    """Gives what our own engine computes, changed batch by batch."""

    def __init__(self, tensors: Tensors, changes: list[Change], before: Any = None) -> None:
        self._tensors = tensors
        self._changes = changes
        self._before = before
        self.calls = self.switched = 0

    def run(self, inputs: Mapping[str, Any]) -> Tensors:
        given = {name: list(parts) for name, parts in self._tensors.items()}
        if self._changes:
            self._changes[min(self.calls, len(self._changes) - 1)](given)
        self.calls += 1
        return given

    def watch_preactivations(self, batch: Any, names: Any) -> str:
        return self._before if isinstance(self._before, str) else ""

    def preactivation(self, name: str) -> Any:
        found = self._before[name][min(self.calls, len(self._before[name])) - 1]
        if found is None:
            raise SdkError("it was not kept")
        return found

    def quantize_now(self) -> None:
        self.switched += 1
        self._changes = []


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return loaded(write_small(tmp_path_factory.mktemp("networks") / "small.har"))


@pytest.fixture(scope="module")
def floats(pair: Pair) -> Tensors:
    found = pair.floats.forward(pair.floats.tensors(BATCH))
    return {name: [tensors.output] for name, tensors in found.items()}


@pytest.fixture(scope="module")
def quantized(pair: Pair) -> Tensors:
    found = pair.quantized.forward(pair.floats.tensors(BATCH))
    return {name: [tensors.output.values] for name, tensors in found.items()}


def context(tensors: Tensors, *changes: Change, before: Any = None) -> Any:
    return Context(tensors, list(changes), before)


def measured(
    pair: Pair, given: Any, other: Any = None, batches: int = 1, need: Need = Need.NOTHING
) -> Measurements:
    wants_preactivation = Need.PREACTIVATION_STATISTICS in need
    network = SdkFloats(pair.model.float_network, given, wants_preactivation)
    integers = SdkQuantized(pair.quantized, other) if other is not None else None
    return DataPass(network, need, {}, integers).run([BATCH] * batches)


def setting(name: str, tensors: Any) -> Change:
    return lambda given: given.__setitem__(name, tensors)


def without(name: str) -> Change:
    return lambda given: given.pop(name)


def as_tuple(given: Tensors) -> None:
    given.update({name: tuple(parts) for name, parts in given.items()})  # type: ignore[misc]


def in_float16(given: Tensors) -> None:
    given.update({name: [tf.cast(parts[0], tf.float16)] for name, parts in given.items()})


def without_what_only_hands_on(given: Tensors) -> None:
    del given["net/input_layer1"], given["net/output_layer1"]


@pytest.mark.parametrize("change", [as_tuple, in_float16, without_what_only_hands_on])
def test_every_layer_is_measured(pair: Pair, floats: Tensors, change: Change) -> None:
    found = measured(pair, context(floats, change))
    assert found.not_measured == {}
    for name, parts in floats.items():
        mean = np.mean(parts[0].numpy(), axis=(0, 1, 2))
        np.testing.assert_allclose(found.layers[name].output.mean, mean, atol=1e-3)


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ([], "gives no tensor"),
        ([np.zeros((4, 3, 3, 3), np.float32)], "archive records"),
        ([np.zeros((2, 6, 6, 4), np.float32)], "archive records"),
        ([np.full((4, 6, 6, 4), np.nan, np.float32)], "not finite"),
        ([np.full((4, 6, 6, 4), np.inf, np.float32)], "not finite"),
        (["text"], "gives a str"),
        ([None], "gives a NoneType"),
    ],
)
def test_of_a_layer_with_an_odd_tensor_only_that_is_not_measured(
    pair: Pair, floats: Tensors, quantized: Tensors, tensors: Any, reason: str
) -> None:
    odd = setting(CONV, tensors)
    found = measured(pair, context(floats, odd), context(quantized, odd))
    assert list(found.not_measured) == [CONV]
    assert reason in found.not_measured[CONV]
    assert set(found.layers) == set(floats) - {CONV}
    assert found.noise is not None
    assert list(found.noise.not_measured) == [CONV]
    assert reason in found.noise.not_measured[CONV]


@pytest.mark.parametrize("nothing", [[], [np.full((4, 3, 3, 4), np.nan, np.float32)]])
def test_behind_a_quantized_layer_that_is_odd_nothing_is_said_of_integers(
    pair: Pair, floats: Tensors, quantized: Tensors, nothing: Any
) -> None:
    odd = context(quantized, setting("net/maxpool1", nothing))
    whole = measured(pair, context(floats), context(quantized)).noise
    partly = measured(pair, context(floats), odd).noise
    assert whole is not None
    assert partly is not None
    assert list(partly.not_measured) == ["net/maxpool1"]
    before, behind = whole.layers["net/conv2"], partly.layers["net/conv2"]
    assert behind.output.noise == before.output.noise
    assert before.clipped is not None
    assert behind.clipped is None


def test_a_layer_that_is_missing_in_a_later_batch_is_not_measured(
    pair: Pair, floats: Tensors, quantized: Tensors
) -> None:
    later = [lambda given: None, without(CONV)]
    found = measured(pair, context(floats, *later), context(quantized, *later), batches=2)
    assert found.samples == 8
    assert CONV not in found.layers
    assert CONV in found.not_measured
    assert found.noise is not None
    assert CONV not in found.noise.layers
    assert list(found.noise.not_measured) == [CONV]


def test_what_the_float_network_lacks_later_has_no_noise_over_all_samples(
    pair: Pair, floats: Tensors, quantized: Tensors
) -> None:
    """The quantized network has it in both batches, so only the float network can tell why."""
    partly = context(floats, lambda given: None, without(CONV))
    found = measured(pair, partly, context(quantized), batches=2)
    assert found.noise is not None
    assert CONV not in found.noise.layers
    assert found.noise.not_measured == {CONV: found.not_measured[CONV]}
    assert set(found.noise.layers) == set(floats) - {CONV}


def test_what_a_later_batch_cannot_be_compared_with_has_none_either(
    pair: Pair, floats: Tensors
) -> None:
    noise = NoisePass(pair.quantized)
    inputs = pair.floats.tensors(BATCH)
    computed = pair.floats.forward(inputs)
    fewer = {name: found for name, found in computed.items() if name != CONV}
    codes = pair.quantized.forward(inputs)
    for number, known in enumerate((computed, fewer)):
        references = pair.quantized.references(known)
        for name, found in codes.items():
            step = Step(name, known.get(name), references.get(name), found, name, name)
            noise.add(step, 4 * number)
        noise.count(4)
    total = noise.measured(())
    assert total.not_measured == {CONV: NOT_ALWAYS}
    assert set(total.layers) == set(floats) - {CONV}


@pytest.mark.parametrize(
    "change", [dict.clear, lambda given: given.update({name: [None] for name in given})]
)
def test_where_no_layer_is_there_at_all_the_sdk_has_failed(
    pair: Pair, floats: Tensors, quantized: Tensors, change: Change
) -> None:
    with pytest.raises(SdkError, match="no layer can be measured with the SDK"):
        measured(pair, context(floats, change))
    with pytest.raises(SdkError, match="no layer can be measured with the SDK"):
        measured(pair, context(floats), context(quantized, change))


@pytest.mark.parametrize("is_native", [False, True])
def test_a_network_that_starts_native_is_switched_once(
    pair: Pair, floats: Tensors, quantized: Tensors, is_native: bool
) -> None:
    native = [lambda given: given.update(floats)] if is_native else []
    given = context(quantized, *native)
    found = measured(pair, context(floats), given, batches=2)
    assert given.switched == is_native
    assert given.calls == 2 + is_native
    assert found.noise is not None
    assert found.noise.layers[CONV].output.snr_db < 60


def test_a_network_that_stays_native_is_refused(pair: Pair, floats: Tensors) -> None:
    with pytest.raises(SdkError, match="computes what its float network does"):
        measured(pair, context(floats), context(floats))


def test_integers_that_lose_nothing_are_no_native_network(tmp_path: Path) -> None:
    dark = {"net/input_layer1": np.zeros((2, 8, 8, 3), np.float32)}
    silent = {key: np.zeros_like(value) for key, value in small_weights().items()}
    pair = loaded(write_small(tmp_path / "silent.har", weights=silent))
    given = pair.floats.forward(pair.floats.tensors(dark))
    tensors = {name: [found.output] for name, found in given.items() if "fc2" not in name}
    network = SdkFloats(pair.model.float_network, context(tensors), False)
    quantized = context(tensors)
    DataPass(network, Need.NOTHING, {}, SdkQuantized(pair.quantized, quantized)).run([dark])
    assert quantized.switched == 0


@pytest.mark.parametrize(
    "kind",
    [
        "chain",
        pytest.param("joins", marks=pytest.mark.slow),
        pytest.param("windows", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("in_codes", [False, True])
def test_either_reading_gives_the_noise_of_our_engine(
    kind: str, in_codes: bool, tmp_path: Path
) -> None:
    pair, batch = pair_of(kind, tmp_path)
    inputs = pair.floats.tensors(batch)
    real = {name: list(t.parts) for name, t in pair.floats.forward(inputs).items()}
    coded = {
        name: [part.codes if in_codes else part.values for part in tensors.parts]
        for name, tensors in pair.quantized.forward(inputs).items()
    }
    network = SdkFloats(pair.model.float_network, context(real), False)
    integers = SdkQuantized(pair.quantized, context(coded))
    theirs = DataPass(network, Need.NOTHING, {}, integers).run([batch]).noise
    ours = DataPass(pair.floats, Need.NOTHING, {}, pair.quantized).run([batch]).noise
    assert ours is not None
    assert theirs is not None
    assert theirs.not_measured == ours.not_measured == {}
    for name, expected in ours.layers.items():
        found = theirs.layers[name]
        assert found.output.snr_db == pytest.approx(expected.output.snr_db, abs=1e-3), name
        assert found.clipped == expected.clipped, name
        assert found.saturated == expected.saturated, name


def test_values_before_the_activation(pair: Pair, floats: Tensors) -> None:
    need = Need.PREACTIVATION_STATISTICS
    values = np.zeros((4, 6, 6, 4), np.float32)
    shapes = {"net/conv1": (4, 6, 6, 4), "net/conv2": (4, 3, 3, 6), "net/fc1": (4, 5)}
    whole: dict[str, Any] = {n: [np.ones(s, np.float32)] for n, s in shapes.items()}
    whole["net/fc2"] = [np.ones((4, 1), np.float32)]
    found = measured(pair, context(floats, before=whole), need=need)
    assert found.preactivation_not_measured == {}
    assert all(found.layers[name].preactivation is not None for name in whole)
    odd = {**whole, "net/conv1": [values, None], "net/fc1": [values], "net/fc2": [None]}
    found = measured(pair, context(floats, before=odd), need=need, batches=2)
    assert set(found.preactivation_not_measured) == {"net/conv1", "net/fc1", "net/fc2"}
    assert "it was not kept" in found.preactivation_not_measured["net/conv1"]
    assert "archive records" in found.preactivation_not_measured["net/fc1"]
    for name in whole:
        assert (found.layers[name].preactivation is None) is (name != "net/conv2")
    found = measured(pair, context(floats, before="no such mode"), need=need)
    assert set(found.preactivation_not_measured.values()) == {"no such mode"}
    assert set(found.preactivation_not_measured) == set(whole)
