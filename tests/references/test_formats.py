"""Models of every kind are run by their library, and give what the network gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.fixtures.original_models import forked, unit_samples, written_onnx
from utils.references import Reference
from utils.references.opening import open_references

keras = tf.keras


def model() -> Any:
    """A residual block and two outputs."""
    keras.utils.set_random_seed(7)
    entering = keras.Input((12, 12, 3), name="picture")
    first = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(entering)
    branch = keras.layers.Conv2D(4, 3, padding="same", name="branch")(first)
    joined = keras.layers.Add(name="joined")([first, branch])
    pooled = keras.layers.GlobalAveragePooling2D(name="pooled")(joined)
    vector = keras.layers.Dense(5, name="vector")(pooled)
    scores = keras.layers.Conv2D(2, 1, activation="sigmoid", name="scores")(joined)
    return keras.Model(entering, [vector, scores])


def expected(made: Any) -> list[NDArray[np.float32]]:
    return [np.asarray(each) for each in made(unit_samples())]


def saved(made: Any, folder: Path, kind: str) -> str:
    path = folder / f"model{kind}"
    if kind == ".tflite":
        path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(made).convert())
    elif kind == "":
        made.export(str(path)) if hasattr(made, "export") else made.save(str(path))
    else:
        made.save(str(path))
    return str(path)


def outputs(reference: Reference) -> list[NDArray[np.float32]]:
    (entering,) = reference.inputs
    found = reference.run({entering.name: unit_samples()}, reference.outputs)
    return sorted((found[name] for name in reference.outputs), key=lambda array: array.ndim)


@pytest.mark.parametrize("kind", [".keras", ".h5", ".tflite", ""])
def test_models_of_tensorflow_give_what_they_gave(tmp_path: Path, kind: str) -> None:
    made = model()
    reference = open_references([saved(made, tmp_path, kind)])
    (entering,) = reference.inputs
    assert entering.sizes == (12, 12, 3)
    assert entering.dtype == np.dtype(np.float32)
    assert not reference.is_channels_first
    for found, wanted in zip(outputs(reference), expected(made), strict=True):
        assert found.shape == wanted.shape
        assert np.allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("kind", [".keras", ".h5"])
def test_inner_tensors_and_weights_of_keras(tmp_path: Path, kind: str) -> None:
    made = model()
    reference = open_references([saved(made, tmp_path, kind)])
    inner = keras.Model(made.inputs, made.get_layer("joined").output)
    found = reference.run({reference.inputs[0].name: unit_samples()}, ["joined"])
    assert np.allclose(found["joined"], inner(unit_samples()), atol=1e-5)
    assert reference.tensor_of("model/joined/add") == "joined"
    assert np.array_equal(reference.kernels["branch"], made.get_layer("branch").get_weights()[0])
    assert np.array_equal(reference.biases["branch"], made.get_layer("branch").get_weights()[1])


def test_inner_tensors_of_tflite(tmp_path: Path) -> None:
    made = model()
    reference = open_references([saved(made, tmp_path, ".tflite")])
    inner = keras.Model(made.inputs, made.get_layer("joined").output)
    wanted = inner(unit_samples()).numpy()
    found = reference.run({reference.inputs[0].name: unit_samples()}, reference.tensors)
    fitting = [array for array in found.values() if array.shape == wanted.shape]
    assert any(np.allclose(array, wanted, atol=1e-5) for array in fitting)


def test_inner_tensors_and_weights_of_onnx(tmp_path: Path) -> None:
    net = forked()
    reference = open_references([written_onnx(tmp_path / "model.onnx", net)])
    samples = {"forked/input_layer1": unit_samples().transpose(0, 3, 1, 2)}
    found = reference.run(samples, ["forked/conv1", "forked/output_layer2"])
    assert found["forked/conv1"].shape == (6, 8, 12, 12)
    assert found["forked/output_layer2"].shape == (6, 6)
    assert reference.tensor_of("node of forked/conv1") == "forked/conv1"
    assert reference.tensor_of("nobody") == ""
    kernel = net.arrays["forked/conv1"]["kernel"]
    assert np.array_equal(reference.kernels["node of forked/conv1/convolved"], kernel)


def part(path: Path, entering: str, leaving: str, type_: str) -> str:
    graph = helper.make_graph(
        [helper.make_node(type_, [entering], [leaving])],
        "part",
        [helper.make_tensor_value_info(entering, TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info(leaving, TensorProto.FLOAT, ["n", 3])],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, str(path))
    return str(path)


def test_parts_are_chained_by_names_in_any_order(tmp_path: Path) -> None:
    first = part(tmp_path / "first.onnx", "x", "middle", "Neg")
    second = part(tmp_path / "second.onnx", "middle", "y", "Abs")
    reference = open_references([second, first])
    assert [each.name for each in reference.inputs] == ["x"]
    assert reference.outputs == ("y",)
    values = np.array([[1, -2, 3], [0, 5, -6]], np.float32)
    found = reference.run({"x": values}, ["middle", "y"])
    assert np.array_equal(found["middle"], -values)
    assert np.array_equal(found["y"], np.abs(values))


@pytest.mark.parametrize("size", [1, 4])
def test_a_batch_that_the_file_fixes_is_filled_up(tmp_path: Path, size: int) -> None:
    path = part(tmp_path / "m.onnx", "x", "y", "Neg")
    made = onnx.load(path)
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_value = size
    onnx.save(made, path)
    values = np.arange(18, dtype=np.float32).reshape(6, 3)
    found = open_references([path]).run({"x": values}, ["y"])
    assert np.array_equal(found["y"], -values)


def test_a_batch_that_is_written_into_shapes_inside_is_run_one_by_one(tmp_path: Path) -> None:
    path = part(tmp_path / "m.onnx", "x", "y", "Neg")
    made = onnx.load(path)
    made.graph.node[0].output[0] = "negated"
    made.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array([1, 3, 1], np.int64), "sizes")
    )
    made.graph.node.append(helper.make_node("Reshape", ["negated", "sizes"], ["y"]))
    del made.graph.output[0].type.tensor_type.shape.dim[:]
    made.graph.output[0].type.tensor_type.ClearField("shape")
    onnx.save(made, path)
    values = np.arange(18, dtype=np.float32).reshape(6, 3)
    found = open_references([path]).run({"x": values}, ["y"])
    assert np.array_equal(found["y"][..., 0], -values)
