"""Reports that pages are made of: the demo, a deep network, one with names that mean harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inspectors
from benchmarks.deep_network import build_deep_network
from diagnosis.diagnosing import diagnose
from examples import build_demo
from examples.shape_detector import NAME
from inspectors.documentation import documentation
from tests.fixtures.builders import (
    build_histogram,
    build_layer_noise,
    build_statistics,
    build_tensor_noise,
)
from tests.har.samples import sample_path
from tests.renderers.hostile import NAMES, SCRIPT, hostile_baseline, hostile_report
from utils.causes.explanations import Explanation, Where
from utils.causes.folding import diagnosis_of
from utils.findings import Severity
from utils.findings.documentation import Documentation
from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics
from utils.measurements import Histogram, LayerMeasurement, Measurements
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.model_script import parse_model_script
from utils.options.options import parse_options
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har
from utils.recommendations import recommended_script
from utils.report import Report
from utils.terminal.prompts import Prompter

AVAILABLE, _ = inspectors.discover()
WEIGHTED_LAYERS = 224  # which makes the deep network one of 300 layers


def documented() -> Documentation:
    return documentation(AVAILABLE)


def diagnosed(folder: Path, *argv: str) -> Report:
    """What the command finds, with the script that it recommends."""
    summaries = {cls.name(): cls.summary() for cls in AVAILABLE}
    fixed = ["--no-interactive", "--image-dir", str(folder)]
    report = diagnose(parse_options([*argv, *fixed], summaries), AVAILABLE, ())
    return with_script(report)


def with_script(report: Report) -> Report:
    text = report.model.script_text
    script = None if text is None else parse_model_script(text)
    merged = recommended_script(
        list(report.findings()), script, report.model.network, Prompter(interactive=False)
    )
    return replace(report, script=merged)


def demo_report(folder: Path) -> Report:
    build_demo.build(build_demo.FLAWED, folder)
    data = str(folder / "calibset.npy")
    return diagnosed(folder, "-d", data, "-c", "16", str(folder / f"{NAME}.har"))


def deep_report(folder: Path) -> Report:
    """The archive of 300 layers, with measurements as a run of a whole day would bring them."""
    net = build_deep_network(WEIGHTED_LAYERS)
    rng = np.random.default_rng(4)
    statistics = {
        layer.name: LayerStatistics(some_statistics(layer, rng), some_statistics(layer, rng))
        for layer in net.network()
    }
    path = folder / "deep.har"
    build_quantized_har(
        str(path),
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics=statistics,
    )
    report = diagnosed(folder, str(path))
    outputs = {name: seen.output for name, seen in statistics.items()}
    return replace(report, measurements=some_measurements(report.model.network, outputs))


def some_statistics(layer: Layer, rng: np.random.Generator) -> ChannelStatistics:
    channels = layer.output_shape[2]
    high = rng.uniform(0.5, 6.0, channels)
    low = np.zeros(channels) if layer.activation == "relu" else -high
    mean = (low + high) / 2
    return ChannelStatistics(low, high, mean, mean**2 + (high - low) ** 2 / 12, 4096, 1.0)


def some_measurements(
    network: Network, statistics: Mapping[str, ChannelStatistics]
) -> Measurements:
    """Every layer measured, with noise that grows along the network."""
    rng = np.random.default_rng(5)
    layers = {
        name: LayerMeasurement(found, histogram=some_histogram(found, rng))
        for name, found in statistics.items()
    }
    names = [layer.name for layer in network]
    falling = np.linspace(45, 8, len(names)) + rng.normal(0, 3, len(names))
    (output,) = (layer.name for layer in network.output_layers)
    return Measurements(
        samples=64,
        layers=layers,
        noise=NoiseMeasurements(
            layers={n: build_layer_noise(snr) for n, snr in zip(names, falling, strict=True)},
            sensitivity=Sensitivity(
                samples=16,
                local={n: build_tensor_noise(rng.uniform(20, 45)) for n in names},
                output_snr_db={n: {output: float(rng.uniform(25, 70))} for n in names},
            ),
        ),
    )


def some_histogram(seen: ChannelStatistics, rng: np.random.Generator) -> Histogram:
    counts = rng.poisson(5000 * np.exp(-np.linspace(0, 6, 100)))
    return Histogram(seen.low, seen.high, counts.astype(np.int64), above=int(rng.integers(0, 9)))


def jet_report(folder: Path) -> Report:
    """An archive of the real compiler; skips where it is absent."""
    har = sample_path("jet_cnn_q8")
    data = Path(har).parents[1] / "calib" / "jets_sparse_64x32x32x3.npy"
    if not data.is_file():
        pytest.skip(f"no calibration set {data}")
    return diagnosed(folder, "-d", str(data), "-c", "16", har)


def static_report(folder: Path) -> Report:
    """The demo's archive without data."""
    build_demo.build(build_demo.FLAWED, folder)
    return diagnosed(folder, str(folder / f"{NAME}.har"))


def diagnosis_added(report: Report) -> Report:
    """The report with its findings sorted into causes, of which errors explain warnings."""
    findings = list(report.findings())
    entries = [
        Explanation(f.id, frozenset({f"{f.id}-seen"}), Where.ANYWHERE, "so that something is")
        for f in findings
    ]
    network = report.model.network
    return replace(report, diagnosis=diagnosis_of(findings, network, entries))


def told_report(name: str, **changes: Any) -> Report:
    """A report with a name in every part of its findings, and one that explains another."""
    report = hostile_report(name, **changes)
    first, *others = report.results
    findings = tuple(
        replace(
            finding,
            id=f"{finding.id}-seen" if finding.severity == Severity.WARNING else finding.id,
            evidence=f"{name} times",
            why=f"{name} hurts.",
            remedy=f"Mend {name}.",
            quotation=f"{name} was said",
            command=f"mend {name}",
        )
        for finding in first.findings
    )
    return diagnosis_added(replace(report, results=(replace(first, findings=findings), *others)))


def harmful_report(name: str) -> Report:
    """A report with a name in every place of the page, charts included."""
    report = told_report(name, baseline=hostile_baseline(name))
    assert report.measurements
    _, layer, output = (each.name for each in report.model.network)
    statistics = build_statistics([-1.0, 0.0, 0.0], 2.0)
    measured = LayerMeasurement(statistics, histogram=build_histogram([3] * 100, -1.0, 2.0))
    assert report.noise
    sensitivity = Sensitivity(8, output_snr_db={layer: {output: 12.0}})
    return with_script(
        replace(
            report,
            measurements=replace(
                report.measurements,
                layers={layer: measured},
                noise=replace(report.noise, sensitivity=sensitivity),
            ),
        )
    )


# All kinds of harm in one name, and what a charting library reads into texts.
CHART_MARKUP = (
    "<a href='javascript:alert(2)'>x</a><b>%{x}</b>$\\alpha$<br>&amp;<img src=x onerror=alert(3)>"
)

REPORTS: Mapping[str, Callable[[Path], Report]] = {
    "demo": demo_report,
    "deep": deep_report,
    "jet": jet_report,
    "static": static_report,
    "script": lambda folder: harmful_report(SCRIPT),
    "markup": lambda folder: harmful_report(CHART_MARKUP),
    "everything": lambda folder: harmful_report("".join(NAMES)),
}
