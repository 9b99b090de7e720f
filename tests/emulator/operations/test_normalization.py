"""normalization, batch_norm and layer_normalization against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import FloatArray, assert_close, floats, layer_of, noise, run
from tests.emulator.onnx_oracle import image_operator, run_onnx
from utils.errors import UnsupportedLayerError

IMAGE = noise(2, 3, 4, 6) * 3.0 + 1.0
GAMMA, BETA, MEAN = (noise(6, seed=seed) for seed in (1, 2, 3))
VARIANCE = np.abs(noise(6, seed=4)) + 0.1
STANDARD = (np.ones(6, np.float32), np.zeros(6, np.float32))


@pytest.mark.parametrize("type", ["normalization", "batch_norm"])
@pytest.mark.parametrize("params", [{}, {"elementwise_add": False, "activation": "linear"}])
def test_kernel_and_bias_per_channel(type: str, params: dict[str, Any]) -> None:
    expected = run_onnx("Add", run_onnx("Mul", IMAGE, GAMMA), BETA)
    parameters = {"kernel": GAMMA.reshape(1, 1, 6, 1), "bias": BETA.astype(np.float64)}
    assert_close(run(layer_of(type, **params), IMAGE, parameters=parameters), expected)


def test_normalization_without_bias_or_with_one_factor() -> None:
    result = run(layer_of("normalization"), IMAGE, parameters={"kernel": np.full((1, 1), 0.5)})
    assert_close(result, run_onnx("Mul", IMAGE, np.array([0.5], np.float32)))


def test_mean_and_std_of_a_script_become_kernel_and_bias() -> None:
    mean, std = floats([123.7, 116.3, 103.5]), floats([58.4, 57.1, 57.4])
    image = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype(np.float32)
    parameters = {"kernel": (1 / std).reshape(1, 1, 3, 1), "bias": -mean / std}
    expected = run_onnx("Div", run_onnx("Sub", image, mean), std)
    assert_close(run(layer_of("normalization"), image, parameters=parameters), expected)


def test_normalization_adds_its_second_input() -> None:
    layer = layer_of("normalization", elementwise_add=True)
    result = run(layer, IMAGE, IMAGE, parameters={"kernel": GAMMA, "bias": BETA})
    assert_close(result, IMAGE * GAMMA + BETA + IMAGE)


@pytest.mark.parametrize(
    ("names", "epsilon"),
    [
        ({"mean": MEAN, "variance": VARIANCE, "gamma": GAMMA, "beta": BETA}, 1e-3),
        ({"moving_mean": MEAN, "moving_variance": VARIANCE, "gamma": GAMMA, "beta": BETA}, None),
        ({"running_mean": MEAN, "running_var": VARIANCE, "scale": GAMMA, "bias": BETA}, 1e-2),
    ],
)
def test_batch_norm_in_the_names_of_several_frameworks(
    names: dict[str, FloatArray], epsilon: float | None
) -> None:
    parameters: dict[str, Any] = dict(names)
    if epsilon is not None:
        parameters["epsilon"] = np.float32(epsilon)
    expected = image_operator(
        "BatchNormalization",
        IMAGE,
        *(GAMMA, BETA, MEAN, VARIANCE),
        epsilon=1e-5 if epsilon is None else epsilon,
    )
    assert_close(run(layer_of("batch_norm"), IMAGE, parameters=parameters), expected)


def test_batch_norm_of_moments_alone() -> None:
    expected = image_operator("BatchNormalization", IMAGE, *STANDARD, MEAN, VARIANCE)
    parameters = {"mean": MEAN, "variance": VARIANCE}
    assert_close(run(layer_of("batch_norm"), IMAGE, parameters=parameters), expected)


@pytest.mark.parametrize("epsilon", [None, 1e-5, 0.1])
@pytest.mark.parametrize(("axes", "first"), [([3], 3), ([2, 3], 2), ([3, 2, 1], 1), (None, 3)])
def test_layer_normalization_over_trailing_axes(
    axes: list[int] | None, first: int, epsilon: float | None
) -> None:
    shape = IMAGE.shape[first:]
    scale, offset = np.ones(shape, np.float32), np.zeros(shape, np.float32)
    expected = run_onnx(
        "LayerNormalization",
        IMAGE,
        scale,
        offset,
        axis=first,
        epsilon=1e-5 if epsilon is None else epsilon,
    )
    layer = layer_of("layer_normalization", reduce_axes=axes, rms_norm=False, groups=1)
    parameters = {} if epsilon is None else {"epsilon": np.float32(epsilon)}
    assert_close(run(layer, IMAGE, parameters=parameters), expected)


@pytest.mark.parametrize("axes", [[1], [2], [1, 2]])
def test_layer_normalization_over_other_axes(axes: list[int]) -> None:
    expected = run_onnx("MeanVarianceNormalization", IMAGE, axes=axes)
    layer = layer_of("layer_normalization", reduce_axes=axes)
    parameters = {"epsilon": np.float32(0.0)}
    assert_close(run(layer, IMAGE, parameters=parameters), expected, 1e-4)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_layer_normalization_within_groups(groups: int) -> None:
    """Over all axes this is group normalization, which ONNX can express per group."""
    flat = IMAGE.transpose(0, 3, 1, 2).reshape(2, groups, -1)
    scale, offset = np.ones(groups, np.float32), np.zeros(groups, np.float32)
    expected = run_onnx("InstanceNormalization", flat, scale, offset, epsilon=1e-5)
    expected = expected.reshape(2, 6, 3, 4).transpose(0, 2, 3, 1)
    layer = layer_of("layer_normalization", reduce_axes=[1, 2, 3], groups=groups)
    assert_close(run(layer, IMAGE), expected)


@pytest.mark.parametrize("groups", [1, 3])
def test_rms_norm_keeps_the_mean(groups: int) -> None:
    parts = IMAGE.reshape(2, 3, 4, groups, -1)
    energy = run_onnx("ReduceMean", run_onnx("Mul", parts, parts), np.array([4]), keepdims=1)
    expected = (parts / np.sqrt(energy + np.float32(1e-5))).reshape(IMAGE.shape)
    layer = layer_of("layer_normalization", reduce_axes=[3], rms_norm=True, groups=groups)
    assert_close(run(layer, IMAGE), expected)


def test_stored_gamma_and_beta_are_applied() -> None:
    expected = run_onnx("LayerNormalization", IMAGE, GAMMA, BETA, axis=3, epsilon=1e-5)
    layer = layer_of("layer_normalization", reduce_axes=[3])
    for names in (("gamma", "beta"), ("kernel", "bias")):
        parameters = dict(zip(names, (GAMMA, BETA), strict=True))
        assert_close(run(layer, IMAGE, parameters=parameters), expected)


@pytest.mark.parametrize(
    ("type", "params", "parameters", "message"),
    [
        ("normalization", {}, {"kernel": noise(5)}, "for 6 channels"),
        ("normalization", {}, {"kernel": GAMMA, "bias": noise(5)}, "for 6 channels"),
        ("normalization", {"elementwise_add": True}, {"kernel": GAMMA}, "1 inputs where 2"),
        ("batch_norm", {}, {"mean": MEAN}, "no array 'kernel'"),
        ("batch_norm", {}, {"mean": noise(2), "variance": VARIANCE}, "for 6 channels"),
        ("layer_normalization", {"groups": 4}, {}, "4 groups"),
        ("layer_normalization", {"reduce_axes": [0]}, {}, "reduce_axes"),
        ("layer_normalization", {"reduce_axes": []}, {}, "reduce_axes"),
        ("layer_normalization", {"reduce_axes": 3}, {}, "reduce_axes"),
        ("layer_normalization", {"reduce_axes": [[3]]}, {}, "contradict"),
        ("layer_normalization", {"rms_norm": "no"}, {}, "rms_norm"),
        ("layer_normalization", {}, {"epsilon": noise(2)}, "not one number"),
    ],
)
def test_malformed_layers_are_refused(
    type: str, params: dict[str, Any], parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, **params), IMAGE, parameters=parameters)
