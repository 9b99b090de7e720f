"""A small report with a bit of everything, built by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fixtures.builders import (
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    stored_statistics,
)
from tests.fixtures.diagnosed import diagnosed
from utils.findings import Finding, InspectorResult, NotChecked, Recommendation, Severity
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.noise import Exceeded, LayerNoise, NoiseMeasurements
from utils.renderers.terminal.findings import result_shown
from utils.renderers.terminal.summary import summary_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.layout import laid_out

LAYERS = (
    build_layer("input_layer1", original_names=["images"]),
    build_layer("conv1", original_names=["/backbone/stem/Conv"]),
    build_layer("conv2", original_names=["/backbone/block/Conv"], mode="a8_w4_a8"),
    build_layer("output_layer1"),
)
RANGES = stored_statistics("conv1/stats/output_0", build_statistics(0.0, 6.0))
LOUD = Finding(
    id="data-not-normalized",
    severity=Severity.ERROR,
    headline="The data are not normalized",
    layers=("net/input_layer1",),
    evidence="net/input_layer1 (images) reaches from 0 to 255",
    why="The network was trained on other numbers.",
    remedy="Normalize net/input_layer1 (images) on the chip and quantize again.",
    quotation="the values range is [0, 255]",
    command="hailo optimize net.har --calib-set-path images.npy",
)
WEAK = Finding(
    id="low-snr",
    severity=Severity.WARNING,
    headline="Two layers are mostly noise",
    layers=("net/conv1", "net/conv2"),
    evidence="SNR 3.0 dB at net/conv1 (/backbone/stem/Conv) and 9.5 dB at net/conv2 "
    "(/backbone/block/Conv), measured over 64 samples",
    why="Little is left of what they compute.",
    remedy="Give net/conv1 16 bit with this line and quantize again.",
    recommendation=Recommendation(
        ("quantization_param([net/conv1], precision_mode=a16_w16)",), proven=True
    ),
)
EXPLAINED = Finding(
    id="noise-concentrated",
    severity=Severity.WARNING,
    headline="One layer makes most of the noise",
    layers=("net/conv1",),
    evidence="91% of it",
    remedy="Look at net/conv1.",
)
ROOT = Finding(
    id="coarse-channels",
    severity=Severity.WARNING,
    headline="Channels of net/conv1 have too few codes",
    layers=("net/conv1",),
    evidence="2 of 8 channels",
    why="What is left is mostly rounding error.",
    remedy="Let equalization balance the channels.",
)
LINE = Finding(
    id="algorithm-not-run",
    severity=Severity.INFO,
    headline="Bias correction did not run",
    recommendation=Recommendation(("model_optimization_flavor(optimization_level=2)",)),
)
QUIET = Finding(
    id="runtime-pair",
    severity=Severity.INFO,
    headline="The programs run with HailoRT 4.23",
    evidence="Dataflow Compiler 3.33.0",
)
RESULTS = (
    InspectorResult("AInspector", (QUIET, LINE, EXPLAINED, LOUD)),
    InspectorResult("BInspector", (ROOT, WEAK), not_checked=(NotChecked("the other half"),)),
    InspectorResult("CInspector"),
    InspectorResult("DInspector", skipped=NotChecked("there is nothing to judge")),
    InspectorResult("EInspector", skipped=NotChecked("it takes a log", "pass it with --dfc-log")),
    InspectorResult("FInspector", not_checked=(NotChecked("the times", "pass it with --dfc-log"),)),
)


def noise(**changes: Any) -> NoiseMeasurements:
    measured: dict[str, float | LayerNoise] = {
        "input_layer1": 45.0,
        "conv1": build_layer_noise(3.04, bias_share=0.5, clipped=Exceeded(1, 1000, 1)),
        "conv2": build_layer_noise(9.5, clipped=None),
        "output_layer1": build_layer_noise(9.5, bias_share=0.25),
    }
    alone = {"input_layer1": 47.25, "conv1": 10.0, "conv2": 20.0}
    return replace(build_noise(measured, sensitivity=alone), **changes)


def measurements(**changes: Any) -> Measurements:
    float_run = LayerMeasurement(build_statistics(0.0, 5.5))
    whole = build_noise_measurements(noise(), conv1=float_run)
    return replace(whole, assumptions=("halves round to even",), **changes)


def report(**changes: Any) -> Report:
    model = build_model(LAYERS, optimized=RANGES)
    return diagnosed(replace(Report(model, "embedded", None, measurements(), RESULTS), **changes))


def whole_text(shown: Report, width: int | None, *, is_verbose: bool = False) -> str:
    """Everything that the terminal gets of a report, without colours."""
    names = ShortNames(shown.model)
    blocks = [b for result in shown.results for b in result_shown(result, names, is_verbose)]
    blocks += summary_shown(shown, names, is_verbose)
    return "".join(f"{line}\n" for block in blocks for line in laid_out(block, width))
