"""Reading a report of an earlier run: whole, of an older version, damaged, hostile."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.baseline.first_schema import as_first_schema
from tests.fixtures.builders import (
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
)
from tests.house.fuzzing import examples
from tests.renderers.json.test_json import FINDING
from utils.baseline import earlier_report
from utils.baseline.earlier_report import read_earlier_report
from utils.baseline.run_facts import RunFacts
from utils.errors import DiagnosticError, UsageError
from utils.findings import InspectorResult, NotChecked, Severity
from utils.measurements import LayerMeasurement
from utils.renderers import json as renderer
from utils.report import Report

SILENT = build_layer_noise(float("inf"))


@cache
def written() -> str:
    """A report with everything that is read."""
    noise = build_noise({"conv1": 25.0, "input_layer1": SILENT, "output_layer1": 24.0})
    found = LayerMeasurement(build_statistics())
    measurements = build_noise_measurements(noise, conv1=found, input_layer1=found)
    results = (
        InspectorResult("A", (FINDING,), not_checked=(NotChecked("this"),)),
        InspectorResult("B", skipped=NotChecked("no data")),
        InspectorResult("C", crashed="ValueError: x"),
    )
    arrays = {"conv1/kernel": [[1.0, 2.0]]}
    model = build_model(script="x(1)\n", float_arrays=arrays)
    return renderer.render(Report(model, "embedded", None, measurements, results))


def read(folder: Path, text: str | bytes) -> RunFacts:
    path = folder / "earlier.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_earlier_report(str(path))


def test_what_is_compared_is_read(tmp_path: Path) -> None:
    run = read(tmp_path, written())
    assert run.path == str(tmp_path / "earlier.json")
    assert (run.model.script, run.model.has_script_entry) == ("x(1)\n", True)
    assert (run.model.optimization_level, run.data) == (0, None)
    (finding,) = run.inspectors["A"].findings
    assert (finding.id, finding.severity, finding.layers) == (
        "a-problem",
        Severity.WARNING,
        ("net/conv1",),
    )
    assert finding.measured == {"snr_db": 3.0}  # the other number is none
    assert (finding.headline, finding.line) == (FINDING.headline, None)
    assert run.inspectors["A"].not_checked == ("this",)
    assert run.inspectors["B"].skipped == "no data"
    assert run.inspectors["C"].crashed == "ValueError: x"
    conv, entered = run.layers["net/conv1"], run.layers["net/input_layer1"]
    assert conv.snr_db == pytest.approx(25.0)
    assert (entered.has_noise, entered.snr_db) == (True, None)
    assert conv.output == (0.0, 1.0)
    assert conv.weights is not None
    assert conv.weights[0] == 2
    assert run.outputs == {"net/output_layer1": pytest.approx(24.0)}
    assert run.has_data
    assert run.has_noise


def test_a_report_of_an_older_version_is_read(tmp_path: Path) -> None:
    report = json.loads(written())
    del report["model"]["script"]
    del report["layers"]["net/conv1"]["float_weights"]
    run = read(tmp_path, json.dumps(report))
    assert not run.model.has_script_entry
    assert run.layers["net/conv1"].weights is None


def test_findings_of_the_first_schema_have_no_headline(tmp_path: Path) -> None:
    report = as_first_schema(json.loads(written()))
    (entry,) = report["inspectors"][0]["findings"]
    entry["location"] = {"path": "x.alls", "line": 3, "column": 7}
    (finding,) = read(tmp_path, json.dumps(report)).inspectors["A"].findings
    assert (finding.headline, finding.line) == ("", 3)
    assert finding.message == entry["message"]


def test_keys_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    report = json.loads(written())
    report["new"] = report["model"]["new"] = report["layers"]["net/conv1"]["new"] = {"a": [1]}
    assert read(tmp_path, json.dumps(report)) == read(tmp_path, written())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"[1, 2]", "not a report of hailo-first-aid"),
        (b"3", "not a report of hailo-first-aid"),
        (b'{"findings": []}', "not a report of hailo-first-aid"),
        (b'{"schema_version": 1, "tool": {"name": "eslint"}}', "a report of 'eslint'"),
        (b'{"schema_version": 1, "tool": []}', "tool is not an object"),
        (b'{"schema_version": 3, "tool": {"name": "hailo-first-aid"}}', "is 3, and 1 and 2 are"),
        (b'{"schema_version": true, "tool": {"name": "hailo-first-aid"}}', "not a whole number"),
        (b'{"schema_version": 1, "tool": {"name": "hailo-first-aid"}}', "has no 'inspectors'"),
        (b'{"schema_version": 1, "tool": {"name": "\\u001b[31m\\ud800"}}', r"\x1b[31m"),
    ],
)
def test_what_is_no_report_is_refused_in_one_sentence(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        read(tmp_path, data)
    assert reason in str(refusal.value)
    assert str(tmp_path / "earlier.json") in str(refusal.value)
    assert "--baseline" in str(refusal.value)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_report_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(UsageError, match=r"truncated|empty"):
        read(tmp_path, written()[: int(len(written()) * share)])


def test_files_that_are_none_or_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tmp_path, tmp_path / "absent.json", "a\0b"):
        with pytest.raises(UsageError, match="report of an earlier run"):
            read_earlier_report(str(path))
    monkeypatch.setattr(earlier_report, "MAX_REPORT_BYTES", 100)
    with pytest.raises(UsageError, match="larger than 100 bytes"):
        read(tmp_path, written())


def test_more_findings_than_any_run_makes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier_report, "MAX_FINDINGS", 1)
    read(tmp_path, written())
    report = json.loads(written())
    report["inspectors"][0]["findings"] *= 2
    with pytest.raises(UsageError, match="more than 1 findings"):
        read(tmp_path, json.dumps(report))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a JSON value, with every key or index in it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in list(inside):
        yield value, key
        if isinstance(entry, (dict, list)):
            yield from places(entry)


JUNK = st.sampled_from(
    [None, True, -1, 0.5, 10**400, "", "x", "\ud800\x1b", [], [None], ["x"], [[1]], {}, {"a": 1}]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(400))
@given(st.data())
def test_a_wrong_value_anywhere_is_read_or_refused_politely(tmp_path: Path, data: Any) -> None:
    report = copy.deepcopy(json.loads(written()))
    container, key = data.draw(st.sampled_from(list(places(report))))
    if data.draw(st.booleans()):
        del container[key]
    else:
        container[key] = data.draw(JUNK)
    try:
        read(tmp_path, json.dumps(report))
    except DiagnosticError as error:
        assert "cannot be compared with" in str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(200))
@given(st.data())
def test_a_flipped_byte_is_read_or_refused_politely(tmp_path: Path, data: Any) -> None:
    text = bytearray(written().encode())
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(tmp_path, bytes(text))
    except DiagnosticError as error:
        assert "cannot be compared with" in str(error)


# Keys whose value decides what is compared: a wrong type there must not pass.
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("inspectors", {}),
        ("inspectors.0.findings", None),
        ("inspectors.0.findings.0.id", "<script>"),
        ("inspectors.0.findings.0.severity", "fatal"),
        ("inspectors.0.findings.0.headline", 3),
        ("inspectors.0.findings.0.location", {"path": "x", "line": "3", "column": 1}),
        ("inspectors.0.findings.0.layers", "net/conv1"),
        ("inspectors.0.findings.0.measured", {"a": "1"}),
        ("inspectors.0.not_checked", "this"),
        ("inspectors.1.name", "A"),
        ("layers", []),
        ("layers.net/conv1.snr_db", "25"),
        ("layers.net/conv1.calibrated_range", [1]),
        ("layers.net/conv1.output", {}),
        ("layers.net/conv1.float_weights", "ab"),
        ("outputs.net/output_layer1", 24),
        ("model.script", 3),
        ("model.optimization_level", True),
        ("dataset", {"path": "x", "samples": 1.5, "used": 1}),
    ],
)
def test_nonsense_is_not_compared(tmp_path: Path, path: str, value: Any) -> None:
    report = json.loads(written())
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    container = report
    for part in way:
        container = container[part]
    container[last] = value
    with pytest.raises(UsageError):
        read(tmp_path, json.dumps(report))
