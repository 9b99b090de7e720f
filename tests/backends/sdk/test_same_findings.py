"""The same archive through the SDK's stand-in and through the embedded engine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inspectors
import main
from examples import build_demo
from examples.shape_detector import NAME
from tests.backends.sdk.runs import INNER, Case
from tests.emulator.networks import conv, images
from tests.emulator.quantized_networks import output, pair_of, quantized_pair, weights_of
from tests.fixtures.builders import build_layer
from tests.har.samples import sample_path
from tests.sdk_standin.archives import made_for
from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends.choice import run_by_backend
from utils.measurements import LayerMeasurement, Need
from utils.measurements.noise import LayerNoise

# The plan for 16 bit takes longer than all else, and is the embedded engine's in either case.
PLANNER = "HighPrecisionInspector"
ORDER = [cls.name() for cls in inspectors.discover()[0]]
Files = tuple[str, str]
Report = dict[str, Any]


def demo(folder: Path) -> Files:
    build_demo.main([str(folder / "new")])
    return str(folder / "new" / f"{NAME}.har"), str(folder / "new" / "calibset.npy")


def joins(folder: Path, modes: Mapping[str, str] | None = None) -> Files:
    """Splitter, concat, sums, resizes, two outputs."""
    pair, batch = pair_of("joins", folder, modes, samples=12)
    np.save(folder / "x.npy", next(iter(batch.values())))
    return pair.path, str(folder / "x.npy")


def sixteen_bit(folder: Path) -> Files:
    """The same with a precision_change, in front of a 16-bit layer."""
    return joins(folder, {"conv1": "a16_w16"})


def several_inputs(folder: Path) -> Files:
    """Two inputs, one of which goes past a layer to a concat."""
    shape = (6, 6, 3)
    layers = [
        build_layer("input_layer1", shape=shape),
        build_layer("input_layer2", shape=shape),
        conv("conv1", ["input_layer1"], (6, 6, 4), 3),
        conv("conv2", ["input_layer2"], (6, 6, 4), 3),
        build_layer("concat1", inputs=["conv1", "conv2", "input_layer2"], shape=(6, 6, 11)),
        conv("conv3", ["concat1"], (6, 6, 2), 11, activation="sigmoid"),
        output(1, "conv3", (6, 6, 2)),
        output(2, "conv1", (6, 6, 4)),
    ]
    batch = {f"net/input_layer{number}": images(12, *shape, seed=number) for number in (1, 2)}
    pair = quantized_pair(folder / "inputs.har", layers, weights_of(layers), batch)
    np.savez(
        folder / "x.npz",
        input_layer1=batch["net/input_layer1"],
        input_layer2=batch["net/input_layer2"],
    )
    return pair.path, str(folder / "x.npz")


def sample(name: str, folder: Path) -> Files:
    path = sample_path(name)
    data = Path(path).parents[1] / "calib" / "jets_sparse_64x32x32x3.npy"
    if not data.is_file():
        pytest.skip(f"no calibration set {data}")
    return path, str(data)


def eight_bit_sample(folder: Path) -> Files:
    return sample("jet_cnn_q8", folder)


def sixteen_bit_sample(folder: Path) -> Files:
    return sample("jet_cnn_q16", folder)


def report_of(folder: Path, files: Files, backend: str, order: Sequence[str]) -> Report:
    path = folder / f"{backend}.json"
    har, data = files
    options = ["--backend", backend, "-c", "16", "--no-interactive", "--json", str(path)]
    assert main.main([har, "-d", data, *options, "--order", *order]) == 0
    report: Report = json.loads(path.read_text("utf-8"))
    assert report["backend"] == backend
    return report


def findings(report: Report) -> Iterator[tuple[str, str, str, list[str], dict[str, float]]]:
    for entry in report["inspectors"]:
        for found in entry["findings"]:
            yield (
                entry["name"],
                found["id"],
                found["severity"],
                found["layers"],
                found["measured"],
            )


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two reports hold other words, or numbers that are not near each other."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        if len(one) != len(other):
            yield f"{path}: {len(one)} and {len(other)} items"
        for index, pair in enumerate(zip(one, other, strict=False)):
            yield from differences(*pair, f"{path}/{index}")
    elif isinstance(one, float) and isinstance(other, float):
        if one != pytest.approx(other, rel=1e-3, abs=1e-3, nan_ok=True):
            yield f"{path}: {one} and {other}"
    elif one != other:
        yield f"{path}: {one} and {other}"


@pytest.mark.parametrize(
    ("flavour", "archive"),
    [
        pytest.param("3.33", demo, marks=pytest.mark.slow),
        ("3.25", eight_bit_sample),
        pytest.param("3.33", sixteen_bit_sample, marks=pytest.mark.slow),
        ("3.25", joins),
        ("5.3", sixteen_bit),
        ("3.33", several_inputs),
        ("5.3", several_inputs),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_both_find_the_same(flavour: str, archive: Any, tmp_path: Path) -> None:
    har, data = archive(tmp_path)
    order = ORDER if archive is demo else [name for name in ORDER if name != PLANNER]
    files = made_for(flavour, har) if flavour == "5.3" else har, data
    with installed(flavour):
        theirs = report_of(tmp_path, files, "sdk", order)
        ours = report_of(tmp_path, files, "embedded", order)
    assert len(list(findings(ours))) >= 3
    assert list(differences(list(findings(ours)), list(findings(theirs)))) == []
    for part in ("layers", "outputs", "plan"):
        assert list(differences(ours[part], theirs[part])) == []
    assert theirs["sdk"]["failure"] is None
    assert theirs["sdk"]["doubts"] == []


EVERYTHING = Need.NOISE | Need.HISTOGRAMS | Need.PREACTIVATION_STATISTICS | Need.OUTPUT_STATISTICS


def same_measurement(one: LayerMeasurement, other: LayerMeasurement) -> None:
    for found, expected in (
        (one.output, other.output),
        (one.preactivation, other.preactivation),
    ):
        assert (found is None) is (expected is None)
        if found is None or expected is None:
            continue
        assert found.count == expected.count
        for name in ("minimum", "maximum", "mean", "std"):
            np.testing.assert_allclose(
                getattr(found, name), getattr(expected, name), rtol=1e-4, atol=1e-5
            )
    assert one.histogram is not None
    assert other.histogram is not None
    np.testing.assert_array_equal(one.histogram.counts, other.histogram.counts)


def same_noise(one: LayerNoise, other: LayerNoise) -> None:
    assert one.output.snr_db == pytest.approx(other.output.snr_db, abs=1e-3)
    assert one.output.count == other.output.count
    np.testing.assert_allclose(one.output.error_sums, other.output.error_sums, rtol=1e-3, atol=1e-3)
    assert one.clipped == other.clipped
    assert one.saturated == other.saturated


@pytest.fixture(scope="module")
def expected(cases: Mapping[str, Case]) -> Any:
    return cases["3.33"].ran("embedded", need=EVERYTHING).measurements


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_number_has_one_definition_whatever_the_batches(
    flavour: str, batch_size: int, cases: Mapping[str, Case], expected: Any
) -> None:
    case = cases[flavour]
    with installed(flavour):
        found = run_by_backend(case.job(EVERYTHING, batch_size), "sdk").measurements
    assert found.samples == expected.samples
    assert set(found.layers) == set(expected.layers) > set(INNER)
    for name, measurement in expected.layers.items():
        same_measurement(found.layers[name], measurement)
    assert found.noise is not None
    for name, noise in expected.noise.layers.items():
        same_noise(found.noise.layers[name], noise)
    for name, worst in expected.noise.worst_samples.items():
        samples = found.noise.worst_samples[name]
        assert [sample.index for sample in samples] == [sample.index for sample in worst]
