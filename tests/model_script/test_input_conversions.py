from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from utils.dataset.calibration_set import open_dataset
from utils.errors import DatasetError
from utils.har.network import Network, Shape
from utils.model_script import parse_model_script
from utils.model_script.input_conversions import converted_shapes

RAW, SEEN = (4, 6, 2), (4, 6, 3)


def network(conversion: str = "yuy2_to_hailo_yuv", raw: Shape = RAW) -> Network:
    converted = build_layer(
        "format_conversion1", "format_conversion", shape=SEEN, conversion_type=conversion
    )
    return build_network(
        chain(
            build_layer("input_layer1", shape=raw),
            converted,
            build_layer("conv1", shape=(4, 6, 8)),
            build_layer("output_layer1", shape=(4, 6, 8)),
        )
    )


def shapes(script: str | None, of: Network) -> dict[str, Shape]:
    return converted_shapes(of, None if script is None else parse_model_script(script))


BOTH = {"net/input_layer1": SEEN}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (None, {}),
        ("normalization1 = normalization([0.0], [255.0])\n", {}),
        ("c = input_conversion(yuy2_to_hailo_yuv, emulator_support=True)\n", {}),
        ("c = input_conversion(yuy2_to_hailo_yuv)\n", BOTH),
        ("c = input_conversion(yuy2_to_hailo_yuv, emulator_support=False)\n", BOTH),
        ("c = input_conversion(input_layer1, yuy2_to_hailo_yuv)\n", BOTH),
        ("c = input_conversion(input_layer2, yuy2_to_hailo_yuv)\n", {}),
        ("a, b = input_conversion(net/input_layer1, yuy2_to_rgb)\n", BOTH),
    ],
)
def test_either_shape_fits_where_the_script_converts(
    script: str | None, expected: dict[str, Shape]
) -> None:
    assert shapes(script, network()) == expected


def test_only_conversions_that_reshape_count() -> None:
    script = "c = input_conversion(bgr_to_rgb)\n"
    assert shapes(script, network("tf_rgb_to_hailo_rgb")) == {}
    assert shapes(script, network(raw=SEEN)) == {}


def test_a_set_in_either_format_is_opened_and_told_apart(tmp_path: Path) -> None:
    graph = network()
    for shape in (RAW, SEEN):
        np.save(tmp_path / "x.npy", np.zeros((3, *shape), np.uint8))
        calibration = open_dataset(str(tmp_path / "x.npy"), graph.input_layers, 64, BOTH)
        assert calibration.inputs["net/input_layer1"].shape == shape
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(tmp_path / "x.npy"), graph.input_layers, 64)
    assert caught.value.finding_id == "calibration-shape"
