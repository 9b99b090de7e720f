"""The original model beside an archive, from the command line to the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backends.stages.original.steps import optimized_too, parsed_only
from tests.command.running import ids, logged, outcome, report_of, run, saved
from tests.command.uses import uses_of_the_readme
from tests.fixtures.original_models import Archive, forked, pixels, written_onnx

ZEROS, WHITES = (0.0,) * 3, (255.0,) * 3


@pytest.fixture
def original(tmp_path: Path) -> str:
    return written_onnx(tmp_path / "model.onnx", forked())


@pytest.fixture
def pictures(tmp_path: Path) -> str:
    return saved(tmp_path / "calib.npy", pixels(16))


def test_a_parsed_archive_that_is_the_original(
    tmp_path: Path, original: str, pictures: str
) -> None:
    har = parsed_only(tmp_path, Archive.of(forked()))
    given = ("-d", pictures, "--reference", original, "--fail-on", "warning")
    code, report = outcome(*given, har)
    assert code == 0
    assert ids(report) == {"reference-equal"}
    assert "Accuracy is lost" not in logged()


def test_a_fault_is_named_with_its_stage_and_its_reason(
    tmp_path: Path, original: str, pictures: str
) -> None:
    archive = Archive.of(forked())
    archive.set("conv4", activation="linear")
    har = parsed_only(tmp_path, archive)
    given = ("-d", pictures, "--reference", original, "--fail-on", "error")
    code, report = outcome(*given, har)
    assert code == 1
    assert ids(report) == {"reference-differs"}
    assert report["next"]["id"] == "reference-differs"
    assert "Accuracy is lost between the original model and the parsed model" in logged()
    assert "lacks an activation" in logged()


def test_the_script_s_normalization_is_taken_from_the_archive(
    tmp_path: Path, original: str, pictures: str
) -> None:
    net = forked()
    normalized = forked(mean=ZEROS, std=WHITES)
    har = optimized_too(tmp_path, Archive.of(net), Archive.of(normalized))
    report = report_of("-d", pictures, "--reference", original, har)
    assert ids(report) == {"reference-equal"}
    asked = ("--reference-normalization", "none")
    assert run("-d", pictures, "--reference", original, *asked, har, "--fail-on", "error") == 1
    assert "255 times larger or smaller" in logged()


def test_a_file_that_is_no_model_ends_with_a_sentence(tmp_path: Path, pictures: str) -> None:
    har = parsed_only(tmp_path, Archive.of(forked()))
    assert run("-d", pictures, "--reference", pictures, har) == 2
    assert "is a file of NumPy arrays, not an ONNX, TFLite or Keras model" in logged()


def test_the_use_of_the_readme_runs_as_printed(
    tmp_path: Path, original: str, pictures: str
) -> None:
    har = parsed_only(tmp_path, Archive.of(forked()))
    for name, made in {"model.har": har, "calibset.npy": pictures, "model.onnx": original}.items():
        Path(made).rename(name)
    (arguments,) = uses_of_the_readme("--reference")
    assert run(*arguments) == 0
    assert "Nothing is lost before quantization" in logged()
