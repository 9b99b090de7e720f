from __future__ import annotations

import re
from itertools import combinations

import pytest

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from utils.har.network import Layer
from utils.renderers.html.drawing import BOX_HEIGHT, BOX_WIDTH, Box, Drawing, draw
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.neighbourhood import (
    MAX_CENTRES,
    MAX_LAYERS,
    Neighbourhood,
    neighbourhoods,
)
from utils.report import Report

CHAIN = [build_layer("input_layer1"), *(build_layer(f"conv{i}") for i in range(1, 10))]
RESIDUAL = [
    build_layer("input_layer1"),
    build_layer("conv1"),
    build_layer("conv2"),
    build_layer("ew_add1", inputs=["conv2", "input_layer1"]),
    build_layer("output_layer1"),
]


def parts(layers: list[Layer], *names: str, **snr_db: float) -> list[Neighbourhood]:
    measurements = build_noise_measurements(build_noise(snr_db)) if snr_db else None
    report = Report(build_model(layers), "embedded", None, measurements, ())
    return neighbourhoods(NumberedLayers(report), [f"net/{name}" for name in names])


def labels(part: Neighbourhood) -> list[str]:
    return [each.label for each in part.layers]


def test_a_finding_without_layers_of_the_graph_has_no_picture() -> None:
    assert parts(CHAIN) == []
    assert parts(CHAIN, "absent") == []


def test_layers_two_edges_away_are_drawn() -> None:
    (part,) = parts(CHAIN, "conv4")
    assert labels(part) == ["conv2", "conv3", "conv4", "conv5", "conv6"]
    assert part.centres == {"net/conv4"}
    assert len(part.edges) == 4


def test_layers_far_apart_get_pictures_of_their_own() -> None:
    assert [len(part.layers) for part in parts(CHAIN, "conv1", "conv9")] == [4, 3]
    assert len(parts(CHAIN, "conv3", "conv6")) == 1


def test_of_many_layers_the_noisiest_are_drawn() -> None:
    many = [build_layer("input_layer1"), *(build_layer(f"conv{i}") for i in range(1, 60))]
    names = [f"conv{i}" for i in range(1, 60)]
    found = parts(many, *names, conv8=1.0, conv30=2.0, conv50=3.0, conv20=30.0)
    assert len(found) == MAX_CENTRES
    assert [labels(part)[2] for part in found] == ["conv8", "conv30", "conv50"]


def test_what_is_too_much_for_a_picture_is_left_out_and_counted() -> None:
    hub = [build_layer("input_layer1"), build_layer("conv1")]
    hub += [build_layer(f"conv{i}", inputs=["conv1"]) for i in range(2, 102)]
    (part,) = parts(hub, "conv1")
    assert len(part.layers) == MAX_LAYERS
    assert part.left_out == 102 - MAX_LAYERS
    assert draw(part).left_out == part.left_out


@pytest.mark.parametrize(
    ("layers", "names"),
    [(CHAIN, ["conv4"]), (RESIDUAL, ["conv1"]), (RESIDUAL, ["ew_add1", "conv1"])],
)
def test_no_box_lies_on_another_and_all_lie_inside(layers: list[Layer], names: list[str]) -> None:
    for part in parts(layers, *names):
        drawing = draw(part)
        for one, other in combinations(drawing.boxes, 2):
            assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
        assert all(0 <= box.x <= drawing.width - BOX_WIDTH for box in drawing.boxes)
        assert all(0 <= box.y <= drawing.height - BOX_HEIGHT for box in drawing.boxes)


def test_readers_stand_below_what_they_read() -> None:
    drawing = draw(parts(RESIDUAL, "conv1")[0])
    heights = {box.title: box.y for box in drawing.boxes}
    order = ["net/input_layer1", "net/conv1", "net/conv2", "net/ew_add1"]
    assert [heights[name] for name in order] == sorted(heights[name] for name in order)


def test_an_edge_that_passes_layers_runs_beside_them() -> None:
    drawing = draw(parts(RESIDUAL, "conv1")[0])
    (shortcut,) = (path for path in drawing.edges if path.count("V") == 2)
    lanes = [float(x) for x in re.findall(r"C\S+ \S+ \S+ \S+ (\S+) \S+V", shortcut)]
    assert len(lanes) == 2
    for box in passed(drawing):
        assert all(not box.x <= x <= box.x + BOX_WIDTH for x in lanes)


def passed(drawing: Drawing) -> list[Box]:
    return [box for box in drawing.boxes if box.title in ("net/conv1", "net/conv2")]


def test_a_box_says_type_and_snr_and_has_its_class() -> None:
    drawing = draw(parts(RESIDUAL, "conv1", conv1=-1.5, conv2=15.0, ew_add1=35.0)[0])
    boxes = {box.name: box for box in drawing.boxes}
    assert boxes["conv1"].detail == "conv · −1.5 dB"
    assert [boxes[n].style for n in ("conv1", "conv2", "ew_add1", "input_layer1")] == [
        "snr-bad",
        "snr-low",
        "snr-good",
        "snr-unknown",
    ]
    assert [box.name for box in drawing.boxes if box.is_centre] == ["conv1"]
    assert drawing.described == "Graph of 4 layers around conv1 (−1.5 dB)"
