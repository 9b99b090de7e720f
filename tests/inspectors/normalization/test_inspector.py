from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.base_inspector import Context, Priority
from inspectors.normalization import NormInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_statistics,
    stored_statistics,
)
from tests.har.samples import DIRECTORY, QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.har.network import Layer, Shape
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement
from utils.model_script import parse_model_script
from utils.model_script.merge import Addition, merge_commands

INPUT, CONV, LAYER = "net/input_layer1", "net/conv1", "net/normalization1"
IMAGE, TABLE = (64, 64, 3), (1, 1, 3)
IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
UNITS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

RAW = build_statistics(0.0, 255.0, mean=118.0, std=62.0)
UNIT = build_statistics(0.0, 1.0, mean=0.45, std=0.25)
Z_SCORES = build_statistics(-2.12, 2.64, mean=0.1, std=1.1)
SPARSE = build_statistics(0.0, 255.0, mean=1.0, std=9.0, non_zero_share=0.01)

DIVIDE = "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])"
BY_IMAGENET = "normalization1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])"
BY_UNITS = "normalization1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])"
MEAN_ONLY = "normalization1 = normalization([123.68, 116.78, 103.94], [1.0, 1.0, 1.0])"
IDENTITY = "normalization1 = normalization([0, 0, 0], [1, 1, 1])"

TWO_LINES = f"{DIVIDE}\n{DIVIDE.replace('normalization1', 'normalization2')}"

MISSING = ("normalization-missing", "warning", (INPUT, CONV))
NOT_NORMALIZED = ("data-not-normalized", "error", (INPUT,))
TOO_LARGE = ("data-not-normalized", "info", (INPUT,))
TWICE = ("data-normalized-twice", "error", (INPUT,))
IN_UNITS = ("normalization-in-unit-range", "warning", (INPUT,))
MALFORMED = ("normalization-malformed", "error", (INPUT,))
UNUSUAL = ("normalization-unusual", "info", (INPUT,))

Summary = tuple[str, str, tuple[str, ...]]


def stored_constants(
    mean: Sequence[float], std: Sequence[float], name: str = "normalization1"
) -> dict[str, Any]:
    kernel = 1.0 / np.asarray(std)
    return {
        f"{name}/kernel": kernel.reshape(1, 1, -1, 1).astype(np.float32),
        f"{name}/bias": (-np.asarray(mean) * kernel).astype(np.float32),
    }


def two_divisions() -> dict[str, Any]:
    names = ("normalization1", "mul_and_add1")
    stored = [stored_constants((0.0,) * 3, (255.0,) * 3, name) for name in names]
    return {key: value for arrays in stored for key, value in arrays.items()}


def build(
    data: ChannelStatistics | None,
    shape: Shape = IMAGE,
    script: str | None = None,
    constants: Mapping[str, Any] | None = None,
    behind: ChannelStatistics | None = None,
    first_std: float | None = 1.0,
    stored: bool = False,
    layers_behind: bool = False,
    **metadata: Any,
) -> Context:
    """A context in which `data` enter and conv1 answers with `first_std`.

    `constants` puts a normalization layer behind the input, `behind` is what is known of its
    output; `stored` takes all from the archive instead of from a measurement; `layers_behind`
    adds a second layer, the network's own.
    """
    layers = [build_layer("input_layer1", shape=shape)]
    if constants is not None:
        layers.append(build_layer("normalization1", shape=shape))
    if layers_behind:
        layers.append(build_layer("mul_and_add1", "normalization", shape=shape))
    layers += [build_layer("conv1"), build_layer("output_layer1")]
    answer = None if first_std is None else build_statistics(-99.0, 99.0, mean=0.0, std=first_std)
    known = {"input_layer1": data, "normalization1": behind}
    outputs = {name: LayerMeasurement(value) for name, value in known.items() if value}
    if answer:
        outputs["conv1"] = LayerMeasurement(answer, preactivation=answer)
    archived: dict[str, Any] = {}
    for name, measurement in outputs.items() if stored else ():
        archived |= stored_statistics(f"{name}/stats/output_0", measurement.output)
        archived[f"{name}/stats/output_0/non_zero_percent"] = measurement.output.non_zero_share
        if measurement.preactivation:
            archived |= stored_statistics(f"{name}/stats/preact", measurement.preactivation)
    model = build_model(
        layers, script=script, float_arrays=constants, optimized=archived, **metadata
    )
    measurements = None if stored or not outputs else build_measurements(64, **outputs)
    return build_context(model, measurements)


def findings(context: Context) -> list[Finding]:
    return list(NormInspector().inspect(context))


def summary(found: Sequence[Finding]) -> list[Summary]:
    return [(finding.id, finding.severity.label, finding.layers) for finding in found]


QUIET = {
    "nothing-known": build(None),
    "data-in-unit-range": build(UNIT),
    "z-scores": build(Z_SCORES),
    "raw-divided": build(RAW, script=DIVIDE),
    "raw-by-imagenet": build(RAW, script=BY_IMAGENET),
    "raw-by-imagenet-in-the-graph": build(RAW, constants=stored_constants(*IMAGENET)),
    "script-and-graph-are-one": build(
        RAW, script=BY_IMAGENET, constants=stored_constants(*IMAGENET)
    ),
    "measured-behind-the-layer": build(
        RAW, constants=stored_constants(*IMAGENET), behind=build_statistics(-2, 2, 0.0, 1.0)
    ),
    "mean-only": build(RAW, script=MEAN_ONLY),
    "mean-only-in-bgr": build(
        RAW, script="normalization1 = normalization([104, 117, 123], [1, 1, 1])"
    ),
    "identity-on-pixels": build(RAW, script=IDENTITY),
    "identity-on-unit-range": build(UNIT, script=IDENTITY),
    "identity-on-z-scores": build(Z_SCORES, script=IDENTITY),
    "unit-constants-on-unit-data": build(UNIT, script=BY_UNITS),
    "unit-constants-in-the-graph": build(UNIT, constants=stored_constants(*UNITS)),
    "exporters-multiplication": build(UNIT, constants=stored_constants((0.5,) * 3, (0.5,) * 3)),
    "batch-norm-of-signed-data": build(
        build_statistics(-3.0, 9.0, mean=0.2, std=1.4, non_zero_share=0.1),
        constants=stored_constants((0.1, -0.2, 0.3), (1.3, 1.5, 1.4)),
    ),
    "sound-divided-by-its-full-scale": build(
        build_statistics(-30000.0, 31000.0, mean=3.0, std=9000.0),
        shape=TABLE,
        script="normalization1 = normalization([0, 0, 0], [32768, 32768, 32768])",
    ),
    "low-contrast": build(build_statistics(0.0, 1.0, 0.5, 0.05), first_std=None),
    "low-contrast-divided": build(build_statistics(0.0, 255.0, 128.0, 13.0), script=DIVIDE),
    "low-contrast-narrow": build(build_statistics(0.4, 0.51, 0.45, 0.02), first_std=None),
    "narrow-but-fit-for-the-first-layer": build(
        build_statistics(0.0, 0.09, 0.04, 0.02), first_std=0.05
    ),
    "dark-z-scores": build(build_statistics(-2.12, 2.2, -2.03, 0.2), first_std=None),
    "dark-raw-by-imagenet": build(build_statistics(0.0, 255.0, 4.0, 12.0), script=BY_IMAGENET),
    "mean-subtracted-before": build(build_statistics(-124.0, 151.0, 0.0, 60.0)),
    "mean-subtracted-before-up-to-30": build(
        build_statistics(-124.0, 151.0, 0.0, 60.0), first_std=30.0
    ),
    "logarithms-of-power": build(
        build_statistics(-11.5, 6.5, -3.0, 3.5, channels=1), shape=(64, 64, 1), first_std=None
    ),
    "decibels": build(build_statistics(-80.0, 0.0, -43.0, 19.0, channels=1), shape=(64, 64, 1)),
    "grey-levels-in-a-table": build(RAW, shape=TABLE),
    "mean-only-and-first-layer-unknown": build(RAW, script=MEAN_ONLY, first_std=None),
    "mean-only-up-to-30": build(RAW, script=MEAN_ONLY, first_std=30.0),
    "overshoot": build(
        build_statistics(-6.35, 261.4, mean=118.0, std=62.0), script=DIVIDE, first_std=None
    ),
    "slightly-negative": build(build_statistics(-19.9, 200.0, 118.0, 62.0), script=DIVIDE),
    "mean-line-behind-a-division": build(
        RAW, shape=TABLE, script=f"{DIVIDE}\n{MEAN_ONLY}", first_std=None
    ),
    "sparse-images": build(SPARSE.transformed(np.full(3, 1 / 255.0), np.zeros(3))),
    "sparse-images-divided": build(SPARSE, script=DIVIDE),
    "share-of-zeros-unknown": build(build_statistics(0.0, 200.0, 3.0, 4.0, non_zero_share=None)),
    "small-table": build(build_statistics(0.0, 200.0, mean=3.0, std=4.0), shape=TABLE),
    "table-that-hardly-varies": build(build_statistics(0.0, 0.1, 0.01, 0.01), shape=TABLE),
    "constant-channel": build(
        build_statistics(
            low=(0.0, 0.0, 0.0, 255.0),
            high=(1.0, 1.0, 1.0, 255.0),
            mean=(0.4, 0.4, 0.4, 255.0),
            std=(0.2, 0.2, 0.2, 0.0),
            channels=4,
        ),
        shape=(64, 64, 4),
    ),
    "all-constant": build(build_statistics(0.0, 0.0, 0.0, 0.0), script=DIVIDE),
    "broken-statistics": build(build_statistics(np.nan, np.inf, np.nan, np.inf)),
    "broken-statistics-normalized": build(
        build_statistics(np.nan, np.inf, np.nan, np.inf), script=DIVIDE
    ),
    "unusual-for-a-table": build(
        build_statistics(0.0, 50.0, 12.0, 9.0),
        shape=TABLE,
        script="normalization1 = normalization([10, 11, 12], [9, 9, 9])",
    ),
    "first-layer-unknown-but-normalized": build(RAW, script=DIVIDE, first_std=None),
    "weightless-normalization-layer": build(RAW, constants={}),
    "converted-from-rgbx": build(
        build_statistics(0.0, 255.0, mean=118.0, std=62.0, channels=4),
        shape=(64, 64, 4),
        script=f"{DIVIDE}\nconv = input_conversion(input_layer1, tf_rgbx_to_hailo_rgb)",
    ),
    "chroma-hardly-varies-before-its-conversion": build(
        build_statistics(0.0, 255.0, mean=(118.0, 128.0, 128.0), std=(62.0, 9.0, 8.0)),
        script=f"{DIVIDE}\nconv = input_conversion(input_layer1, yuv_to_rgb)",
    ),
    "converted-from-packed-yuv": build(
        build_statistics(0.0, 255.0, mean=118.0, std=62.0, channels=2),
        shape=(64, 64, 2),
        script=f"{DIVIDE}\na, b = input_conversion(yuy2_to_rgb, emulator_support=True)",
    ),
    "bgr-behind-a-conversion": build(
        RAW,
        script="normalization1 = normalization([103.53, 116.28, 123.675], "
        "[57.375, 57.12, 58.395])\nconv = input_conversion(bgr_to_rgb)",
    ),
}


@quiet(
    "normalization-missing",
    "data-normalized-twice",
    "data-not-normalized",
    "normalization-in-unit-range",
    "normalization-malformed",
    "normalization-unusual",
)
@pytest.mark.parametrize("context", QUIET.values(), ids=QUIET)
def test_quiet(context: Context) -> None:
    assert findings(context) == []


LOUD: dict[str, tuple[Context, list[Summary]]] = {
    "raw": (build(RAW), [MISSING]),
    "raw-stored": (build(RAW, stored=True), [MISSING]),
    "raw-and-first-layer-unknown": (
        build(RAW, first_std=None),
        [("normalization-missing", "warning", (INPUT,))],
    ),
    "raw-and-first-layer-at-30": (build(RAW, first_std=30.0), [MISSING]),
    "raw-and-first-layer-above-30": (
        build(RAW, first_std=30.1),
        [("normalization-missing", "error", (INPUT, CONV))],
    ),
    "dark-raw": (build(build_statistics(0.0, 32.0, mean=9.0, std=8.0)), [MISSING]),
    "too-dark-for-raw": (
        build(build_statistics(0.0, 31.9, mean=9.0, std=8.0), first_std=None),
        [TOO_LARGE],
    ),
    "twelve-bit-pixels": (
        build(build_statistics(0.0, 4095.0, mean=900.0, std=800.0)),
        [TOO_LARGE],
    ),
    "mean-subtracted-before-and-first-layer-above-30": (
        build(build_statistics(-124.0, 151.0, 0.0, 60.0), first_std=30.1),
        [TOO_LARGE],
    ),
    "raw-with-overshoot": (build(build_statistics(-25.0, 255.0, 118.0, 62.0)), [MISSING]),
    "raw-with-overshoot-above": (build(build_statistics(0.0, 280.0, 118.0, 62.0)), [MISSING]),
    "too-much-for-overshoot": (
        build(build_statistics(0.0, 281.0, 118.0, 62.0), first_std=None),
        [TOO_LARGE],
    ),
    "too-negative-for-overshoot": (
        build(build_statistics(-26.0, 255.0, 118.0, 62.0), first_std=None),
        [TOO_LARGE],
    ),
    "image-mean-too-low": (
        build(build_statistics(0.0, 255.0, -7.0, 30.0), script=BY_IMAGENET),
        [NOT_NORMALIZED],
    ),
    "divided-twice-before": (
        build(build_statistics(0.0, 0.004, 0.002, 0.001), first_std=None),
        [NOT_NORMALIZED],
    ),
    "divided-twice-before-and-first-layer-hardly-answers": (
        build(build_statistics(0.0, 0.099, 0.002, 0.001), first_std=0.049),
        [NOT_NORMALIZED],
    ),
    "one-channel-of-three": (
        build(build_statistics(0.0, (1.0, 900.0, 1.0), (0.4, 300.0, 0.4), (0.2, 99.0, 0.2))),
        [TOO_LARGE],
    ),
    "raw-table": (build(RAW, shape=TABLE, first_std=30.1), [TOO_LARGE]),
    "raw-table-and-first-layer-unknown": (
        build(RAW, shape=TABLE, first_std=None),
        [TOO_LARGE],
    ),
    "raw-sparse": (build(SPARSE, first_std=31.0), [TOO_LARGE]),
    "mean-only-and-first-layer-above-30": (
        build(RAW, script=MEAN_ONLY, first_std=30.1),
        [NOT_NORMALIZED],
    ),
    "identity-and-first-layer-above-30": (
        build(RAW, script=IDENTITY, first_std=300.0),
        [NOT_NORMALIZED],
    ),
    "two-lines-that-divide": (build(RAW, script=TWO_LINES), [TWICE]),
    "two-lines-that-divide-and-no-data": (
        build(None, script=TWO_LINES, first_std=None),
        [TWICE],
    ),
    "line-and-graph-divide": (
        build(RAW, script=DIVIDE, constants=two_divisions(), layers_behind=True),
        [("data-normalized-twice", "error", (INPUT, LAYER, "net/mul_and_add1"))],
    ),
    "imagenet-before-its-own-units": (
        build(RAW, script=BY_IMAGENET.replace("n1", "n7", 1), constants=stored_constants(*UNITS)),
        [("data-normalized-twice", "error", (INPUT, LAYER))],
    ),
    "divided-twice": (build(UNIT, script=DIVIDE), [TWICE]),
    "divided-twice-stored": (build(UNIT, script=DIVIDE, stored=True), [TWICE]),
    "divided-twice-sparse": (
        build(build_statistics(0.0, 0.7, 0.01, 0.05, non_zero_share=0.01), script=DIVIDE),
        [TWICE],
    ),
    "divided-twice-in-the-graph": (
        build(UNIT, constants=stored_constants(*IMAGENET)),
        [("data-normalized-twice", "error", (INPUT, LAYER))],
    ),
    "at-the-unit-bound": (build(build_statistics(0.0, 1.05, 0.5, 0.3), script=DIVIDE), [TWICE]),
    "above-the-unit-bound": (
        build(build_statistics(0.0, 1.06, 0.5, 0.3), script=DIVIDE),
        [NOT_NORMALIZED],
    ),
    "z-scores-normalized-again": (build(Z_SCORES, script=BY_IMAGENET), [TWICE]),
    "slightly-negative": (
        build(build_statistics(-20.1, 200.0, mean=118.0, std=62.0), script=DIVIDE),
        [TWICE],
    ),
    "z-scores-where-units-are-expected": (build(Z_SCORES, script=BY_UNITS), [TWICE]),
    "mean-only-on-unit-data": (build(UNIT, script=MEAN_ONLY), [TWICE]),
    "mean-only-on-16-bit": (
        build(build_statistics(0.0, 65535.0, mean=9000.0, std=8000.0), script=MEAN_ONLY),
        [NOT_NORMALIZED],
    ),
    "measured-behind-the-layer": (
        build(
            RAW, constants=stored_constants(*IMAGENET), behind=build_statistics(-9, 99, 7.0, 1.0)
        ),
        [("data-not-normalized", "error", (INPUT, LAYER))],
    ),
    "units-on-raw": (build(RAW, script=BY_UNITS), [IN_UNITS, NOT_NORMALIZED]),
    "units-on-raw-in-the-graph": (
        build(RAW, constants=stored_constants(*UNITS)),
        [
            ("normalization-in-unit-range", "warning", (INPUT, LAYER)),
            ("data-not-normalized", "error", (INPUT, LAYER)),
        ],
    ),
    "units-on-raw-sparse": (
        build(SPARSE, script=BY_UNITS),
        [IN_UNITS, ("data-not-normalized", "info", (INPUT,))],
    ),
    "four-means": (
        build(RAW, script="a = normalization([0, 0, 0, 0], [255, 255, 255])"),
        [MALFORMED],
    ),
    "one-constant-for-three-channels": (
        build(RAW, script="a = normalization([0], [255])"),
        [MALFORMED],
    ),
    "division-by-zero": (
        build(RAW, script="a = normalization([0, 0, 0], [255, 0, 255])"),
        [MALFORMED],
    ),
    "no-number": (build(RAW, script="a = normalization([0, x, 0], [255, 255, 255])"), [MALFORMED]),
    "bgr-mean-with-rgb-std": (
        build(RAW, script="a = normalization([103.53, 116.28, 123.675], [58.395, 57.12, 57.375])"),
        [MALFORMED],
    ),
    "malformed-line-about-no-input": (
        build(UNIT, script="a = normalization([0, 0, 0, 0], [255, 255, 255], nowhere)"),
        [("normalization-malformed", "error", ())],
    ),
    "mean-and-std-swapped": (
        build(RAW, script="a = normalization([58.395, 57.12, 57.375], [123.675, 116.28, 103.53])"),
        [MALFORMED],
    ),
    "unusual": (build(RAW, script="a = normalization([90, 90, 90], [70, 70, 70])"), [UNUSUAL]),
    "unusual-and-no-data": (
        build(None, script="a = normalization([10, 10, 10], [5, 5, 5])", first_std=None),
        [UNUSUAL],
    ),
    "unusual-in-the-graph": (
        build(RAW, constants=stored_constants((90.0,) * 3, (70.0,) * 3)),
        [("normalization-unusual", "info", (INPUT, LAYER))],
    ),
}


@loud(
    "normalization-missing",
    "data-normalized-twice",
    "data-not-normalized",
    "normalization-in-unit-range",
    "normalization-malformed",
    "normalization-unusual",
)
@pytest.mark.parametrize(("context", "expected"), LOUD.values(), ids=LOUD)
def test_loud(context: Context, expected: list[Summary]) -> None:
    found = findings(context)
    assert summary(found) == expected
    assert all(not finding.message.endswith(".") for finding in found)


@pytest.mark.parametrize(
    ("context", "measured"),
    [
        (build(RAW, first_std=80.0), {"low": 0.0, "high": 255.0, "first_layer_std": 80.0}),
        (build(UNIT, script=DIVIDE), {"low": 0.0, "high": 1.0}),
        (
            LOUD["one-channel-of-three"][0],
            {"channels": 1.0, "mean": 300.0, "std": 99.0, "first_layer_std": 1.0},
        ),
        (
            build(RAW, script=BY_UNITS),
            {"low": 0.0, "high": 255.0, "mean": 0.485, "std": 0.229},
        ),
        (LOUD["four-means"][0], {"means": 4.0, "standard_deviations": 3.0}),
        (LOUD["unusual"][0], {"mean": 90.0, "std": 70.0}),
    ],
)
def test_measured(context: Context, measured: dict[str, float]) -> None:
    assert findings(context)[0].measured == pytest.approx(measured)


def test_statistics_behind_a_fused_line_are_computed() -> None:
    data = build_statistics((0, 0, 0), (700, 255, 255), (600.0, 110.0, 90.0), (40.0, 60.0, 50.0))
    (found,) = findings(build(data, script=BY_IMAGENET))
    expected = {
        "channels": 1.0,
        "mean": (600.0 - 123.675) / 58.395,
        "std": 40.0 / 58.395,
        "first_layer_std": 1.0,
    }
    assert found.measured == pytest.approx(expected)


def test_measured_data_win_over_what_the_archive_stores() -> None:
    """Stored statistics of the normalization layer would be those of other data."""
    context = build(
        RAW,
        constants=stored_constants(*IMAGENET),
        behind=build_statistics(-9, 99, 7, 1),
        stored=True,
    )
    assert [finding.id for finding in findings(context)] == ["data-not-normalized"]
    remeasured = build_context(
        context.model, build_measurements(input_layer1=LayerMeasurement(RAW))
    )
    assert findings(remeasured) == []


@pytest.mark.parametrize(
    ("name", "script", "first_std", "line", "asks", "default"),
    [
        ("net", None, 1.0, "normalization1 = normalization([123.675, 116.28", True, False),
        ("net", None, 99.0, "normalization1 = normalization([123.675, 116.28", True, False),
        ("yolox_s", None, 99.0, "normalization1 = normalization([123.675, 116.28", True, False),
        ("yolov8n", None, 1.0, "normalization1 = normalization([0.0, 0.0", True, False),
        ("yolov8n", None, 99.0, "normalization1 = normalization([0.0, 0.0", False, True),
        ("tinyclip", None, 99.0, "normalization1 = normalization([122.77, 116.75", False, True),
        (
            "net",
            'nms_postprocess("n.json", meta_arch=yolov8)',
            99.0,
            "normalization1 = normalization([0.0, 0.0",
            False,
            True,
        ),
        (
            "net",
            "normalization1 = change_output_activation(conv1, sigmoid)",
            99.0,
            "normalization2 = normalization([123.675, 116.28",
            True,
            False,
        ),
    ],
)
def test_recommended_recipe(
    name: str, script: str | None, first_std: float, line: str, asks: bool, default: bool
) -> None:
    (found,) = findings(build(RAW, script=script, first_std=first_std, model_name=name))
    assert found.recommendation is not None
    (command,) = found.recommendation.commands
    assert command.startswith(line)
    assert bool(found.recommendation.question) is asks
    assert found.recommendation.default is default
    assert len(parse_model_script(command).statements) == 1
    assert "[123.675, 116.28, 103.53] / [58.395, 57.12, 57.375]" in found.message
    assert "[127.5, 127.5, 127.5]" in found.message


@pytest.mark.parametrize("first_std", [1.0, 99.0])
def test_recipe_is_named_with_its_alternatives(first_std: float) -> None:
    (found,) = findings(build(RAW, first_std=first_std))
    assert found.recommendation is not None
    for text in (found.message, found.recommendation.question):
        places = [text.index(name) for name in ("ImageNet", "division by 255", "-1..1")]
        assert places == sorted(places)
    assert ("some networks take 0..255 as they are" in found.message) is (first_std < 30.0)


@pytest.mark.parametrize("channels", [1, 4])
def test_recommended_recipe_has_the_channels_of_the_input(channels: int) -> None:
    data = build_statistics(0.0, 255.0, 118.0, 62.0, channels=channels)
    (found,) = findings(build(data, shape=(64, 64, channels), model_name="clip"))
    assert found.recommendation is not None
    zeros, whites = (", ".join([value] * channels) for value in ("0.0", "255.0"))
    assert found.recommendation.commands == (
        f"normalization1 = normalization([{zeros}], [{whites}])",
    )
    assert "123.675" not in found.message


@pytest.mark.parametrize(
    ("script", "constants", "line"),
    [
        (
            "norm, other = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], "
            "net/input_layer1)",
            None,
            "norm, other = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], "
            "net/input_layer1)",
        ),
        (
            "normalization([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])",
            None,
            "normalization1 = normalization([127.5, 127.5, 127.5], [127.5, 127.5, 127.5])",
        ),
        (
            None,
            stored_constants(*UNITS),
            "normalization2 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
        ),
        (
            "n = normalization([0, 0, 0], [0.00392, 0.00392, 0.00392])",
            None,
            "n = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
        ),
    ],
)
def test_corrected_line(script: str | None, constants: dict[str, Any] | None, line: str) -> None:
    found = findings(build(RAW, script=script, constants=constants))[0]
    assert found.id == "normalization-in-unit-range"
    assert found.recommendation is not None
    assert found.recommendation.commands == (line,)
    assert not found.recommendation.question


def test_exporters_units_behind_a_scripted_division_are_right() -> None:
    constants = stored_constants(*UNITS)
    script = "scaling = normalization([0, 0, 0], [255, 255, 255])"
    assert findings(build(RAW, script=script, constants=constants)) == []


def two_inputs(script: str | None = None) -> Context:
    def branch(number: int) -> list[Layer]:
        return [
            build_layer(f"input_layer{number}", shape=IMAGE),
            build_layer(f"conv{number}", inputs=[f"input_layer{number}"]),
        ]

    layers = [
        *branch(1),
        *branch(2),
        build_layer("concat1", inputs=["conv1", "conv2"]),
        build_layer("output_layer1"),
    ]
    network = build_network(layers)
    model = replace(build_model(script=script), network=network, float_network=network)
    measurements = build_measurements(
        input_layer1=LayerMeasurement(RAW), input_layer2=LayerMeasurement(RAW)
    )
    return build_context(model, measurements)


def test_every_input_gets_a_line_of_its_own() -> None:
    found = findings(two_inputs())
    assert [finding.layers for finding in found] == [("net/input_layer1",), ("net/input_layer2",)]
    commands = [finding.recommendation.commands[0] for finding in found if finding.recommendation]
    constants = "[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]"
    assert commands == [
        f"normalization1 = normalization({constants}, net/input_layer1)",
        f"normalization2 = normalization({constants}, net/input_layer2)",
    ]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a = normalization([0, 0, 0], [255, 255, 255])", []),
        (
            "a = normalization([0, 0, 0], [255, 255, 255], input_layer2)",
            [("normalization-missing", "warning", ("net/input_layer1",))],
        ),
        (  # one line, one finding, though it is about both
            "a = normalization([0, 0, 0], [255, 255, 0])",
            [("normalization-malformed", "error", ("net/input_layer1",))],
        ),
    ],
)
def test_lines_and_inputs(script: str, expected: list[Summary]) -> None:
    assert summary(findings(two_inputs(script))) == expected


def test_a_script_that_cannot_be_parsed_may_hold_the_line() -> None:
    model = build(RAW).model
    unread = build_model(list(model.network), script="normalization1 = normalization([0, 0")
    measurements = build_measurements(input_layer1=LayerMeasurement(RAW))
    context = Context(unread, None, None, measurements, ask=lambda question: question.default)
    assert findings(context) == []
    assert "script cannot be read" in NormInspector().should_skip(context)
    other = build_model(list(model.network), script="quantization_param([conv1")
    readable_enough = replace(context, model=other)
    assert NormInspector().should_skip(readable_enough) == ""
    assert [finding.id for finding in findings(readable_enough)] == ["normalization-missing"]


def test_fault_of_the_archive_shows_behind_correct_data() -> None:
    """Calibrated on 0..1 under a division; raw pixels, which are right, do not mend that."""
    archive = build(UNIT, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(RAW))
    assert findings(build_context(build(RAW, script=DIVIDE, stored=True).model, measured)) == []
    (found,) = findings(build_context(archive.model, measured))
    assert summary([found]) == [TWICE]
    assert found.measured == pytest.approx({"low": 0.0, "high": 1.0})
    assert "stored in the archive by its calibration" in found.message


def test_raw_calibration_shows_behind_data_in_unit_range() -> None:
    archive = build(RAW, first_std=99.0, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(UNIT))
    assert findings(build_context(build(UNIT, stored=True).model, measured)) == []
    (found,) = findings(build_context(archive.model, measured))
    assert summary([found]) == [("normalization-missing", "error", (INPUT, CONV))]


def test_data_that_calibration_did_not_see_so_leave_the_archive_as_it_is() -> None:
    archive = build(RAW, script=DIVIDE, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(UNIT))
    (found,) = findings(replace(archive, measurements=measured))
    assert "; pass the raw pixels 0..255, or delete line 1" in found.message


@pytest.mark.parametrize(
    ("script", "data"), [(DIVIDE, UNIT), (None, RAW), (TWO_LINES, RAW)], ids=["twice", "no", "two"]
)
def test_same_fault_of_archive_and_data_is_reported_once(
    script: str | None, data: ChannelStatistics
) -> None:
    archive = build(data, script=script, stored=True)
    measured = build_measurements(input_layer1=LayerMeasurement(data))
    assert len(findings(build_context(archive.model, measured))) == 1


@pytest.mark.parametrize(
    ("context", "words"),
    [
        (
            build(UNIT, script=DIVIDE),
            "quantize again on the raw pixels 0..255, or delete line 1",
        ),
        (
            build(Z_SCORES, script=BY_IMAGENET),
            "quantize again on the raw pixels 0..255, or delete line 1",
        ),
        (
            build(UNIT, script=BY_IMAGENET),
            "quantize again on the raw pixels 0..255, or keep the data and divide the constants by "
            "255: `normalization1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])`",
        ),
        (
            build(Z_SCORES, script=BY_UNITS),
            "quantize again on the pixels divided by 255 and nothing else",
        ),
        (LOUD["two-lines-that-divide"][0], "normalized twice on the chip, by line 2 of"),
        (LOUD["two-lines-that-divide"][0], ": remove line 2"),
        (LOUD["line-and-graph-divide"][0], ": remove line 1"),
        (
            LOUD["imagenet-before-its-own-units"][0],
            "replace line 1 by `normalization7 = normalization([0.0, 0.0, 0.0], [255.0",
        ),
        (LOUD["four-means"][0], "line 1 of the model script, [0, 0, 0, 0] / [255, 255, 255], is"),
        (
            LOUD["four-means"][0],
            "give 3 means and 3 standard deviations, one per channel",
        ),
        (LOUD["one-channel-of-three"][0], "1 of 3 channels is outside mean -2.2..5"),
        (LOUD["raw-table"][0], "net/conv1 answers with a standard deviation of 30.1"),
        (
            LOUD["raw-table"][0],
            "normalize as in training, on the chip or before, for example by "
            "`normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])`",
        ),
    ],
)
def test_remedy(context: Context, words: str) -> None:
    (found,) = findings(context)
    assert words in found.message


def test_swapped_lists_are_recommended_the_right_way_round() -> None:
    found = findings(LOUD["mean-and-std-swapped"][0])[0]
    assert found.recommendation is not None
    assert found.recommendation.commands == (BY_IMAGENET.replace("normalization1", "a"),)


def test_recommended_line_of_one_input_can_be_merged_beside_the_line_of_another() -> None:
    """The line that names no input has constants for the input with three channels only."""
    layers = [
        build_layer("input_layer1", shape=IMAGE),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("input_layer2", shape=(64, 64, 1)),
        build_layer("conv2", inputs=["input_layer2"]),
        build_layer("concat1", inputs=["conv1", "conv2"]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    network = build_network(layers)
    model = replace(build_model(script=DIVIDE), network=network, float_network=network)
    measurements = build_measurements(
        input_layer1=LayerMeasurement(RAW),
        input_layer2=LayerMeasurement(build_statistics(0.0, 255.0, 118.0, 62.0, channels=1)),
    )
    context = build_context(model, measurements)
    (found,) = findings(context)
    assert found.recommendation is not None
    (line,) = found.recommendation.commands
    assert line == "normalization2 = normalization([0.0], [255.0], net/input_layer2)"
    result = merge_commands(context.script, [Addition(line, "")], network)
    assert result.refused == ()
    assert result.text.split() == f"{DIVIDE}\n{line}".split()


def test_statistics_stored_at_the_first_layer_are_enough() -> None:
    archived = stored_statistics("conv1/stats/input_0", UNIT)
    model = build_model(
        [build_layer("input_layer1", shape=IMAGE), build_layer("conv1")],
        script=DIVIDE,
        optimized=archived,
    )
    assert summary(findings(build_context(model))) == [TWICE]


@pytest.mark.parametrize(
    ("context", "skips"),
    [
        (build_context(build_model([build_layer("const_input1")])), True),
        (build(None, first_std=None), True),
        (build(None, script=DIVIDE, first_std=None), False),
        (build(None, constants=stored_constants(*UNITS), first_std=None), False),
        (build(UNIT), False),
        (build(UNIT, stored=True), False),
    ],
)
def test_skipped_only_where_nothing_is_known(context: Context, skips: bool) -> None:
    assert bool(NormInspector().should_skip(context)) is skips
    assert NormInspector.PRIORITY is Priority.HIGH


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_need_no_normalization(name: str) -> None:
    context = build_context(sample_model(name))
    assert NormInspector().should_skip(context) == ""
    assert findings(context) == []


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_with_real_data_need_no_normalization(name: str) -> None:
    """Sparse detector images and tables of flows: neither holds pictures."""
    model = sample_model(name)
    file = "ids_flows_99x1x1x80" if name.startswith("ids") else "jets_sparse_64x32x32x3"
    path = DIRECTORY.parent / "calib" / f"{file}.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    values = np.load(path, allow_pickle=False).astype(np.float64)
    values = values.reshape(-1, values.shape[-1])
    statistics = ChannelStatistics(
        minimum=values.min(axis=0),
        maximum=values.max(axis=0),
        mean=values.mean(axis=0),
        energy=(values**2).mean(axis=0),
        count=len(values),
        non_zero_share=float((values != 0.0).mean()),
    )
    measurements = replace(
        build_measurements(),
        layers={model.network.input_layers[0].name: LayerMeasurement(statistics)},
    )
    assert findings(build_context(model, measurements)) == []
