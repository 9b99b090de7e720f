from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.fixtures.builders import (
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from tests.fixtures.diagnosed import diagnosed
from tests.fixtures.schemas import REPORT, schema, validate
from utils.causes.explanations import Where, explains
from utils.dataset.facts import DatasetFacts, InputInfo
from utils.findings import (
    Finding,
    Gain,
    InspectorResult,
    Location,
    NotChecked,
    Recommendation,
    Severity,
)
from utils.measurements import LayerMeasurement
from utils.renderers import json as renderer
from utils.renderers.verdict import verdict
from utils.report import Report

MODEL = build_model(
    [
        build_layer("input_layer1", original_names=["images"]),
        build_layer("conv1", activation="relu", original_names=["/0/Conv", "/1/Relu"]),
        build_layer("output_layer1"),
    ],
    optimized=stored_statistics("conv1/stats/output_0", build_statistics(0.5, 4.0)),
)
FINDING = Finding(
    id="a-problem",
    severity=Severity.WARNING,
    headline="It is noise",
    evidence="3 dB",
    remedy="Mend it.",
    layers=("net/conv1",),
    measured={"snr_db": 3.0, "missing": float("nan")},
    recommendation=Recommendation(("x(1)",)),
)
EMPTY = Report(MODEL, "embedded", None, None, ())


def rendered(report: Report) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(renderer.render(report))
    validate(value)
    return value


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema(REPORT))


def test_a_report_without_data() -> None:
    value = rendered(EMPTY)
    assert value["verdict"] == verdict(EMPTY)
    assert value["dataset"] is None
    assert value["model"]["hw_arch"] == "hailo8"
    assert value["layers"]["net/conv1"]["calibrated_range"] == [0.0, 4.0]
    assert value["layers"]["net/conv1"]["not_measured"] == "no data were given"
    assert "output" not in value["layers"]["net/conv1"]
    assert "calibrated_range" not in value["layers"]["net/input_layer1"]


def test_findings_carry_the_original_names_of_their_layers() -> None:
    results = (
        InspectorResult("A", (FINDING,), seconds=0.25),
        InspectorResult("B", skipped=NotChecked("no data")),
        InspectorResult("C", crashed="ValueError: x"),
    )
    value = rendered(diagnosed(replace(EMPTY, results=results)))
    assert value["inspectors"][0]["findings"] == [
        {
            "id": "a-problem",
            "severity": "warning",
            "headline": "It is noise",
            "evidence": "3 dB",
            "why": "",
            "remedy": "Mend it.",
            "message": "It is noise (3 dB). Mend it.",
            "explained_by": None,
            "layers": ["net/conv1"],
            "original_names": ["/0/Conv", "/1/Relu"],
            "measured": {"snr_db": 3.0, "missing": None},
            "commands": ["x(1)"],
            "proven": False,
        }
    ]
    assert [i["skipped"] for i in value["inspectors"]] == [None, "no data", None]
    assert value["inspectors"][2]["crashed"] == "ValueError: x"
    assert value["summary"] == {"info": 0, "warning": 1, "error": 0, "consequences": 0}


def test_causes_come_in_their_order_with_what_they_explain() -> None:
    gain = Gain("SNR in dB of the worst output", 10.0, float("inf"))
    trial = Recommendation(("y(1)",), proven=True, gain=gain)
    cause = replace(FINDING, id="a-cause", severity=Severity.WARNING, recommendation=trial)
    quoted = replace(
        FINDING, id="alone", quotation="it is", command="ls", location=Location("x.alls", 3, 7)
    )
    own = (explains("a-cause", "a-problem", Where.HERE, ""),)
    results = (InspectorResult("A", (FINDING, cause, quoted)),)
    value = rendered(diagnosed(replace(EMPTY, results=results), own))
    (symptom, root, alone) = value["inspectors"][0]["findings"]
    assert [f["explained_by"] for f in (symptom, root, alone)] == ["a-cause", None, None]
    assert (alone["quotation"], alone["command"], alone["location"]["line"]) == ("it is", "ls", 3)
    assert value["causes"] == [
        {
            "id": "a-cause",
            "layers": ["net/conv1"],
            "severity": "warning",
            "proof": "trial",
            "gain": {"measure": gain.measure, "before": 10.0, "after": None},
            "explains": [{"id": "a-problem", "layers": ["net/conv1"]}],
        },
        {
            "id": "alone",
            "layers": ["net/conv1"],
            "severity": "warning",
            "proof": "rule of thumb",
            "gain": None,
            "explains": [],
        },
    ]
    assert value["next"] == {"id": "a-cause", "text": "Mend it.", "commands": ["y(1)"]}
    assert value["summary"] == {"info": 0, "warning": 2, "error": 0, "consequences": 1}


def test_where_there_is_nothing_to_do_there_is_no_next_step() -> None:
    value = rendered(EMPTY)
    assert (value["causes"], value["next"]) == ([], None)


def test_a_report_with_data_holds_the_output_statistics() -> None:
    output = build_statistics([0, -1, 0], [1, 2, 5], mean=[0, 0, 3], std=[1, 1, 1])
    measurements = build_measurements(8, conv1=LayerMeasurement(output))
    measurements = replace(measurements, not_measured={"net/output_layer1": "it stops"})
    info = {"net/input_layer1": InputInfo((4, 4, 3), "uint8")}
    calibration = DatasetFacts("x.npy", 9, 8, info)
    value = rendered(replace(EMPTY, calibration=calibration, measurements=measurements))
    assert value["dataset"]["inputs"]["net/input_layer1"] == {"shape": [4, 4, 3], "dtype": "uint8"}
    layer = value["layers"]["net/conv1"]
    assert layer["not_measured"] is None
    # Three channels with means 0, 0, 3 and variance 1 each: pooled variance is 1 + 2.
    assert layer["output"] == pytest.approx({"min": -1, "max": 5, "mean": 1, "std": np.sqrt(3)})
    assert value["layers"]["net/output_layer1"]["not_measured"] == "it stops"


def test_failures_are_in_the_report() -> None:
    assert rendered(replace(EMPTY, failures=("no",)))["failures"] == ["no"]


@pytest.mark.parametrize("key", ["model", "summary", "failures", "causes", "next"])
def test_the_schema_refuses_an_incomplete_report(key: str) -> None:
    value = json.loads(renderer.render(EMPTY))
    del value[key]
    with pytest.raises(jsonschema.ValidationError):
        validate(value)
