from __future__ import annotations

import math
from dataclasses import replace

from tests.fixtures.builders import (
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
)
from utils.findings import Finding, InspectorResult, Severity
from utils.measurements import LayerMeasurement
from utils.measurements.noise import Exceeded
from utils.renderers.html.layer_table import Cell, LayerTable, layer_table
from utils.renderers.html.layers import NumberedLayers
from utils.report import Report

EMPTY = Report(build_model(), "embedded", None, None, ())


def cells(table: LayerTable, row: int) -> dict[str, Cell]:
    return {c.heading: cell for c, cell in zip(table.columns, table.rows[row][1], strict=True)}


def test_columns_without_anything_are_left_out() -> None:
    table = layer_table(NumberedLayers(EMPTY))
    assert [column.heading for column in table.columns] == ["Type", "Precision"]
    assert [each.label for each, _ in table.rows] == ["input_layer1", "conv1", "output_layer1"]
    assert table.types == ("conv", "input_layer", "output_layer")


def test_a_measured_layer_has_its_numbers() -> None:
    noise = build_noise(
        {"conv1": build_layer_noise(7.0, bias_share=0.5, clipped=Exceeded(1, 200, 1))},
        sensitivity={"conv1": math.inf},
    )
    finding = Finding("a-problem", Severity.ERROR, "It is bad", ("net/conv1", "net/conv1"))
    measured = LayerMeasurement(build_statistics(-1.0, 2.0))
    report = replace(
        EMPTY,
        measurements=replace(
            build_noise_measurements(noise, conv1=measured),
            not_measured={"net/output_layer1": "it stops"},
        ),
        results=(InspectorResult("A", (finding,)),),
    )
    table = layer_table(NumberedLayers(report))
    conv = cells(table, 1)
    assert conv["SNR at layer"] == Cell("7.0", "7", "snr-bad")
    assert conv["SNR alone at output"] == Cell("exact", "inf")
    assert (conv["Bias"].text, conv["Clipped"].text, conv["Findings"].text) == ("50", "0.50", "1")
    assert (conv["Measured min"].text, conv["Measured max"].text) == ("−1", "2")
    assert cells(table, 2)["Note"].text.startswith("it stops")
    assert "Saturated" not in conv


def test_numbers_of_classes_have_no_ratio() -> None:
    layers = [build_layer(name) for name in ("input_layer1", "conv1", "argmax1", "output_layer1")]
    noise = build_noise({"conv1": 30.0, "argmax1": 0.2, "output_layer1": 0.2})
    report = replace(EMPTY, model=build_model(layers), measurements=build_noise_measurements(noise))
    table = layer_table(NumberedLayers(report))
    shown = [cells(table, row)["SNR at layer"].text for row in range(4)]
    assert shown == ["", "30.0", "", ""]


def test_layers_of_either_graph_are_in_the_table_and_labels_are_unique() -> None:
    quantized = [
        build_layer("input_layer1"),
        build_layer("a/conv1", "conv"),
        build_layer("b/conv1", "conv"),
    ]
    floats = [build_layer("input_layer1"), build_layer("old1", "conv")]
    report = replace(EMPTY, model=build_model(quantized, float_layers=floats))
    labels = [each.label for each in NumberedLayers(report).all]
    assert labels == ["input_layer1", "a/conv1", "b/conv1", "old1"]


def test_types_to_choose_from_are_those_that_are_shown() -> None:
    layers = [build_layer("input_layer1"), build_layer("odd1", "t" * 300)]
    table = layer_table(NumberedLayers(replace(EMPTY, model=build_model(layers))))
    shown = {cells(table, row)["Type"].text for row in range(len(table.rows))}
    assert set(table.types) == shown
    assert max(map(len, shown)) == 40


def test_snr_stands_beside_the_names_and_large_shares_come_first() -> None:
    noise = build_noise({"conv1": build_layer_noise(7.0, bias_share=0.5)})
    report = replace(EMPTY, measurements=build_noise_measurements(noise))
    columns = layer_table(NumberedLayers(report)).columns
    assert columns[0].heading == "SNR at layer"
    assert {column.heading: column.largest_first for column in columns}["Bias"]
    assert not columns[0].largest_first
