"""How TensorFlow is imported, and how many threads it is given."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import tensorflow as tf

from tests.har.samples import ROOT
from utils.backends import tensorflow_runtime
from utils.backends.tensorflow_runtime import limit_threads, prepare_tensorflow, processors


@pytest.mark.parametrize("was_enabled", [True, False])
def test_collection_goes_on_as_before(was_enabled: bool) -> None:
    try:
        if not was_enabled:
            gc.disable()
        with tensorflow_runtime._without_collection():
            assert not gc.isenabled()
        assert gc.isenabled() == was_enabled
    finally:
        gc.enable()
        gc.unfreeze()


def test_collection_goes_on_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), tensorflow_runtime._without_collection():
        raise ImportError
    assert gc.isenabled()
    gc.unfreeze()


def test_on_a_processor_functions_are_not_optimized_anew() -> None:
    prepare_tensorflow()
    is_off = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    assert is_off == (not tf.config.get_visible_devices("GPU"))


@pytest.mark.slow
def test_keras_is_left_out_until_somebody_asks_for_it() -> None:
    lines = (
        "import sys, os, importlib",
        "from utils.backends.tensorflow_runtime import LEGACY_KERAS, import_tensorflow",
        "tf = import_tensorflow()",
        "print('keras' in sys.modules, LEGACY_KERAS in os.environ)",
        "keras = importlib.import_module('tensorflow.keras')",
        "print(keras.layers.Dense(2)(tf.ones((1, 3))).shape)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True
    )
    is_imported, rest = done.stdout.split(" ", 1)
    assert rest.split("\n")[:2] == ["False", "(1, 2)"], done.stderr
    # Older versions of TensorFlow import Keras anyway.
    assert is_imported == "False" or not tensorflow_runtime._keras_serves_tensorflow()


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tensorflow_runtime, "_most_threads", [])
    yield


@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize(("cores", "most", "threads"), [(4, None, 4), (4, 2, 2), (1, 8, 1)])
def test_threads_are_as_many_as_processors_unless_fewer_are_wanted(
    cores: int, most: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    if most is not None:
        limit_threads(most)
    assert processors() == threads
