"""What the stand-in shows of a network, against arithmetic in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.emulator.integer_oracle import Archive, input_codes, layer_codes
from tests.emulator.quantized_networks import pair_of
from tests.har.archives import float_forward, small_images
from tests.sdk_standin.archives import made_for, small_archive
from tests.sdk_standin.installation import FLAVOURS, installed
from tests.sdk_standin.public_calls import captured, sdk

FLOAT, QUANTIZED = "SDK_FP_OPTIMIZED", "SDK_QUANTIZED"
INPUT = "net/input_layer1"
IMAGES = small_images(seed=9, samples=5)
BATCH = {INPUT: IMAGES.astype(np.float32)}
# 3.25 has no entry for output layers, 5.3 for neither kind.
ABSENT = {"3.25": {"output_layer"}, "3.33": set[str](), "5.3": {"input_layer", "output_layer"}}
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:stand-in noise")]
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


def assert_close(found: NDArray[Any], expected: NDArray[Any]) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@every_flavour
def test_float_layers_hold_what_numpy_computes(flavour: str, tmp_path: Path) -> None:
    outputs, before = float_forward(IMAGES)
    with installed(flavour):
        found = captured(small_archive(flavour, tmp_path), FLOAT, BATCH)
    present = {name for name in outputs if name.rstrip("12") not in ABSENT[flavour]}
    assert set(found.layers) == {f"net/{name}" for name in present}
    for name, (array,) in found.layers.items():
        assert_close(array, outputs[name.removeprefix("net/")])
    assert set(found.preactivations) == {f"net/{name}" for name in before}
    for name, array in found.preactivations.items():
        assert_close(array, before[name.removeprefix("net/")])
    (output,) = found.outputs
    assert_close(output, outputs["output_layer1"])


@every_flavour
def test_quantized_layers_hold_the_hardwares_codes_as_real_values(
    flavour: str, tmp_path: Path
) -> None:
    path = small_archive(flavour, tmp_path)
    archive = Archive(path)
    with installed(flavour):
        values = captured(path, QUANTIZED, BATCH).layers
    with installed(flavour, codes=True):
        codes = {
            name: arrays[0] for name, arrays in captured(path, QUANTIZED, BATCH).layers.items()
        }
    engine = {INPUT: input_codes(archive, INPUT, BATCH[INPUT]).codes, **codes}
    for name, found in codes.items():
        if name == INPUT:
            assert np.array_equal(found, engine[INPUT])
            continue
        assert np.abs(found - layer_codes(archive, name, engine).codes).max() <= 1, name
        scale, zero = archive.encoding(name)
        assert_close(values[name][0], ((found - zero) * scale).astype(np.float32))


@every_flavour
@pytest.mark.parametrize("context", [FLOAT, QUANTIZED])
def test_outputs_come_in_order_from_every_way_to_run(
    flavour: str, context: str, tmp_path: Path
) -> None:
    pair, batch = pair_of("joins", tmp_path)
    path = made_for(flavour, pair.path)
    with installed(flavour):
        found = captured(path, context, batch)
        runner = sdk().ClientRunner(har=path)
        with runner.infer_context(sdk().InferenceContext[context]) as opened:
            inferred = runner.infer(opened, batch, batch_size=4)
            eager = runner.get_keras_model(opened)(batch)
            few = runner.infer(opened, batch, batch_size=2, data_count=3)
    assert [array.shape for array in found.outputs] == [(6, 6, 6, 2), (6, 6, 6, 12)]
    for position, array in enumerate(found.outputs):
        assert inferred[position].dtype == np.float32
        assert_close(inferred[position], array)
        assert_close(eager[position].numpy(), array)
        assert_close(few[position], array[:3])


@pytest.mark.parametrize(
    ("flavour", "counts"),
    [
        ("3.25", {"conv1": 3, "feature_splitter1": 2, "conv4": 1}),
        ("3.33", {"conv1": 1, "feature_splitter1": 2, "conv4": 1}),
        ("5.3", {"conv1": 3, "feature_splitter1": 2, "conv4": 1}),
    ],
)
def test_layers_with_several_outputs_show_each(
    flavour: str, counts: dict[str, int], tmp_path: Path
) -> None:
    pair, batch = pair_of("joins", tmp_path)
    with installed(flavour):
        layers = captured(made_for(flavour, pair.path), FLOAT, batch).layers
    assert {name: len(layers[f"net/{name}"]) for name in counts} == counts
    whole = np.concatenate(layers["net/feature_splitter1"], axis=3)
    assert_close(whole, layers["net/concat1"][0])


@every_flavour
def test_only_layers_that_were_asked_for_are_captured(flavour: str, tmp_path: Path) -> None:
    with installed(flavour):
        found = captured(small_archive(flavour, tmp_path), FLOAT, BATCH, ["net/fc1", "net/conv1"])
    assert list(found.layers) == ["net/fc1", "net/conv1"]


@pytest.mark.parametrize(("flavour", "has_one"), [("3.25", True), ("3.33", True), ("5.3", False)])
def test_a_linear_layer_with_weights_may_have_an_activation(
    flavour: str, has_one: bool, tmp_path: Path
) -> None:
    pair, batch = pair_of("joins", tmp_path)
    with installed(flavour):
        found = captured(made_for(flavour, pair.path), FLOAT, batch)
    assert ("net/conv2" in found.preactivations) is has_one
    assert "net/conv1" in found.preactivations


@every_flavour
def test_data_may_be_arrays_files_or_datasets(flavour: str, tmp_path: Path) -> None:
    import tensorflow as tf

    path = small_archive(flavour, tmp_path)
    np.save(tmp_path / "calib.npy", BATCH[INPUT])
    pairs = tf.data.Dataset.from_tensor_slices(BATCH).map(lambda sample: (sample, {}))
    data: list[Any] = [BATCH, pairs]
    if flavour != "5.3":  # which wants inputs by name
        data += [BATCH[INPUT], str(tmp_path / "calib.npy")]
    expected = float_forward(IMAGES)[0]["output_layer1"]
    with installed(flavour):
        runner = sdk().ClientRunner(har=path)
        with runner.infer_context(sdk().InferenceContext[FLOAT]) as opened:
            for each in data:
                assert_close(runner.infer(opened, each), expected)
