from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.base_inspector import Context, Priority
from inspectors.normalization import NormInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    stored_statistics,
)
from tests.har.samples import DIRECTORY, QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import (
    BY_IMAGENET,
    BY_UNITS,
    DIVIDE,
    IDENTITY,
    IMAGE,
    IMAGENET,
    LOUD,
    MEAN_ONLY,
    RAW,
    SPARSE,
    TABLE,
    TWICE,
    UNIT,
    UNITS,
    Z_SCORES,
    Summary,
    build,
    findings,
    stored_constants,
    summary,
)
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement

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
    "small-picture-whose-first-layer-takes-it": build(RAW, shape=(24, 94, 3), first_std=30.0),
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


@pytest.mark.parametrize(
    ("context", "measured"),
    [
        (build(RAW, first_std=80.0), {"low": 0.0, "high": 255.0, "first_layer_std": 80.0}),
        (build(UNIT, script=DIVIDE), {"low": 0.0, "high": 1.0, "expected_high": 255.0}),
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
    assert bool(str(NormInspector().should_skip(context))) is skips
    assert NormInspector.PRIORITY is Priority.HIGH


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_need_no_normalization(name: str) -> None:
    context = build_context(sample_model(name))
    assert str(NormInspector().should_skip(context)) == ""
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


@pytest.mark.parametrize(
    ("script", "likely"), [(IDENTITY, ", most likely with a division by 255"), (MEAN_ONLY, "")]
)
def test_constants_are_told_by_their_line_and_that_they_do_nothing(
    script: str, likely: str
) -> None:
    (found,) = findings(build(RAW, script=script, first_std=300.0))
    assert found.remedy == (
        "Correct the constants in line 1 of the model script, or the data, so that they match the "
        f"training{likely}."
    )
