"""Two runs of the command, one against the report of the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inspectors
from diagnosis.against_baseline import compared
from diagnosis.diagnosing import diagnose
from inspectors.base_inspector import Need
from tests.baseline.first_schema import as_first_schema
from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.har.archives import small_images, write_small
from tests.har.samples import DIRECTORY, sample_path
from tests.renderers.json.test_json import rendered
from utils.baseline import BaselineComparison
from utils.baseline.earlier_report import read_earlier_report
from utils.findings import Severity
from utils.options.options import parse_options
from utils.renderers import json as renderer
from utils.report import Report

JETS = DIRECTORY.parent / "calib" / "jets_sparse_64x32x32x3.npy"
Runs = Callable[..., Report]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Run the command on an archive; the same arguments are run once."""
    folder = tmp_path_factory.mktemp("runs")

    @cache
    def report(*argv: str) -> Report:
        available, broken = inspectors.discover()
        arguments = [*argv, "--no-interactive", "--image-dir", str(folder)]
        return diagnose(parse_options(arguments, {}), available, broken)

    return report


def against(
    folder: Path, before: Report, now: Report, without_data: Collection[str] = ()
) -> BaselineComparison:
    """The comparison; that the report with it follows the schema is checked on the way."""
    path = folder / "earlier.json"
    path.write_text(renderer.render(before), "utf-8")
    comparison = compared(now, read_earlier_report(str(path)), without_data)
    assert rendered(replace(now, baseline=comparison))["baseline"]["path"] == str(path)
    return comparison


def ids(comparison: BaselineComparison) -> dict[str, set[str]]:
    changed: dict[str, set[str]] = {}
    for finding in comparison.findings:
        changed.setdefault(finding.change, set()).add(finding.id)
    return changed


def assert_nothing_changed(comparison: BaselineComparison, report: Report) -> None:
    assert set(ids(comparison)) == {"unchanged"}
    assert len(comparison.findings) == len(list(report.findings()))
    assert not comparison.gained()
    assert not comparison.lost()
    assert comparison.not_compared == ()
    assert all(abs(each.gain_db or 0) < 1e-3 for each in comparison.layers)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Archives and data of a small network: a compressed layer, and the data in another order."""
    folder = tmp_path_factory.mktemp("small")
    images = small_images().astype(np.float32)
    paths = {name: str(folder / f"{name}.npy") for name in ("data", "shuffled", "others")}
    np.save(paths["data"], images)
    np.save(paths["shuffled"], images[np.random.default_rng(1).permutation(len(images))])
    np.save(paths["others"], 3 * images + 1)
    modes = {"conv2": "a8_w4"}
    paths["har"] = write_small(folder / "compressed.har", precision_modes=modes)
    paths["mended"] = write_small(folder / "mended.har", script="allocator_param(x=1)\n")
    return paths


def test_a_run_against_itself_is_unchanged(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    report = run("-d", small["data"], small["har"])
    comparison = against(tmp_path, report, report)
    assert_nothing_changed(comparison, report)
    assert comparison.changes == ()
    assert comparison.outputs


def test_a_report_of_the_first_schema_is_compared_whatever_its_words(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    report = run("-d", small["data"], small["har"])
    path = tmp_path / "old.json"
    old = as_first_schema(json.loads(renderer.render(report)))
    path.write_text(json.dumps(old), "utf-8")
    assert_nothing_changed(compared(report, read_earlier_report(str(path))), report)


@pytest.mark.parametrize(
    ("data", "batch"),
    [
        ("shuffled", "5"),
        pytest.param("data", "3", marks=pytest.mark.slow),
        pytest.param("shuffled", "16", marks=pytest.mark.slow),
    ],
)
def test_batches_and_the_order_of_samples_change_nothing(
    run: Runs, small: dict[str, str], tmp_path: Path, data: str, batch: str
) -> None:
    before = run("-d", small["data"], small["har"])
    now = run("-d", small[data], "--batch-size", batch, small["har"])
    comparison = against(tmp_path, before, now)
    assert_nothing_changed(comparison, now)
    assert len(comparison.changes) == (data == "shuffled")


def test_what_was_mended_is_fixed_and_what_was_done_is_told(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    before, now = run(small["har"]), run(small["mended"])
    comparison = against(tmp_path, before, now)
    assert "implicit-compression" in ids(comparison)["fixed"]
    assert "Precision: 1 layer went from a8_w4_a8 to a8_w8_a8: net/conv2" in comparison.changes
    assert comparison.script_added == ("allocator_param(x=1)",)
    back = against(tmp_path, now, before)
    assert "implicit-compression" in ids(back)["new"]
    assert back.script_removed == comparison.script_added
    assert replace(before, baseline=back).exit_code(Severity.WARNING, only_new=True) == 1
    assert replace(now, baseline=comparison).exit_code(Severity.WARNING, only_new=True) == 0


def test_without_data_nothing_is_fixed(run: Runs, small: dict[str, str], tmp_path: Path) -> None:
    before, now = run("-d", small["data"], small["har"]), run(small["har"])
    for comparison in (against(tmp_path, before, now), against(tmp_path, now, before)):
        assert set(ids(comparison)) == {"unchanged"}
        assert "implicit-compression" in ids(comparison)["unchanged"]
        assert comparison.not_compared
        assert not comparison.gained()
        assert not comparison.lost()
        assert any(sentence.startswith("Data: ") for sentence in comparison.changes)


def test_an_inspector_without_data_is_compared_whoever_had_them(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    before, now = run(small["mended"]), run("-d", small["data"], small["har"])
    static = {cls.name() for cls in inspectors.discover()[0] if cls.NEEDS is Need.NOTHING}
    assert "implicit-compression" in {f.id for f in against(tmp_path, before, now).left_out}
    comparison = against(tmp_path, before, now, static)
    assert "implicit-compression" in ids(comparison)["new"]
    assert "CompressionInspector" not in {f.inspector for f in comparison.left_out}
    for each in (comparison, against(tmp_path, before, now)):
        assert replace(now, baseline=each).exit_code(Severity.WARNING, only_new=True) == 1


def test_an_inspector_that_did_not_run_fixes_nothing(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    before, now = run(small["har"]), run(small["har"], "--order", "WeightsInspector")
    comparison = against(tmp_path, before, now)
    assert "fixed" not in ids(comparison)
    assert any("CompressionInspector did not run" in s for s in comparison.not_compared)


def test_other_data_are_told_by_their_values(
    run: Runs, small: dict[str, str], tmp_path: Path
) -> None:
    runs = [run("-d", small[name], small["har"]) for name in ("data", "others")]
    comparison = against(tmp_path, runs[0], runs[1])
    assert any(s.startswith("Data at net/input_layer1: ") for s in comparison.changes)


def test_another_network_is_not_compared(run: Runs, small: dict[str, str], tmp_path: Path) -> None:
    comparison = against(
        tmp_path, Report(build_model(), "embedded", None, None, ()), run(small["har"])
    )
    assert not comparison.is_comparable
    assert (comparison.findings, comparison.layers, comparison.changes) == ((), (), ())
    assert "another network" in comparison.not_compared[0]


@pytest.mark.slow
def test_the_mended_demo_against_the_demo(run: Runs, demo: Path, tmp_path: Path) -> None:
    reports = [
        run("-d", str(demo / f"calibset{suffix}.npy"), str(demo / f"shape_detector{suffix}.har"))
        for suffix in ("", "_mended")
    ]
    comparison = against(tmp_path, reports[0], reports[1])
    loud = {f.id for f in reports[0].findings() if f.severity > Severity.INFO}
    assert loud
    assert loud <= ids(comparison)["fixed"]
    assert not [f for f in comparison.of("new") if f.severity != "info"]
    assert not [f for f in comparison.of("worse") if f.severity != "info"]
    assert comparison.script_added == (
        "model_optimization_flavor(optimization_level=1, compression_level=0)",
    )
    assert comparison.gained()[0].name == "shape_detector/dw1"
    said = "\n".join(comparison.changes)
    assert "2 layers went from a8_w4_a8 to a8_w8_a8" in said
    assert "Compression level: 0, before 1" in said
    assert "shape_detector/input_layer1: 0 to 255, before 0 to 1" in said
    assert "only this archive has shape_detector/output_layer2" in said
    assert "Float weights" not in said
    (first, _) = comparison.outputs
    assert first.note == "another tensor: box, before detection"


@pytest.mark.slow
def test_sixteen_bit_against_eight_bit(run: Runs, tmp_path: Path) -> None:
    eight, sixteen = (
        run("-d", str(JETS), sample_path(f"jet_cnn_{bits}")) for bits in ("q8", "q16")
    )
    comparison = against(tmp_path, eight, sixteen)
    assert comparison.changes[0].startswith("Precision: 9 layers went from a8_w8_a8 to a16_w16_a16")
    assert any("jet_classifier/precision_change0" in sentence for sentence in comparison.changes)
    assert len(comparison.script_added) == 8
    assert {"output-snr-low", "low-snr", "error-is-bias"} <= ids(comparison)["fixed"]
    assert ids(comparison)["better"] == {
        "noise-born-here",
        "optimization-level-zero",
        "worst-samples",
    }
    assert ids(comparison)["new"] == {"weights-shrunk"}
    gained = {each.name.rpartition("/")[2]: each.gain_db or 0 for each in comparison.gained()}
    assert {"conv1", "conv2", "conv3", "fc1", "fc2"} <= set(gained)
    # The output and its layer hold the same tensor.
    assert gained["output_layer1"] == pytest.approx(gained["fc2"]) == pytest.approx(25.6, abs=0.1)
    assert comparison.lost() == []
    back = against(tmp_path, sixteen, eight)
    assert [each.name for each in back.lost()] == [each.name for each in comparison.gained()]
    assert "output-snr-low" in ids(back)["new"]


def test_layers_stand_in_graph_order_where_one_run_measured_them(tmp_path: Path) -> None:
    layers = [build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1")]
    wider = [layers[0], build_layer("precision_change1"), *layers[1:]]
    before, now = (
        Report(
            build_model(each, float_layers=layers),
            "embedded",
            None,
            build_noise_measurements(build_noise(snr)),
            (),
        )
        for each, snr in (
            (layers, {"conv1": 20.0, "output_layer1": 10.0}),
            (wider, {"input_layer1": float("inf"), "precision_change1": 50.0, "conv1": 21.5}),
        )
    )
    comparison = against(tmp_path, before, now)
    assert [(e.name, e.before_db and round(e.before_db, 6)) for e in comparison.layers] == [
        ("net/precision_change1", None),
        ("net/conv1", 20.0),
        ("net/output_layer1", 10.0),
    ]
    assert [each.name for each in comparison.gained()] == ["net/conv1"]
    assert [(e.name, e.now_db, e.gain_db) for e in comparison.outputs] == [
        ("net/output_layer1", None, None)
    ]


def test_a_report_without_the_script_says_that_it_is_not_compared(tmp_path: Path) -> None:
    report = Report(build_model(script="x(1)\n"), "embedded", None, None, ())
    old: dict[str, Any] = json.loads(renderer.render(report))
    del old["model"]["script"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old), "utf-8")
    comparison = compared(report, read_earlier_report(str(path)))
    assert comparison.script_added == ()
    assert "the model scripts" in comparison.not_compared[0]
