"""Both orders of the channels through the float network."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.emulator.networks import FloatArray, conv, emulator_of, images, weights
from tests.fixtures.builders import build_layer
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.channel_swap import coloured, emulated_heads, measured_channel_order
from utils.har.network import Layer

INPUT = "net/input_layer1"
SIDE, SAMPLES = 6, 9


def two_heads(*behind: Layer, bias: float = 0.0) -> FloatEmulator:
    """A map of sigmoid scores and a vector of logits, to which `bias` is added."""
    shape = (SIDE, SIDE, 3)
    layers = [
        build_layer("input_layer1", shape=shape),
        conv("conv1", ["input_layer1"], (SIDE, SIDE, 4), fan_in=3),
        conv("conv2", ["conv1"], (SIDE, SIDE, 2), fan_in=4, activation="sigmoid"),
        build_layer("fc1", "dense", inputs=["conv1"], shape=(1, 1, 5), activation="linear"),
        *(
            behind
            or (
                build_layer("output_layer1", inputs=["conv2"], shape=(SIDE, SIDE, 2)),
                build_layer("output_layer2", inputs=["fc1"], shape=(1, 1, 5)),
            )
        ),
    ]
    arrays: dict[str, Any] = {
        "conv1/kernel": weights(3, 3, 3, 4),
        "conv1/bias": weights(4, seed=1),
        "conv2/kernel": weights(3, 3, 4, 2, seed=2),
        "conv2/bias": weights(2, seed=3),
        "fc1/kernel": weights(SIDE * SIDE * 4, 5, seed=4),
        "fc1/bias": weights(5, seed=5) + np.float32(bias),
    }
    return emulator_of(layers, arrays)


def softmax(values: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def batches_of(samples: FloatArray, size: int) -> list[dict[str, FloatArray]]:
    return [{INPUT: samples[i : i + size]} for i in range(0, len(samples), size)]


@pytest.mark.parametrize("size", [1, 4, SAMPLES])
def test_what_is_measured_is_what_two_runs_show(size: int) -> None:
    emulator, samples = two_heads(), images(SAMPLES, SIDE, SIDE, 3)
    counted: list[int] = []
    found = measured_channel_order(emulator, [batches_of(samples, size)], [INPUT], counted.append)
    assert (found.inputs, found.samples, found.grey) == ((INPUT,), SAMPLES, 0)
    assert sum(counted) == SAMPLES
    runs = [
        emulator.run({INPUT: x}, ["net/conv2", "net/fc1"]) for x in (samples, samples[..., ::-1])
    ]
    scores, logits = found.heads["net/conv2"], found.heads["net/fc1"]
    first, second = (np.sort(r["net/conv2"].reshape(SAMPLES, -1))[:, -10:].mean(1) for r in runs)
    assert scores.score.mean_as_is == pytest.approx(first.mean(), rel=1e-5)
    assert scores.score.mean_reversed == pytest.approx(second.mean(), rel=1e-5)
    assert scores.score.gain == pytest.approx((second - first).mean(), abs=1e-6)
    first, second = (softmax(r["net/fc1"]).max(-1).ravel() for r in runs)
    assert logits.probability.mean_as_is == pytest.approx(first.mean(), rel=1e-5)
    assert logits.probability.mean_reversed == pytest.approx(second.mean(), rel=1e-5)
    for run, winners in zip(runs, (logits.winners_as_is, logits.winners_reversed), strict=True):
        assert winners == Counter(run["net/fc1"].argmax(-1).ravel().tolist())
    assert (logits.is_map, scores.is_map) == (False, True)
    assert sum(scores.winners_as_is.values()) == SAMPLES * SIDE * SIDE


@pytest.mark.parametrize("bias", [-9.0, 9.0])
def test_a_single_score_is_as_sure_of_its_no_as_of_its_yes(bias: float) -> None:
    layers = [
        build_layer("input_layer1", shape=(SIDE, SIDE, 3)),
        build_layer("fc1", "dense", inputs=["input_layer1"], shape=(1, 1, 1), activation="sigmoid"),
        build_layer("output_layer1", inputs=["fc1"], shape=(1, 1, 1)),
    ]
    kernel, offset = weights(SIDE * SIDE * 3, 1), np.full(1, bias, np.float32)
    emulator = emulator_of(layers, {"fc1/kernel": kernel, "fc1/bias": offset})
    found = measured_channel_order(
        emulator, [batches_of(images(SAMPLES, SIDE, SIDE, 3), 4)], [INPUT]
    )
    assert found.heads["net/fc1"].score.mean_as_is > 0.9


def test_reversing_twice_changes_sides() -> None:
    emulator, samples = two_heads(), images(SAMPLES, SIDE, SIDE, 3)
    there = measured_channel_order(emulator, [batches_of(samples, 4)], [INPUT])
    back = measured_channel_order(emulator, [batches_of(samples[..., ::-1], 4)], [INPUT])
    for name, head in there.heads.items():
        assert head.score.mean_as_is == pytest.approx(back.heads[name].score.mean_reversed)
        assert head.score.gain == pytest.approx(-back.heads[name].score.gain)


def test_grey_samples_are_left_out() -> None:
    samples = images(SAMPLES, SIDE, SIDE, 3)
    samples[2:] = samples[2:, ..., :1]
    found = measured_channel_order(two_heads(), [batches_of(samples, 4)], [INPUT])
    assert (found.samples, found.grey) == (2, SAMPLES - 2)
    assert found.heads["net/fc1"].probability.samples == 2
    samples[:2] = samples[:2, ..., :1]
    found = measured_channel_order(two_heads(), [batches_of(samples, 4)], [INPUT])
    assert (found.samples, found.heads) == (0, {})


@pytest.mark.parametrize(("levels", "is_coloured"), [(0, False), (1, False), (2, True)])
def test_a_level_of_difference_is_what_compression_leaves(levels: int, is_coloured: bool) -> None:
    grey = np.random.default_rng(0).integers(2, 254, (3, 32, 32, 1)).repeat(3, axis=3)
    grey[:, 0, 0], grey[:, 0, 1] = 0, 255
    grey[..., 0] += levels
    assert coloured(grey.clip(0, 255).astype(np.uint8)).tolist() == [is_coloured] * 3


def test_constant_images_are_grey() -> None:
    assert coloured(np.full((2, 4, 4, 3), 7, np.uint8)).tolist() == [False, False]


def test_what_feeds_an_nms_stands_for_it() -> None:
    emulator = two_heads(
        build_layer("activation1", inputs=["conv2"], shape=(SIDE, SIDE, 2), activation="linear"),
        build_layer("concat1", inputs=["activation1", "conv2"], shape=(SIDE, SIDE, 4)),
        build_layer("postprocess1", inputs=["concat1", "fc1"], shape=(1, 1, 5)),
        build_layer("output_layer1", inputs=["postprocess1"], shape=(1, 1, 5)),
    )
    assert "net/postprocess1" in emulator.not_measured
    assert [layer.base_name for layer in emulated_heads(emulator)] == ["conv2", "fc1"]


def test_values_that_are_not_finite_leave_a_head_out() -> None:
    samples = images(SAMPLES, SIDE, SIDE, 3)
    found = measured_channel_order(two_heads(bias=np.nan), [batches_of(samples, 4)], [INPUT])
    assert list(found.heads) == ["net/conv2"]


def test_the_largest_values_that_data_may_have_are_survived() -> None:
    samples = images(SAMPLES, SIDE, SIDE, 3).clip(-1, 1) * np.float32(1e18)
    found = measured_channel_order(two_heads(), [batches_of(samples, 4)], [INPUT])
    assert found.heads["net/fc1"].probability.mean_as_is == pytest.approx(1)


def test_no_further_part_is_run_where_nothing_would_come_of_it() -> None:
    samples = images(SAMPLES, SIDE, SIDE, 3)
    alike = samples.mean(axis=-1, keepdims=True) + np.float32(1e-3) * samples
    counted: list[int] = []
    parts = [batches_of(alike, 4), batches_of(alike, 4)]
    found = measured_channel_order(two_heads(), parts, [INPUT], counted.append)
    assert (found.samples, found.grey, sum(counted)) == (0, 2 * SAMPLES, 2 * SAMPLES)
    tinted = alike + np.linspace(0, 0.05, 3, dtype=np.float32)
    parts = [batches_of(tinted, 4), batches_of(tinted, 4)]
    found = measured_channel_order(two_heads(), parts, [INPUT])
    assert found.is_settled
    assert found.samples == SAMPLES
