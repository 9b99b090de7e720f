"""What the command says about noise: on a sound archive, and on ones with one planted fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatGraph
from tests.fixtures.noise_archives import Fault, images, write_archive
from tests.fixtures.noise_reports import findings, layers_of, reported
from tests.har.archives import NAME
from tests.house.evidence import loud, quiet
from utils.quantizer.writer import build_quantized_har

LOUDNESS = ("info", "warning", "error")
OUTPUT = f"{NAME}/output_layer1"
# Any one of these ids names the layer of the fault, and no other layer.
EXPECTED = {
    Fault.OUTLIER_CHANNEL: {"noise-born-here", "noise-concentrated", "coarse-channels"},
    Fault.SATURATING_ACCUMULATOR: {"accumulator-saturates"},
    Fault.CLIPPED_RANGE: {"range-saturates", "values-beyond-range"},
    Fault.CONSTANT_BIAS: {"error-is-bias"},
    Fault.FOUR_BIT_LAYER: {"noise-concentrated"},
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Fault | None], dict[str, Any]]:
    """Report on the archive with a fault, or on the sound one."""

    @cache
    def report(fault: Fault | None) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("planted")
        # What is sound is clean, and its layers are measured only if that is asked for.
        exact = () if fault else ("--exact-sensitivity",)
        return reported(folder, *write_archive(folder, fault), "--batch-size", "64", *exact)

    return report


@pytest.mark.slow
@quiet(
    "output-snr-low",
    "noise-born-here",
    "accumulator-saturates",
    "range-saturates",
    "error-is-bias",
    "noise-concentrated",
    "noise-diffuse",
    "worst-samples",
    "stored-analysis-compared",
    "mixed-precision-plan",
    "low-snr",
    "low-snr-outlier",
)
def test_a_sound_archive_raises_no_warning(
    planted: Callable[[Fault | None], dict[str, Any]],
) -> None:
    report = planted(None)
    assert [f["id"] for f in findings(report) if f["severity"] != "info"] == []
    noise = next(e for e in report["inspectors"] if e["name"] == "NoiseInspector")
    assert noise["skipped"] is None
    assert noise["findings"] == []
    assert report["plan"] is None
    assert report["outputs"][OUTPUT]["snr_db"] > 30


@pytest.mark.slow
@loud(
    "noise-concentrated",
    "accumulator-saturates",
    "range-saturates",
    "error-is-bias",
    "coarse-channels",
)
@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_and_nothing_is_louder(
    fault: Fault, planted: Callable[[Fault | None], dict[str, Any]]
) -> None:
    found = findings(planted(fault))
    named = [f for f in found if f["id"] in EXPECTED[fault] and _blames(f, fault)]
    assert named, [f["message"] for f in found]
    loudest = max(LOUDNESS.index(f["severity"]) for f in named)
    assert max(LOUDNESS.index(f["severity"]) for f in found) == loudest
    # What else is as loud is about the same layer.
    assert all(_blames(f, fault) for f in found if f["severity"] != "info")


def _blames(finding: Mapping[str, Any], fault: Fault) -> bool:
    return set(finding["layers"]) - {OUTPUT} == {f"{NAME}/{fault.layer}"}


@pytest.mark.slow
def test_the_faults_do_what_their_names_say(
    planted: Callable[[Fault | None], dict[str, Any]],
) -> None:
    """Against the sound archive, at the layer itself: nothing but what was planted is there."""
    sound = planted(None)
    saturated, clipped, bias, local = (
        {fault: layers_of(planted(fault), key)[fault.layer] for fault in Fault}
        for key in ("saturated_share", "clipped_share", "bias_share", "local_snr_db")
    )
    assert {fault for fault in Fault if saturated[fault] > 1e-3} == {Fault.SATURATING_ACCUMULATOR}
    assert {fault for fault in Fault if clipped[fault] > 1e-3} == {Fault.CLIPPED_RANGE}
    assert {fault for fault in Fault if bias[fault] > 0.5} == {Fault.CONSTANT_BIAS}
    before = layers_of(sound, "local_snr_db")
    assert all(local[fault] < before[fault.layer] - 10 for fault in Fault)
    assert max(layers_of(sound, "saturated_share").values()) == 0


@pytest.mark.slow
@pytest.mark.parametrize("size", ["1", "7"])
def test_batches_do_not_matter(
    size: str, planted: Callable[[Fault | None], dict[str, Any]], tmp_path: Path
) -> None:
    whole = planted(Fault.FOUR_BIT_LAYER)
    paths = write_archive(tmp_path, Fault.FOUR_BIT_LAYER)
    cut = reported(tmp_path, *paths, "--batch-size", size)
    for key in ("snr_db", "local_snr_db", "bias_share", "clipped_share", "saturated_share"):
        assert layers_of(cut, key) == pytest.approx(layers_of(whole, key), abs=1e-4, rel=0)
    assert {name: found["snr_db"] for name, found in cut["outputs"].items()} == pytest.approx(
        {name: found["snr_db"] for name, found in whole["outputs"].items()}, abs=1e-4, rel=0
    )
    alone, expected = (layers_of(report, "output_snr_db") for report in (cut, whole))
    assert alone.keys() == expected.keys()
    for name, by_output in expected.items():
        assert alone[name] == pytest.approx(by_output, abs=1e-3, rel=0)


def _scaled_archive(folder: Path, factor: float) -> tuple[str, str]:
    """A small network all of whose weights, and the data, are multiplied by a factor."""
    net = FloatGraph(NAME, np.random.default_rng(5))
    last = net.add("input_layer1", "input_layer", (), (32, 32, 3))
    last = net.add_conv("conv1", last, 3, 8, stride=2)
    last = net.add_conv("conv2", last, 3, 8, stride=2)
    last = net.add_dense("fc1", last, 12, "relu")
    last = net.add_dense("fc2", last, 4)
    net.add("output_layer1", "output_layer", (last,), (1, 1, 4))
    for depth, arrays in enumerate(net.arrays.values(), 2):
        arrays["kernel"] *= np.float32(factor)
        # A bias adds to products of as many factors as there are layers in front.
        arrays["bias"] *= np.float32(factor**depth)
    # Grey levels fall halfway between two codes, where the last bit of a product decides.
    noise = np.random.default_rng(6).normal(0, 0.01, images().shape).astype(np.float32)
    data = (images() + noise) * np.float32(factor)
    folder.mkdir()
    path, pictures = folder / "model.har", folder / "images.npy"
    statistics = calibrated(net, data)
    build_quantized_har(
        str(path), name=NAME, network=net.network(), weights=net.weights(), statistics=statistics
    )
    np.save(pictures, data)
    return str(path), str(pictures)


@pytest.mark.slow
def test_amplitude_does_not_matter(tmp_path: Path) -> None:
    plain, scaled = (
        reported(tmp_path / name, *_scaled_archive(tmp_path / name, factor))
        for name, factor in (("plain", 1.0), ("scaled", 0.01))
    )
    expected = plain["layers"][OUTPUT]["output"]["std"] * 0.01**5
    assert scaled["layers"][OUTPUT]["output"]["std"] == pytest.approx(expected, rel=1e-3)
    for key in ("snr_db", "local_snr_db"):
        # One value of the input in 200,000 lies so near to the middle of two codes that it changes.
        assert layers_of(scaled, key) == pytest.approx(layers_of(plain, key), abs=0.03, rel=0)
    assert layers_of(scaled, "bias_share") == pytest.approx(
        layers_of(plain, "bias_share"), abs=0.005
    )
    alone, expected_alone = (layers_of(report, "output_snr_db") for report in (scaled, plain))
    for name, by_output in expected_alone.items():
        assert alone[name] == pytest.approx(by_output, abs=0.01, rel=0)
