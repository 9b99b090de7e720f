"""What the command says of calibration sets with one planted fault, and of the same sets mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from tests.fixtures.image_sets import SAMPLES, Fault, Network, write_set
from tests.fixtures.schemas import validate
from tests.har.archives import small_images, write_small
from tests.house.evidence import loud, quiet
from utils.backends import embedded
from utils.errors import DiagnosticError

Report = dict[str, Any]
# A shape, values, one sample and a range that are wrong.
ONE_OF_A_KIND = (Fault.NCHW, Fault.NAN, Fault.BLANK_FRAMES, Fault.NORMALIZED_TWICE)
EXIT_CODES = {"calibration-shape": 2, "calibration-not-finite": 2}


def diagnosed(folder: Path, har: str, data: str, *argv: str) -> tuple[int, Report]:
    path = folder / "report.json"
    arguments = ["-d", data, "-c", str(SAMPLES), "--no-interactive", "--json", str(path)]
    arguments += ["--image-dir", str(folder), "--log-path", str(folder / "log.txt")]
    code = main.main([*arguments, *argv, har])
    report: Report = json.loads(path.read_text("utf-8"))
    validate(report)
    return code, report


def findings(report: Report) -> list[tuple[str, str]]:
    return [(f["id"], f["severity"]) for e in report["inspectors"] for f in e["findings"]]


@quiet(
    "calibration-shape",
    "calibration-not-finite",
    "calibration-constant-sample",
    "calibration-duplicates",
    "calibration-noise",
    "calibration-too-few",
    "calibration-dtype",
    "calibration-input-names",
    "calibrated-on-noise",
    "dataset-differs",
    "values-beyond-range",
)
@pytest.mark.parametrize(
    "network",
    [
        Network.PLAIN,
        pytest.param(Network.NORMALIZING, marks=pytest.mark.slow),
        pytest.param(Network.TWO_CAMERAS, marks=pytest.mark.slow),
    ],
    ids=lambda network: network.name,
)
def test_a_mended_set_raises_no_warning(network: Network, tmp_path: Path) -> None:
    code, report = diagnosed(tmp_path, *write_set(tmp_path, network))
    assert code == 0
    assert report["failures"] == []
    assert [(name, severity) for name, severity in findings(report) if severity != "info"] == []
    # There are 100 samples; that much is said, and no more of the set.
    said = {name for name, _ in findings(report) if name.startswith("calibrat")}
    assert said == {"calibration-too-few"}


@loud(
    "calibration-shape",
    "calibration-not-finite",
    "calibration-constant-sample",
    "data-normalized-twice",
)
@pytest.mark.parametrize("fault", ONE_OF_A_KIND, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_by_its_id_alone(fault: Fault, tmp_path: Path) -> None:
    assert_found_alone(fault, tmp_path)


@pytest.mark.slow
@loud(
    "calibration-shape",
    "calibration-duplicates",
    "calibration-noise",
    "calibration-too-few",
    "calibration-dtype",
    "calibration-input-names",
)
@pytest.mark.parametrize(
    "fault",
    [fault for fault in Fault if fault not in ONE_OF_A_KIND],
    ids=lambda fault: fault.name,
)
def test_so_is_any_other_planted_fault(fault: Fault, tmp_path: Path) -> None:
    assert_found_alone(fault, tmp_path)


def assert_found_alone(fault: Fault, tmp_path: Path) -> None:
    code, report = diagnosed(tmp_path, *write_set(tmp_path, fault.network, fault))
    assert code == EXIT_CODES.get(fault.found[0], 0)
    assert fault.found in findings(report)
    loud_ones = [found for found in findings(report) if found[1] != "info"]
    assert loud_ones == ([fault.found] if fault.found[1] != "info" else [])


def nchw(folder: Path) -> str:
    np.save(folder / "nchw.npy", small_images().transpose(0, 3, 1, 2))
    return str(folder / "nchw.npy")


def test_the_failure_names_the_finding_that_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, data = write_small(tmp_path / "model.har"), nchw(tmp_path)
    code, report = diagnosed(tmp_path, har, data)
    shown = capsys.readouterr().out
    assert code == 2
    # As it is found, and among the causes at the end.
    assert shown.count(" [calibration-shape]\n") == 2
    assert "[error] the data were not measured, calibration-shape says why\n" in shown
    assert report["failures"] == ["the data were not measured, calibration-shape says why"]


def test_a_file_that_cannot_be_read_is_the_first_thing_to_mend(tmp_path: Path) -> None:
    har, data = write_small(tmp_path / "model.har"), tmp_path / "photo.npy"
    data.write_bytes(b"no array at all")
    code, report = diagnosed(tmp_path, har, str(data))
    assert code == 2
    step = {"id": "calibration-unreadable", "text": "Save an array of samples with numpy.save."}
    assert report["next"] == step | {"commands": []}
    assert report["causes"][0]["id"] == "calibration-unreadable"


def test_the_failure_says_it_where_no_inspector_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, data = write_small(tmp_path / "model.har"), nchw(tmp_path)
    code, report = diagnosed(tmp_path, har, data, "--order", "NormInspector", "ClippingInspector")
    shown = capsys.readouterr().out
    assert code == 2
    assert "x = x.transpose(0, 2, 3, 1)" in report["failures"][0]
    assert "calibration-shape" not in shown
    # No finding says it, so the next step does, and nothing beside it sounds clean.
    assert report["next"]["id"] == ""
    assert report["next"]["commands"][0].startswith("python3 -c 'import numpy as np; ")
    assert "no errors" not in shown


def test_samples_are_looked_at_where_they_cannot_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise DiagnosticError("TensorFlow is missing")

    monkeypatch.setattr(embedded, "measure", failing)
    code, report = diagnosed(tmp_path, *write_set(tmp_path, Network.PLAIN, Fault.MANY_COPIES))
    assert code == 2
    assert report["failures"] == ["TensorFlow is missing"]
    assert Fault.MANY_COPIES.found in findings(report)


def test_samples_that_are_not_measured_are_looked_at_too(tmp_path: Path) -> None:
    har, data = write_set(tmp_path, Network.PLAIN, Fault.MANY_COPIES)
    _, report = diagnosed(tmp_path, har, data, "-c", "8")
    assert report["dataset"]["used"] == 8
    (found,) = [
        f
        for entry in report["inspectors"]
        for f in entry["findings"]
        if f["id"] == "calibration-duplicates"
    ]
    assert found["measured"]["copies"] == 40
