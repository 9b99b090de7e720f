"""What NormInspector is given in its tests, and what it has to say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from inspectors.base_inspector import Context
from inspectors.normalization import NormInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from utils.findings import Finding
from utils.har.network import Shape
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

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
AS_TRAINED = ("normalization-missing", "info", (INPUT, CONV))
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
    head_std: float | None = None,
    activation: str = "relu",
    **metadata: Any,
) -> Context:
    """A context in which `data` enter and conv1 answers with `first_std`.

    `constants` puts a normalization layer behind the input, `behind` is what is known of its
    output; `stored` takes all from the archive instead of from a measurement; `layers_behind`
    adds a second layer, the network's own; `head_std` adds fc1 behind conv1, whose activation is
    then `activation`.
    """
    layers = [build_layer("input_layer1", shape=shape)]
    if constants is not None:
        layers.append(build_layer("normalization1", shape=shape))
    if layers_behind:
        layers.append(build_layer("mul_and_add1", "normalization", shape=shape))
    if head_std is None:
        layers += [build_layer("conv1"), build_layer("output_layer1")]
    else:
        behind_first = [build_layer("fc1", "dense"), build_layer("output_layer1")]
        layers += [build_layer("conv1", activation=activation), *behind_first]
    answer = None if first_std is None else build_statistics(-99.0, 99.0, mean=0.0, std=first_std)
    known = {"input_layer1": data, "normalization1": behind}
    outputs = {name: LayerMeasurement(value) for name, value in known.items() if value}
    if answer:
        outputs["conv1"] = LayerMeasurement(answer, preactivation=answer)
    if head_std is not None:
        outputs["fc1"] = LayerMeasurement(build_statistics(-99.0, 99.0, mean=0.0, std=head_std))
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


LOUD: dict[str, tuple[Context, list[Summary]]] = {
    "raw": (build(RAW), [AS_TRAINED]),
    "raw-stored": (build(RAW, stored=True), [AS_TRAINED]),
    "raw-and-first-layer-at-5": (build(RAW, first_std=5.0), [AS_TRAINED]),
    "raw-and-first-layer-above-5": (build(RAW, first_std=5.1), [MISSING]),
    "raw-and-first-layer-hears-nothing": (build(RAW, first_std=0.04), [MISSING]),
    "raw-and-first-layer-unknown": (
        build(RAW, first_std=None),
        [("normalization-missing", "warning", (INPUT,))],
    ),
    "raw-and-first-layer-at-30": (build(RAW, first_std=30.0), [MISSING]),
    "raw-and-first-layer-above-30": (
        build(RAW, first_std=30.1),
        [("normalization-missing", "error", (INPUT, CONV))],
    ),
    "outputs-as-small-as-in-training": (
        build(RAW, first_std=80.0, head_std=11.9),
        [("normalization-missing", "warning", (INPUT, CONV))],
    ),
    "outputs-too-large": (
        build(RAW, first_std=80.0, head_std=12.1),
        [("normalization-missing", "error", (INPUT, CONV))],
    ),
    "outputs-that-are-bounded": (
        build(RAW, first_std=80.0, head_std=5.0, activation="relu6"),
        [("normalization-missing", "error", (INPUT, CONV))],
    ),
    "small-picture-and-first-layer-above-30": (
        build(RAW, shape=(24, 94, 3), first_std=30.1),
        [("normalization-missing", "error", (INPUT, CONV))],
    ),
    "small-picture-and-outputs-as-small-as-in-training": (
        build(RAW, shape=(24, 94, 3), first_std=80.0, head_std=5.0),
        [TOO_LARGE],
    ),
    "too-small-for-a-picture": (build(RAW, shape=(11, 94, 3), first_std=30.1), [TOO_LARGE]),
    "dark-raw": (build(build_statistics(0.0, 32.0, mean=9.0, std=8.0), first_std=9.0), [MISSING]),
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
    "raw-with-overshoot": (build(build_statistics(-25.0, 255.0, 118.0, 62.0)), [AS_TRAINED]),
    "raw-with-overshoot-above": (build(build_statistics(0.0, 280.0, 118.0, 62.0)), [AS_TRAINED]),
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
    "identity-in-the-graph-and-first-layer-above-30": (
        build(
            RAW,
            script=IDENTITY,
            constants=stored_constants((0.0,) * 3, (1.0,) * 3),
            behind=RAW,
            first_std=300.0,
        ),
        [("data-not-normalized", "error", (INPUT, LAYER))],
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
