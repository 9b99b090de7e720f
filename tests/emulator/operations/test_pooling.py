"""maxpool, avgpool and global_avg_pool against onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.geometry import Geometry, pairs
from tests.emulator.onnx_oracle import image_operator
from tests.house.fuzzing import examples
from utils.errors import UnsupportedLayerError

GEOMETRIES = st.builds(
    Geometry,
    size=pairs(1, 9),
    kernel=pairs(1, 4),
    strides=pairs(1, 4),
    padding=st.sampled_from(["VALID", "SAME", "SAME_TENSORFLOW"]),
)
FEW = settings(max_examples=examples(40), deadline=None, derandomize=True)


def pool(type: str, geometry: Geometry, **params: Any) -> Any:
    return layer_of(
        type,
        kernel_shape=[1, *geometry.kernel, 1],
        strides=[1, *geometry.strides, 1],
        padding=geometry.padding,
        **params,
    )


def pool_attributes(geometry: Geometry) -> dict[str, Any]:
    attributes = geometry.onnx_attributes()
    return {
        "kernel_shape": geometry.kernel,
        "strides": attributes["strides"],
        "pads": attributes["pads"],
    }


def is_known_to_onnx(geometry: Geometry) -> bool:
    """onnxruntime refuses padding as large as the kernel."""
    pads = geometry.onnx_attributes()["pads"]
    return all(max(pads[axis::2]) < geometry.kernel[axis] for axis in (0, 1))


@FEW
@given(GEOMETRIES)
def test_maxpool_never_takes_the_padding(geometry: Geometry) -> None:
    assume(geometry.fits() and is_known_to_onnx(geometry))
    image = noise(2, *geometry.size, 3) - 10.0
    expected = image_operator("MaxPool", image, **pool_attributes(geometry))
    assert_close(run(pool("maxpool", geometry), image), expected)


@FEW
@given(GEOMETRIES, st.booleans())
def test_avgpool_counts_padding_or_not(geometry: Geometry, counted: bool) -> None:
    assume(geometry.fits() and is_known_to_onnx(geometry))
    image = noise(2, *geometry.size, 3) + 1.0
    attributes, seen = pool_attributes(geometry), image
    if counted:
        # Zeros laid out by hand: onnxruntime of Python 3.10 miscounts those that it pads itself.
        top, left, bottom, right = attributes.pop("pads")
        seen = np.pad(image, ((0, 0), (top, bottom), (left, right), (0, 0)))
    expected = image_operator("AveragePool", seen, **attributes)
    assert_close(run(pool("avgpool", geometry, count_include_pad=counted), image), expected)


def test_avgpool_counts_padding_by_default() -> None:
    geometry = Geometry(size=(5, 5), strides=(2, 2), padding="SAME")
    image = noise(1, 5, 5, 3) + 1.0
    expected = image_operator(
        "AveragePool", image, **pool_attributes(geometry), count_include_pad=1
    )
    assert_close(run(pool("avgpool", geometry), image), expected)


def test_global_pooling_in_both_spellings() -> None:
    image = noise(2, 7, 6, 4)
    expected = image_operator("GlobalAveragePool", image)
    assert_close(run(layer_of("global_avg_pool"), image), expected)
    whole = pool("avgpool", Geometry(kernel=(7, 6), strides=(7, 6)))
    assert_close(run(whole, image), expected)


@pytest.mark.parametrize("type", ["maxpool", "avgpool"])
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kernel_shape": None}, "kernel_shape is missing"),
        ({"kernel_shape": [2, 2]}, "kernel_shape"),
        ({"kernel_shape": [1, 2, 2, 3]}, "channels"),
        ({"kernel_shape": [1, 5, 2, 1]}, "does not fit into 4"),
        ({"strides": None}, "strides is missing"),
        ({"padding": None}, "padding is missing"),
        ({"padding": "DECONV"}, "padding"),
        ({"dilations": [1, 2, 2, 1]}, "dilations"),
        ({"kernel_shape": [1, 10**6, 10**6, 1], "padding": "SAME"}, "beyond sane bounds"),
    ],
)
def test_malformed_layers_are_refused(type: str, params: dict[str, Any], message: str) -> None:
    base = {"kernel_shape": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "padding": "VALID"}
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, **{**base, **params}), noise(1, 4, 4, 2))


def test_two_inputs_are_refused() -> None:
    image = np.zeros((1, 4, 4, 2), np.float32)
    with pytest.raises(UnsupportedLayerError, match="2 inputs where 1"):
        run(pool("maxpool", Geometry()), image, image)
