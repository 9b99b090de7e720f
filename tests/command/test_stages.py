"""The command with an original model, and with outputs of the chip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backends.stages.comparing_archives import stand_in
from tests.command.running import logged, outcome, report_of, run, saved
from tests.fixtures.stage_archives import NETWORKS, pixels, write_stages
from utils.stages import Match, Step
from utils.stages.runs import StageRun


@pytest.fixture
def pictures() -> str:
    return saved(Path("pixels.npy"), pixels())


@pytest.fixture
def original() -> str:
    """A file that may be an ONNX model by its name."""
    Path("original.onnx").write_bytes(b"\x08\x07")
    return "original.onnx"


@pytest.fixture
def equal_original(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(*given: Any) -> Step:
        parsed: StageRun = given[2]
        output = parsed.network.output_layers[0]
        match = Match(output.name, "logits", snr_db=120.0, largest=1e-6, span=2.0)
        return Step("original", "parsed", is_equal=True, source="original.onnx", outputs=(match,))

    stand_in(monkeypatch, "reference_step", step)


@pytest.mark.usefixtures("equal_original")
@pytest.mark.parametrize("state", ["hailo_model", "fp_optimized_model"])
def test_archives_that_are_not_quantized_are_judged_as_far_as_they_can_be(
    state: str, pictures: str, original: str, tmp_path: Path
) -> None:
    har = write_stages(tmp_path, NETWORKS["forked"](), state=state)
    code, report = outcome("-d", pictures, "--reference", original, har)
    assert code == 0
    assert report["model"]["state"] == state
    assert [entry["name"] for entry in report["stages"]][:2] == ["original", "parsed"]
    skipped = {entry["name"]: entry["skipped"] for entry in report["inspectors"]}
    assert f"not quantized yet (state {state})" in skipped["NormInspector"]
    if state == "fp_optimized_model":
        assert skipped["ModificationInspector"] is None
    assert "Nothing is lost before quantization, from the original model to the" in logged()


@pytest.mark.parametrize("state", ["hailo_model", "fp_optimized_model"])
@pytest.mark.parametrize("has_reference", [False, True])
def test_without_an_original_or_without_data_they_are_refused(
    state: str, has_reference: bool, pictures: str, original: str, tmp_path: Path
) -> None:
    har = write_stages(tmp_path, NETWORKS["plain"](), state=state)
    given = ["--reference", original] if has_reference else ["-d", pictures]
    assert run(*given, har) == 2
    assert f"Model is not quantized (state {state})" in logged()


@pytest.mark.usefixtures("equal_original")
def test_a_quantized_archive_is_judged_whole_beside_its_stages(
    pictures: str, original: str, tmp_path: Path
) -> None:
    har = write_stages(tmp_path, NETWORKS["plain"](), state="quantized_model")
    report = report_of("-d", pictures, "--reference", original, har)
    names = [entry["name"] for entry in report["stages"]]
    assert names == ["original", "parsed", "optimized", "quantized"]
    assert report["outputs"]
    assert all(entry["skipped"] is None for entry in report["inspectors"] if entry["findings"])


def test_options_about_stages_have_no_effect_without_data(
    original: str, har: str, tmp_path: Path
) -> None:
    outputs = saved(tmp_path / "outputs.npy", np.zeros(3))
    assert run("--reference", original, "--device-outputs", outputs, har) == 0
    assert "--reference and --device-outputs have no effect without data" in logged()


@pytest.mark.parametrize("option", ["--reference", "--device-outputs"])
def test_files_that_do_not_exist_are_refused(option: str, har: str, data: str) -> None:
    assert run("-d", data, option, "missing.bin", har) == 2
    assert "missing.bin does not exist" in logged()


@pytest.mark.parametrize("option", ["--reference", "--device-outputs"])
def test_archives_are_no_stages(option: str, har: str, data: str) -> None:
    assert run("-d", data, option, har, har) == 2
    assert "is a Hailo Archive (HAR), not" in logged()


@pytest.mark.parametrize("option", ["--reference", "--device-outputs"])
def test_no_log_is_appended_to_them(
    option: str, original: str, har: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("-d", data, option, original, "--log-path", original, har) == 2
    assert f"the log would be written to {original}" in capsys.readouterr().err
