"""Every fault of the stand-in, as a caller meets it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.har.archives import small_images
from tests.sdk_standin import faults
from tests.sdk_standin.archives import small_archive
from tests.sdk_standin.installation import FLAVOURS, installed
from tests.sdk_standin.public_calls import Capture, captured, sdk

FLOAT, QUANTIZED = "SDK_FP_OPTIMIZED", "SDK_QUANTIZED"
INPUT = "net/input_layer1"
BATCH = {INPUT: small_images(seed=9, samples=4).astype(np.float32)}
THREE, FIVE = "3.33", "5.3"
# tests/backends/sdk/test_faults.py shows in the fast part what comes of each of them.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:stand-in noise")]
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
both_ways = pytest.mark.parametrize("flavour", [THREE, FIVE])


def capture(flavour: str, folder: Path, context: str = FLOAT, **wrong: bool | str) -> Capture:
    path = small_archive(flavour, folder)
    with installed(flavour, **wrong):
        return captured(path, context, BATCH)


def runner_with(flavour: str, folder: Path) -> Any:
    return sdk().ClientRunner(har=small_archive(flavour, folder))


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ("import_fails", ImportError, "cannot import name"),
        ("dependency_missing", ModuleNotFoundError, "pygraphviz"),
        ("library_missing", OSError, "libcudart"),
        ("import_exits", SystemExit, "not supported"),
    ],
)
@every_flavour
def test_importing_fails(flavour: str, fault: str, error: type[BaseException], text: str) -> None:
    with installed(flavour, **{fault: True}), pytest.raises(error, match=text):
        sdk()
    assert "hailo_sdk_client" not in sys.modules


@pytest.mark.parametrize(
    ("fault", "text"),
    [("load", "unexpected kind"), ("licence", "license"), ("chip_unknown", "hw_arch")],
)
@every_flavour
def test_loading_fails(flavour: str, fault: str, text: str, tmp_path: Path) -> None:
    with installed(flavour, **{fault: True}), pytest.raises(Exception, match=text):
        runner_with(flavour, tmp_path)


@pytest.mark.parametrize(
    ("fault", "name"),
    [("state_unknown", "FOLDED_MODEL"), ("state_unquantized", "FP_OPTIMIZED_MODEL")],
)
@every_flavour
def test_the_state_is_another(flavour: str, fault: str, name: str, tmp_path: Path) -> None:
    with installed(flavour, **{fault: True}):
        runner = runner_with(flavour, tmp_path)
        assert runner.state.name == name
        assert runner.state not in (sdk().States.QUANTIZED_MODEL, sdk().States.COMPILED_MODEL)


@pytest.mark.parametrize(
    ("fault", "broken", "whole"),
    [
        ("float_raises", FLOAT, QUANTIZED),
        ("quantized_raises", QUANTIZED, FLOAT),
        ("float_context_raises", FLOAT, QUANTIZED),
        ("quantized_context_raises", QUANTIZED, FLOAT),
    ],
)
@every_flavour
def test_one_of_the_models_raises(
    flavour: str, fault: str, broken: str, whole: str, tmp_path: Path
) -> None:
    assert capture(flavour, tmp_path, whole, **{fault: True}).layers
    with pytest.raises((AttributeError, RuntimeError), match="stand-in noise"):
        capture(flavour, tmp_path, broken, **{fault: True})


@pytest.mark.parametrize(
    ("fault", "context"), [("float_raises_later", FLOAT), ("quantized_raises_later", QUANTIZED)]
)
@every_flavour
def test_the_second_batch_raises(flavour: str, fault: str, context: str, tmp_path: Path) -> None:
    with installed(flavour, **{fault: True}):
        runner = runner_with(flavour, tmp_path)
        with runner.infer_context(sdk().InferenceContext[context]) as opened:
            run = tf.function(runner.get_keras_model(opened))
            assert np.isfinite(run(BATCH).numpy()).all()
            with pytest.raises(tf.errors.OpError, match="fails at batch 2"):
                run(BATCH)


@every_flavour
def test_the_memory_does_not_suffice(flavour: str, tmp_path: Path) -> None:
    with pytest.raises(tf.errors.ResourceExhaustedError):
        capture(flavour, tmp_path, gpu_exhausted=True)
    with pytest.raises(tf.errors.OpError, match="CUDA_ERROR_OUT_OF_MEMORY"):
        capture(flavour, tmp_path, QUANTIZED, cuda_memory=True)


@pytest.mark.parametrize(
    ("fault", "flavours"),
    [
        ("no_get_keras_model", FLAVOURS),
        ("no_inner_model", FLAVOURS),
        ("no_layers", FLAVOURS),
        ("no_layer_flow", FLAVOURS),
        ("no_intermediate_results", FLAVOURS),
        ("no_interlayer_tensors", [THREE]),
        ("corrected_spelling", [FIVE]),
        ("no_internal_layers", [FIVE]),
    ],
)
def test_an_attribute_is_absent(fault: str, flavours: list[str], tmp_path: Path) -> None:
    for flavour in flavours:
        with pytest.raises(AttributeError):
            capture(flavour, tmp_path, FLOAT, **{fault: True})


def test_compile_does_not_take_layers(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="save_interlayer"):
        capture(THREE, tmp_path, no_save_interlayer=True)


def test_the_method_has_the_corrected_spelling(tmp_path: Path) -> None:
    with installed(FIVE, corrected_spelling=True):
        runner = runner_with(FIVE, tmp_path)
        with runner.infer_context(sdk().InferenceContext[FLOAT]) as opened:
            model = runner.get_keras_model(opened)
            model.build(BATCH)
            model.model.set_output_internal_layers(["net/conv1"])
            _, (tensor,) = model(BATCH)
            assert tensor.shape == (4, 6, 6, 4)


@every_flavour
def test_no_intermediate_results_are_kept(flavour: str, tmp_path: Path) -> None:
    assert capture(flavour, tmp_path).preactivations
    assert not capture(flavour, tmp_path, no_debug_mode=True).preactivations


@both_ways
def test_a_layer_is_absent_or_has_another_name(flavour: str, tmp_path: Path) -> None:
    assert "net/conv1" in capture(flavour, tmp_path).layers
    assert "net/conv1" not in capture(flavour, tmp_path, layer_missing="net/conv1").layers
    renamed = capture(flavour, tmp_path, layer_renamed="net/conv1").layers
    assert "net/conv1" not in renamed
    assert "net/conv1_renamed" in renamed


def test_a_layer_is_left_out_of_what_is_captured(tmp_path: Path) -> None:
    found = capture(THREE, tmp_path, layer_left_out="net/conv1").layers
    assert "net/conv1" not in found
    assert "net/conv2" in found
    with pytest.raises(ValueError, match="zip"):  # of names with one tensor less
        capture(FIVE, tmp_path, layer_left_out="net/conv1")


def is_not_a_number(array: Any) -> bool:
    return bool(np.isnan(array).all())


@pytest.mark.parametrize(
    ("wrong", "layer", "is_there"),
    [
        ({"nan_at": "net/conv1"}, "net/conv1", is_not_a_number),
        ({"nan_at": "conv1"}, "net/conv1", is_not_a_number),
        ({"wrong_shape": "net/conv1"}, "net/conv1", lambda a: a.shape == (4, 12, 6, 4)),
        ({"rank2_dense": True}, "net/fc1", lambda a: a.shape == (4, 5)),
    ],
)
@both_ways
def test_a_captured_tensor_is_odd(
    flavour: str,
    wrong: dict[str, bool | str],
    layer: str,
    is_there: Callable[[Any], bool],
    tmp_path: Path,
) -> None:
    for context in (FLOAT, QUANTIZED):
        assert not is_there(capture(flavour, tmp_path, context).layers[layer][0])
        found = capture(flavour, tmp_path, context, **wrong)
        assert is_there(found.layers[layer][0])
        assert not is_there(found.layers["net/conv2"][0])
        assert np.isfinite(found.outputs[0]).all()


@both_ways
def test_quantized_layers_give_codes(flavour: str, tmp_path: Path) -> None:
    plain = capture(flavour, tmp_path, QUANTIZED)
    found = capture(flavour, tmp_path, QUANTIZED, codes=True)
    for name, (array,) in found.layers.items():
        assert np.array_equal(array, np.round(array)), name
        assert 0 <= array.min() <= array.max() <= 255
    values = plain.layers["net/conv1"][0]
    assert not np.array_equal(values, np.round(values))
    assert np.array_equal(found.outputs[0], plain.outputs[0])


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("differs_at", {FLOAT, QUANTIZED}),
        ("float_differs_at", {FLOAT}),
        ("quantized_differs_at", {QUANTIZED}),
    ],
)
@both_ways
def test_a_layer_and_what_follows_it_differ(
    flavour: str, fault: str, changed: set[str], tmp_path: Path
) -> None:
    for context in (FLOAT, QUANTIZED):
        plain = capture(flavour, tmp_path, context).layers
        found = capture(flavour, tmp_path, context, **{fault: "net/conv2"}).layers
        different = {n for n in plain if not np.array_equal(plain[n][0], found[n][0])}
        assert {"net/conv1", "net/maxpool1"}.isdisjoint(different)
        assert ({"net/conv2", "net/fc1", "net/fc2"} <= different) is (context in changed)


def test_the_model_starts_native(tmp_path: Path) -> None:
    plain = capture(FIVE, tmp_path).outputs[0]
    quantized = capture(FIVE, tmp_path, QUANTIZED).outputs[0]
    with installed(FIVE, starts_native=True):
        runner = runner_with(FIVE, tmp_path)
        with runner.infer_context(sdk().InferenceContext[QUANTIZED]) as opened:
            native = runner.get_keras_model(opened)
            switched = runner.get_keras_model(opened)
            switched.set_quantized()
            switched.set_native(False)
            assert np.array_equal(native(BATCH).numpy(), plain)
            assert np.array_equal(switched(BATCH).numpy(), quantized)


@every_flavour
def test_a_model_may_die_with_its_context(flavour: str, tmp_path: Path) -> None:
    for dies in (False, True):
        with installed(flavour, model_dies_with_context=dies):
            runner = runner_with(flavour, tmp_path)
            with runner.infer_context(sdk().InferenceContext[FLOAT]) as opened:
                model = runner.get_keras_model(opened)
            if not dies:
                assert np.isfinite(model(BATCH).numpy()).all()
                continue
            with pytest.raises(RuntimeError, match="was left"):
                model(BATCH)


def test_names_of_layers_survive_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[str, bool | str] = {"nan_at": "net/a,b=c%", "codes": True, "load": False}
    monkeypatch.setenv(faults.VARIABLE, faults.encoded(wrong))
    assert faults.active() == {"nan_at": "net/a,b=c%", "codes": True}


@pytest.mark.parametrize("value", ["lod", "nan_at", "load=net/conv1"])
def test_a_fault_that_does_not_exist_is_an_error(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(faults.VARIABLE, value)
    with pytest.raises(ValueError, match="no such fault"):
        faults.active()


def test_every_fault_is_shown_here() -> None:
    text = inspect.getsource(sys.modules[__name__])
    assert [name for name in (*faults.PLAIN, *faults.OF_A_LAYER) if name not in text] == []
