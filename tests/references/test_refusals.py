"""Files that cannot be run are refused in one sentence that names them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import helper

from tests.fixtures.original_models import forked, row, written_onnx
from tests.references.test_formats import model, part
from utils.errors import DiagnosticError
from utils.references.opening import open_references


def refusal(*paths: str) -> DiagnosticError:
    with pytest.raises(DiagnosticError) as raised:
        open_references(paths)
    text = str(raised.value)
    assert "\n" not in text
    assert len(text) < 500
    return raised.value


def changed(path: Path, change: Callable[[onnx.ModelProto], object]) -> str:
    written_onnx(path, row())
    made = onnx.load(str(path))
    change(made)
    onnx.save(made, str(path))
    return str(path)


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    array = str(tmp_path / "a.npy")
    np.save(array, np.zeros(3))
    assert "is a file of NumPy arrays, not a model that can be run" in str(refusal(array))
    assert "does not exist" in str(refusal(str(tmp_path / "none.onnx")))
    assert "is a folder" in str(refusal(str(tmp_path)))
    text = tmp_path / "t.onnx"
    text.write_text("hello")
    assert "not a model that can be run" in str(refusal(str(text)))


def test_a_cut_file_is_no_model(tmp_path: Path) -> None:
    whole = Path(written_onnx(tmp_path / "m.onnx", row())).read_bytes()
    (tmp_path / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    assert str(tmp_path / "cut.onnx") in str(refusal(str(tmp_path / "cut.onnx")))


def test_an_opset_from_the_future(tmp_path: Path) -> None:
    def later(made: onnx.ModelProto) -> None:
        made.opset_import[0].version = 999

    error = refusal(changed(tmp_path / "m.onnx", later))
    assert "is written in opset 999, which onnxruntime" in str(error)
    assert error.commands == ("pip install --upgrade onnxruntime",)


def test_operators_of_another_library(tmp_path: Path) -> None:
    def foreign(made: onnx.ModelProto) -> None:
        made.graph.node[0].domain = "my.company"
        made.opset_import.append(helper.make_opsetid("my.company", 1))

    assert "my.company.Conv" in str(refusal(changed(tmp_path / "m.onnx", foreign)))


def test_an_onnx_model_that_is_quantized_itself(tmp_path: Path) -> None:
    def quantized(made: onnx.ModelProto) -> None:
        made.graph.node[0].op_type = "QuantizeLinear"

    error = str(refusal(changed(tmp_path / "m.onnx", quantized)))
    assert "is quantized itself (it has a QuantizeLinear)" in error


def test_an_operator_that_does_not_exist(tmp_path: Path) -> None:
    def unknown(made: onnx.ModelProto) -> None:
        made.graph.node[0].op_type = "Convolve"

    assert "is not taken by onnxruntime" in str(refusal(changed(tmp_path / "m.onnx", unknown)))


def test_weights_that_lie_elsewhere_and_are_gone(tmp_path: Path) -> None:
    path = written_onnx(tmp_path / "m.onnx", forked())
    made = onnx.load(path)
    onnx.save(made, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    open_references([path])
    (tmp_path / "weights.bin").unlink()
    assert "keeps its weights in another file" in str(refusal(path))


def test_parts_that_have_nothing_to_do_with_one_another(tmp_path: Path) -> None:
    first = part(tmp_path / "first.onnx", "x", "y", "Neg")
    second = part(tmp_path / "second.onnx", "a", "b", "Neg")
    assert "not parts of one model" in str(refusal(first, second))
    third = part(tmp_path / "third.onnx", "y", "x", "Neg")
    assert "in a circle" in str(refusal(first, third))


def test_a_model_that_is_quantized_itself(tmp_path: Path) -> None:
    converter = tf.lite.TFLiteConverter.from_keras_model(model())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: iter(
        [[np.random.rand(1, 12, 12, 3).astype(np.float32)] for _ in range(2)]
    )
    converter.inference_input_type = converter.inference_output_type = tf.int8
    path = tmp_path / "m.tflite"
    path.write_bytes(converter.convert())
    assert "is quantized itself" in str(refusal(str(path)))


@pytest.mark.parametrize("kind", [".keras", ".h5"])
def test_code_in_a_keras_file_is_never_run(tmp_path: Path, kind: str) -> None:
    entering = tf.keras.Input((3,))
    layer = tf.keras.layers.Lambda(lambda x: x + 1)
    made = tf.keras.Model(entering, layer(entering))
    path = str(tmp_path / f"m{kind}")
    made.save(path)
    assert "holds code in a Lambda layer" in str(refusal(path))


def test_a_saved_model_that_writes_files_is_not_run(tmp_path: Path) -> None:
    def written(x: tf.Tensor) -> tf.Tensor:
        tf.io.write_file(str(tmp_path / "ran"), "x")
        return x

    module = tf.Module()
    module.call = tf.function(written, input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    path = str(tmp_path / "model")
    tf.saved_model.save(module, path, signatures={"serving_default": module.call})
    assert "reach beyond the model" in str(refusal(path))
    assert not (tmp_path / "ran").exists()


def test_a_library_that_is_missing_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written_onnx(tmp_path / "m.onnx", row())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    error = refusal(path)
    assert "is run by onnx and onnxruntime, which cannot be imported" in str(error)
    assert error.commands == ("pip install onnx onnxruntime",)


def test_opening_nothing_imports_no_library() -> None:
    code = (
        "import sys, utils.references.opening; "
        "print([m for m in ('onnx', 'onnxruntime', 'tensorflow', 'keras') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_hdf5_file_without_a_model(tmp_path: Path) -> None:
    h5py = importlib.import_module("h5py")  # without stubs
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.zeros(3)
    assert "does not hold a whole Keras model" in str(refusal(str(path)))
