"""The command as a user runs it, on archives that the project writes itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import inspectors
from inspectors.base_inspector import BaseInspector, Context, Priority
from tests.command.running import ids, logged, opened, outcome, report_of, run, saved
from tests.fixtures.builders import build_layer, build_network, replaced
from tests.fixtures.outcomes import outcomes
from tests.fixtures.picture_folders import photos, save_pictures
from tests.har.archives import float_forward, small_images, small_network, write_small
from utils.backends import embedded, emulation
from utils.backends.emulation import Emulated
from utils.dataset.contact_sheet import is_contact_sheet
from utils.errors import DiagnosticError
from utils.jobs.range_trial import RangeTrial, RangeTrials
from utils.model_script import parse_model_script
from utils.quantizer.calibration import statistics_from_arrays
from utils.terminal import logger

DEFAULT_ORDER = [cls.name() for cls in inspectors.discover()[0]]


def running(text: str) -> list[str]:
    """Inspectors that ran, as the terminal tells."""
    return re.findall(r"^\[info\] Running inspector module: (\w+)$", text, re.MULTILINE)


def test_a_static_run_ends_with_the_verdict_and_logs_every_inspector(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(har) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("[info] Model net: quantized_model, hailo8, ")
    assert re.fullmatch(
        "Not checked by [1-9][0-9]* inspectors: pass the calibration set with -d",
        next(line for line in lines if line.startswith("Not checked")),
    )
    end = lines[next(i for i, line in enumerate(lines) if line.startswith("Verdict: ")) :]
    assert end[0].startswith("Verdict: No errors, but 1 warning")
    assert end[0].endswith("; without data the noise was not measured.")
    assert end[1].startswith("Next: ")
    assert all(line.startswith("    ") for line in end[2:])
    assert opened() == DEFAULT_ORDER
    (missing,) = re.findall("Not checked by (.*): pass the calibration set with -d", logged())
    assert "ClippingInspector" in missing


def finding_of(report: dict[str, Any], id: str) -> dict[str, Any]:
    (finding,) = (f for e in report["inspectors"] for f in e["findings"] if f["id"] == id)
    return dict(finding)


def test_the_terminal_says_what_is_wrong_and_the_log_file_all_of_it(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = finding_of(report_of(compressed), "implicit-compression")
    shown = capsys.readouterr().out
    evidence = f" ({found['evidence']})" if found["evidence"] else ""
    line = f"[warning] {found['headline']}{evidence} [implicit-compression]"
    assert line.replace("net/", "") in shown.splitlines()
    causes = shown.partition("\nCauses\n")[2].partition("\n\n")[0].splitlines()
    assert causes[0].endswith(" [implicit-compression]")
    assert causes[1].startswith("    explains 1 finding: weights-compressed at conv2; ")
    assert f"[WARNING] {found['message']} [implicit-compression]\n" in logged()
    assert "    Recommended: model_optimization_flavor(compression_level=0)\n" in logged()


def test_more_is_said_on_request(compressed: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(compressed, "-v")
    shown = capsys.readouterr().out
    found = finding_of(report, "implicit-compression")
    assert f"[warning] {found['headline']}" in shown
    assert "net/conv2" in shown
    assert finding_of(report, "runtime-pair")["headline"] in shown
    assert re.search(r"\[info\] Skipped NoiseInspector: .*-d", shown)


def test_a_run_of_some_inspectors_says_so(har: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--order", "NormInspector", "CompressionInspector", har) == 0
    said = f"Verdict: 2 of {len(DEFAULT_ORDER)} inspectors ran; "
    assert said in capsys.readouterr().out


def test_every_inspector_that_runs_is_announced_and_none_that_is_skipped(
    compressed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of(compressed)
    ran = [entry["name"] for entry in report["inspectors"] if entry["skipped"] is None]
    shown = capsys.readouterr().out
    assert running(shown) == ran
    assert 0 < len(ran) < len(DEFAULT_ORDER)
    assert any(not e["findings"] for e in report["inspectors"] if e["name"] in ran)
    assert "Skipped" not in shown
    opening, _, behind = shown.partition("[info] Running inspector module: CompressionInspector\n")
    assert "[implicit-compression]" in behind.partition("[info] Running")[0]
    assert "[implicit-compression]" not in opening


def test_a_run_with_data_measures_every_layer(har: str, data: str) -> None:
    report = report_of("-d", data, har)
    assert report["dataset"]["used"] == 16
    images = small_images().astype(np.float32)
    measured = report["layers"]["net/input_layer1"]["output"]
    assert measured["min"] == pytest.approx(images.min())
    assert measured["mean"] == pytest.approx(images.mean(), abs=1e-6)
    assert measured["std"] == pytest.approx(images.std(), abs=1e-6)
    assert all(layer["not_measured"] is None for layer in report["layers"].values())
    assert not report["failures"]


def test_only_the_samples_asked_for_are_used(har: str, data: str) -> None:
    report = report_of("-d", data, "-c", "5", "--batch-size", "2", har)
    assert report["dataset"]["used"] == 5
    spread = np.linspace(0, len(small_images()) - 1, 5).round().astype(int)
    expected = small_images()[spread].astype(np.float32).mean()
    assert report["layers"]["net/input_layer1"]["output"]["mean"] == pytest.approx(
        expected, abs=1e-6
    )


def test_the_order_is_the_users(har: str) -> None:
    assert run("--order", "NormInspector", "CompressionInspector", har) == 0
    assert opened() == ["NormInspector", "CompressionInspector"]


def test_an_unknown_inspector_is_refused_with_the_list(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(har, "--order", "Xyz") == 2
    assert "available are " + ", ".join(DEFAULT_ORDER) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fail_on", "code"), [("never", 0), ("warning", 1), ("error", 0)], ids=lambda v: str(v)
)
def test_exit_code_follows_the_worst_finding(compressed: str, fail_on: str, code: int) -> None:
    assert run(compressed, "--fail-on", fail_on) == code


@pytest.mark.parametrize("state", ["hailo_model", "fp_optimized_model"])
def test_an_unquantized_archive_is_refused_politely(
    tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(write_small(tmp_path / "parsed.har", state=state)) == 2
    shown = capsys.readouterr().out
    assert "Model is not quantized" in shown
    assert "hailo optimize" in shown
    assert "Traceback" not in shown
    assert run(str(tmp_path / "parsed.har"), "-d", "mine.npy") == 2
    shown = capsys.readouterr().out
    assert "--calib-set-path mine.npy" in shown
    assert "--reference MODEL" in " ".join(shown.split())


def test_a_missing_archive_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nowhere.har") == 2
    assert capsys.readouterr().out.count("\n") == 1


def test_data_of_another_shape_leave_the_static_findings(
    compressed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nchw = saved(tmp_path / "nchw.npy", small_images().transpose(0, 3, 1, 2))
    code, report = outcome("-d", nchw, compressed)
    assert code == 2
    shown = capsys.readouterr().out
    assert "(samples, 8, 8, 3)" in shown
    assert "(16, 3, 8, 8)" in shown
    assert "x = x.transpose(0, 2, 3, 1)" in shown
    assert "implicit-compression" in ids(report)
    assert len(report["failures"]) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_named_and_nothing_is_measured(
    har: str, tmp_path: Path, bad: float, capsys: pytest.CaptureFixture[str]
) -> None:
    images = small_images()
    images[[2, 13], 0, 0, 0] = bad
    path = saved(tmp_path / "bad.npy", images)
    code, report = outcome("-d", path, "--batch-size", "4", har)
    assert code == 2
    assert "samples 2 and 13" in capsys.readouterr().out
    assert all("output" not in layer for layer in report["layers"].values())


def test_the_script_keeps_the_archives_lines_and_adds_the_recommended_ones(
    compressed: str,
) -> None:
    assert run(compressed, "--output-model-script", "out.alls") == 0
    text = Path("out.alls").read_text("utf-8")
    parse_model_script(text)
    assert "model_optimization_flavor(optimization_level=0, compression_level=0)  # mine" in text
    assert "auto_4bit_weights_ratio=0" in text
    assert "# implicit-compression" in text


@pytest.fixture
def outlier(tmp_path: Path) -> tuple[str, str]:
    """An archive, and its data: one sample of 400 stretches the range of conv2 by a quarter."""
    images = np.random.default_rng(5).uniform(-0.2, 1.0, (400, 8, 8, 3))
    images[17] *= 2.5
    statistics = statistics_from_arrays(small_network(), *float_forward(images))
    path = write_small(tmp_path / "outlier.har", statistics=statistics)
    return path, saved(tmp_path / "outlier.npy", images.astype(np.float32))


def test_a_recommended_range_that_makes_an_output_worse_is_not_written(
    outlier: tuple[str, str],
) -> None:
    har, data = outlier
    report = report_of("-d", data, "-c", "400", har, "--output-model-script", "out.alls")
    (finding,) = [
        f
        for entry in report["inspectors"]
        for f in entry["findings"]
        if "output_snr_after_db" in f["measured"]
    ]
    assert (finding["id"], finding["severity"]) == ("unused-range", "info")
    assert finding["layers"] == ["net/conv2"]
    measured = finding["measured"]
    assert measured["output_snr_after_db"] < measured["output_snr_before_db"]
    assert finding["commands"] == []
    assert "activation_clipping" not in Path("out.alls").read_text("utf-8")
    assert "a trial shows that it does not help" in finding["evidence"]


def test_a_recommended_range_that_helps_is_written(
    outlier: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = "net/output_layer1"
    helps = RangeTrial(outcomes({output: 30.0}), outcomes({output: 33.0}))
    monkeypatch.setattr(Emulated, "try_ranges", lambda *_: RangeTrials({"net/conv2": helps}))
    har, data = outlier
    assert run("-d", data, "-c", "400", har, "--output-model-script", "out.alls") == 0
    text = Path("out.alls").read_text("utf-8")
    assert "activation_clipping, layers=[net/conv2], mode=manual" in text


def test_an_existing_script_is_not_overwritten(compressed: str) -> None:
    Path("out.alls").write_text("precious", encoding="utf-8")
    assert run(compressed, "--output-model-script", "out.alls") == 0
    assert Path("out.alls").read_text("utf-8") == "precious"
    parse_model_script(Path("out_1.alls").read_text("utf-8"))


def test_a_folder_that_is_missing_is_said_before_anything_is_measured(
    har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(har, "--json", "no/such/report.json") == 2
    shown = capsys.readouterr().out
    assert "no/such" in shown
    assert "Running" not in shown


def test_the_log_is_appended_to_and_the_debug_log_is_hidden(har: str) -> None:
    run(har, "--log-path", "my.log")
    run(har, "--log-path", "my.log")
    assert Path("my.log").read_text("utf-8").count("Summary: ") == 2
    assert Path(".my_debug.log").exists()


def test_no_debug_log_on_request(har: str) -> None:
    run(har, "--no-debug")
    assert Path("diagnostic_tool.log").exists()
    assert not Path(".diagnostic_tool_debug.log").exists()


@pytest.mark.parametrize("path", ["no/such/my.log", "/proc/my.log", "model.har/my.log"])
def test_a_log_that_cannot_be_written_goes_to_a_temporary_folder(
    path: str, har: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(har, "--log-path", path) == 0
    (said,) = re.findall(
        r"\[warning\] The log (\S+) cannot be written \(.+\); it is written to (\S+)\n",
        capsys.readouterr().out,
    )
    assert (said[0], Path(said[1]).name) == (path, "my.log")
    assert "Verdict: " in Path(said[1]).read_text("utf-8")
    assert Path(said[1]).with_name(".my_debug.log").exists()


def test_without_any_place_for_a_log_the_run_goes_on(
    har: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logger, "temporary_place", full)
    assert run(har, "--log-path", "no/such/my.log") == 0
    shown = capsys.readouterr().out
    assert "nor a temporary one; the run goes on without\n" in shown
    assert "Verdict: " in shown


@pytest.mark.parametrize("folder", ["no/such", "/proc"])
def test_pictures_that_cannot_be_written_go_to_a_temporary_folder(
    folder: str, pictures: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    har, data = pictures
    assert run("-d", data, "--quick", "--image-dir", folder, har) == 0
    said = re.findall(
        r"\[warning\] The picture (\S+) cannot be written; it is written to (\S+)\n",
        capsys.readouterr().out,
    )
    assert [path for path, _ in said] == [f"{folder}/standard.jpg", f"{folder}/inverse.jpg"]
    assert all(is_contact_sheet(place) for _, place in said)


def test_an_inspector_that_raises_is_named_and_the_rest_run(
    har: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class FaultyInspector(BaseInspector):
        """Always fails."""

        PRIORITY = Priority.HIGH

        def inspect(self, context: Context) -> Any:
            raise RuntimeError("out of ideas")

    available = [FaultyInspector, *inspectors.discover()[0]]
    monkeypatch.setattr(inspectors, "discover", lambda _: (available, []))
    assert run(har) == 2
    shown = capsys.readouterr().out
    assert "[error] FaultyInspector crashed and did not finish: RuntimeError: out of ideas" in shown
    assert opened() == ["FaultyInspector", *DEFAULT_ORDER]
    assert "Traceback" not in shown
    assert "Traceback" in Path(".diagnostic_tool_debug.log").read_text("utf-8")


def test_an_own_script_that_cannot_be_parsed_is_said_and_the_rest_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_small(tmp_path / "odd.har", script="this is (no script\n")
    assert run(path, "--output-model-script", "out.alls") == 2
    shown = capsys.readouterr().out
    assert "model script, line 1" in shown
    assert opened() == DEFAULT_ORDER
    assert not Path("out.alls").exists()


def test_interruption_ends_cleanly(
    har: str, data: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded, "measure", interrupted)
    assert run("-d", data, har) == 130
    assert "Interrupted" in capsys.readouterr().out


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[str, str]:
    """An archive whose input holds pictures, and its data."""
    layers = [build_layer("input_layer1", shape=(16, 16, 3)), build_layer("output_layer1")]
    layers[1] = replaced(layers[1], inputs=(layers[0].name,), output_shapes=((16, 16, 3),))
    network = build_network(layers)
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    statistics = statistics_from_arrays(network, {layer.base_name: images for layer in layers})
    har = write_small(tmp_path / "model.har", network=network, weights={}, statistics=statistics)
    return har, saved(tmp_path / "images.npy", images)


def sheets(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.jpg"))


def test_images_replace_those_of_an_earlier_run_and_no_others(
    pictures: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, data = pictures
    (folder := tmp_path / "sheets").mkdir()
    (folder / "standard.jpg").write_bytes(b"a picture of somebody's holidays")
    for _ in range(2):
        assert run(har, "-d", data, "--image-dir", str(folder)) == 0
    assert sheets(folder) == ["inverse.jpg", "standard.jpg", "standard_1.jpg"]
    assert (folder / "standard.jpg").read_bytes() == b"a picture of somebody's holidays"
    assert f"[info] Wrote a picture of samples: {folder}/inverse.jpg\n" in capsys.readouterr().out


def test_a_refusal_of_pictures_names_the_sheet_that_was_written(
    pictures: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, _ = pictures
    calib = save_pictures(tmp_path / "calib", photos())  # the network takes 16 x 16
    (folder := tmp_path / "sheets").mkdir()
    (folder / "resize.jpg").write_bytes(b"a picture of somebody's holidays")
    for _ in range(2):
        assert run(har, "-d", str(calib), "--image-dir", str(folder)) == 2
        shown = capsys.readouterr().out
        assert f"[info] Wrote a picture of samples: {folder}/resize_1.jpg\n" in shown
        assert (
            "Next: Add the option for what training did to them, as drawn in resize_1.jpg: "
            in shown
        )
    assert sheets(folder) == ["resize.jpg", "resize_1.jpg"]
    assert (folder / "resize.jpg").read_bytes() == b"a picture of somebody's holidays"
    with Image.open(folder / "resize_1.jpg") as sheet:
        assert sheet.width > sheet.height / 2


def test_a_refusal_that_no_inspector_tells_names_no_sheet(
    pictures: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    har, _ = pictures
    calib = save_pictures(tmp_path / "calib", photos())
    assert run(har, "-d", str(calib), "--order", "ImageInspector") == 2
    shown = capsys.readouterr().out
    assert "Add the option for what training did to them: `--resize letterbox`" in shown
    assert sheets(tmp_path) == []


def test_images_stand_beside_the_log(pictures: tuple[str, str], tmp_path: Path) -> None:
    har, data = pictures
    (logs := tmp_path / "logs").mkdir()
    for _ in range(2):
        assert run(har, "-d", data, "--log-path", str(logs / "run.log")) == 0
    assert sheets(logs) == ["inverse.jpg", "standard.jpg"]
    assert sheets(tmp_path) == []


def test_options_without_effect_are_told(
    har: str, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "[warning] --data-count and --batch-size have no effect without data"
    assert run("-c", "4", "--batch-size", "2", har) == 0
    assert capsys.readouterr().out.count(said) == 1
    assert "[WARNING] --data-count and --batch-size have no effect" in logged()
    assert run("-d", data, "-c", "4", "--batch-size", "2", har) == 0
    assert "no effect" not in capsys.readouterr().out


def test_a_failing_emulation_leaves_the_static_findings(
    compressed: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise DiagnosticError("TensorFlow cannot be imported")

    monkeypatch.setattr(embedded, "measure", failing)
    report = report_of("-d", data, compressed)
    assert report["failures"] == ["TensorFlow cannot be imported"]
    assert "implicit-compression" in ids(report)


def test_a_failing_trial_keeps_the_findings(
    outlier: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise DiagnosticError("no memory")

    monkeypatch.setattr(emulation, "tried_ranges", failing)
    har, data = outlier
    report = report_of("-d", data, "-c", "400", har)
    assert "unused-range" in ids(report)
    assert report["failures"] == []


@pytest.mark.parametrize(("dtype", "value"), [(np.float64, 1e300), (np.float32, -3e38)])
def test_values_that_overflow_are_no_clean_bill(
    har: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], dtype: type, value: float
) -> None:
    images: np.ndarray[Any, Any] = small_images().astype(dtype)
    images[3, 0, 0, 0] = value
    assert run("-d", saved(tmp_path / "huge.npy", images), har) == 2
    assert "beyond 1e+18 in 1 of 16 samples" in capsys.readouterr().out


def test_skipped_inspectors_say_when_the_data_were_the_reason(har: str, tmp_path: Path) -> None:
    given = report_of("-d", str(tmp_path / "missing.npy"), har)
    Path("report.json").unlink()
    none = report_of(har)
    lacking = {"ClippingInspector", "ImageInspector", "NoiseInspector", "ChannelOrderInspector"}
    for report, words in ((given, "could not be measured"), (none, "with -d")):
        skipped = {e["name"]: e["skipped"] for e in report["inspectors"] if e["skipped"]}
        assert lacking <= skipped.keys()
        assert all(words in skipped[name] for name in lacking)
