"""Layers that move values between height, width and channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.emulator.emulation import assert_close, layer_of, noise, run
from tests.emulator.onnx_oracle import image_operator, run_onnx
from utils.errors import UnsupportedLayerError

BLOCKS = [(1, 1), (2, 2), (2, 3), (3, 1)]


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
@pytest.mark.parametrize("block", [1, 2, 3])
def test_depth_to_space_of_square_blocks(mode: str, block: int) -> None:
    image = noise(2, 3, 4, 2 * block * block)
    expected = image_operator("DepthToSpace", image, blocksize=block, mode=mode)
    layer = layer_of("depth_to_space", block_sizes=[block, block], depth_to_space_type=mode.lower())
    assert_close(run(layer, image), expected)


@pytest.mark.parametrize("block", [1, 2, 3])
def test_space_to_depth_classic_dcr(block: int) -> None:
    image = noise(2, 6, 12, 3)
    expected = image_operator("SpaceToDepth", image, blocksize=block)
    layer = layer_of("space_to_depth", block_sizes=[block, block])
    assert_close(run(layer, image), expected)


@pytest.mark.parametrize(("high", "wide"), BLOCKS)
@pytest.mark.parametrize("order", ["dcr", "crd"])
def test_space_to_depth_undoes_depth_to_space(order: str, high: int, wide: int) -> None:
    image = noise(2, 6, 6, 2)
    deep = run(
        layer_of(
            "space_to_depth", block_sizes=[high, wide], space_to_depth_type=f"classic_{order}"
        ),
        image,
    )
    layer = layer_of("depth_to_space", block_sizes=[high, wide], depth_to_space_type=order)
    assert deep.shape == (2, 6 // high, 6 // wide, 2 * high * wide)
    assert_close(run(layer, deep), image)


@pytest.mark.parametrize(("high", "wide"), BLOCKS)
@pytest.mark.parametrize("order", ["classic_dcr", "classic_crd", "focus", "serial"])
def test_space_to_depth_pixel_by_pixel(order: str, high: int, wide: int) -> None:
    """Channels of pixel (0, 0), written down one by one in the order each type stands for."""
    image = noise(1, 6, 6, 2)
    places = {
        "classic_dcr": [(y, x, c) for y in range(high) for x in range(wide) for c in range(2)],
        "classic_crd": [(y, x, c) for c in range(2) for y in range(high) for x in range(wide)],
        "focus": [(y, x, c) for x in range(wide) for y in range(high) for c in range(2)],
        "serial": [(y, x, c) for y in range(high) for x in range(wide) for c in range(2)],
    }
    layer = layer_of("space_to_depth", block_sizes=[high, wide], space_to_depth_type=order)
    expected = np.array([image[0, y, x, c] for y, x, c in places[order]])
    assert_close(run(layer, image)[0, 0, 0], expected)


def test_focus_is_the_concatenation_of_yolov5() -> None:
    image = noise(2, 4, 6, 3)
    parts = [image[:, y::2, x::2] for y, x in ((0, 0), (1, 0), (0, 1), (1, 1))]
    expected = run_onnx("Concat", *map(np.ascontiguousarray, parts), axis=3)
    layer = layer_of("space_to_depth", block_sizes=[2, 2], space_to_depth_type="focus")
    assert_close(run(layer, image), expected)


def test_patches_become_tokens() -> None:
    """The patch embedding of a vision transformer: a strided conv is patches times a matrix."""
    image, kernel = noise(2, 6, 9, 3), noise(3, 3, 3, 5, seed=1)
    layer = layer_of(
        "space_to_depth",
        block_sizes=[3, 3],
        space_to_depth_type="serial",
        spatial_flatten_output=True,
    )
    expected = image_operator(
        "Conv", image, np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)), strides=[3, 3]
    )
    tokens = run(layer, image)
    assert tokens.shape == (2, 1, 6, 27)
    assert_close(tokens @ kernel.reshape(27, 5), expected.reshape(2, 1, 6, 5))


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_feature_shuffle_is_that_of_shufflenet(groups: int) -> None:
    image = noise(2, 3, 2, 12)
    split = image.transpose(0, 3, 1, 2).reshape(2, groups, 12 // groups, 3, 2)
    shuffled = run_onnx("Transpose", split, perm=[0, 2, 1, 3, 4]).reshape(2, 12, 3, 2)
    expected = shuffled.transpose(0, 2, 3, 1)
    assert_close(run(layer_of("feature_shuffle", groups=groups), image), expected)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_feature_interleave_deals_channels_in_turn(count: int) -> None:
    parts = [noise(2, 3, 2, 4, seed=seed) for seed in range(count)]
    result = run(layer_of("feature_interleave"), *parts)
    assert result.shape == (2, 3, 2, 4 * count)
    for index, part in enumerate(parts):
        assert_close(result[..., index::count], part)


@pytest.mark.parametrize(
    ("type", "params", "message"),
    [
        ("space_to_depth", {}, "block_sizes is missing"),
        ("space_to_depth", {"block_sizes": [4, 2]}, "do not tile"),
        ("space_to_depth", {"block_sizes": 2}, "block_sizes"),
        ("space_to_depth", {"block_sizes": [2, 2], "space_to_depth_type": "x"}, "'x'"),
        ("depth_to_space", {"block_sizes": [2, 2]}, "6 channels do not divide"),
        ("depth_to_space", {"block_sizes": [2, 0]}, "block_sizes"),
        ("depth_to_space", {"block_sizes": [1, 1], "depth_to_space_type": "x"}, "'x'"),
        ("feature_shuffle", {}, "groups is missing"),
        ("feature_shuffle", {"groups": 4}, "4 groups"),
    ],
)
def test_malformed_layers_are_refused(type: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedLayerError, match=message):
        run(layer_of(type, **params), noise(1, 6, 6, 6))


def test_interleaving_unequal_inputs_is_refused() -> None:
    with pytest.raises(UnsupportedLayerError, match="differ in shape"):
        run(layer_of("feature_interleave"), noise(1, 2, 2, 3), noise(1, 2, 2, 4))
