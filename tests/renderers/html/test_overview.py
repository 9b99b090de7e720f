"""The first screen: chain, gauges, bars, thumbnail, and what else there is."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from tests.fixtures.builders import (
    build_layer,
    build_measurements,
    build_model,
    build_noise,
    build_noise_measurements,
    build_statistics,
    stored_statistics,
)
from tests.fixtures.outcomes import build_classes, build_plan, outcomes
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.causes import Cause, Diagnosis, Proof
from utils.causes.next_step import PLAN
from utils.findings import Artifact, Finding, InspectorResult, Severity
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.renderers.html.bars import LEAST
from utils.renderers.html.chain import MAX_STEPS
from utils.renderers.html.gauges import MAX_GAUGES, gauges
from utils.renderers.html.grouping import groups
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.overview import Overview, facts, marked_layers, overview
from utils.report import Report

STORED = stored_statistics("input_layer1/stats/output_0", build_statistics(0.0, 1.0))
MODEL = build_model(
    [build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1")],
    optimized=STORED,
)
ROOT = Finding("bad-data", Severity.WARNING, "The data are bad", ("net/conv1",), evidence="5 of 6")
NOISE = build_noise({"conv1": 1.5, "output_layer1": 12.5})


def seen(id: str, severity: Severity = Severity.WARNING, *layers: str) -> Finding:
    return Finding(id, severity, f"There is {id}", layers or ("net/conv1",))


def report(*causes: Cause, **parts: Any) -> Report:
    told = tuple(finding for cause in causes for finding in (cause.finding, *cause.explains))
    whole = Report(
        MODEL, "embedded", None, None, (InspectorResult("A", told),), diagnosis=Diagnosis(causes)
    )
    return replace(whole, **parts)


def first_screen(made: Report) -> Overview:
    return overview(NumberedLayers(made), groups(made))


def explaining(*consequences: Finding) -> Cause:
    return Cause(ROOT, Proof.FIT, consequences)


def test_a_run_that_found_nothing_shows_no_cause() -> None:
    shown = first_screen(report())
    assert (shown.cause, shown.next, shown.gauges, shown.others) == (None, None, (), "")
    assert marked_layers(NumberedLayers(report()), []) == []


def test_infos_are_no_cause() -> None:
    assert first_screen(report(Cause(seen("a-fact", Severity.INFO), Proof.RULE))).cause is None


def test_the_chain_follows_the_way_of_the_fault() -> None:
    made = report(
        explaining(
            seen("output-snr-low", Severity.ERROR, "net/output_layer1"),
            seen("dead-channels"),
            seen("dataset-differs"),
            seen("dead-channels"),
        ),
        measurements=build_noise_measurements(NOISE),
    )
    cause = first_screen(made).cause
    assert cause is not None
    steps = cause.chain.steps
    assert [step.part for step in steps] == ["data", "layers", "outputs"]
    assert [step.times for step in steps] == [1, 2, 1]
    assert [place.snr for place in steps[2].places] == ["12.5 dB"]
    assert (cause.severity, cause.evidence) == ("error", "5 of 6")
    assert (cause.chain.explained, cause.chain.more) == ("4 findings", 0)


def test_of_many_consequences_the_weightiest_are_drawn() -> None:
    found = [seen(f"a-{i}", Severity.INFO) for i in range(6)]
    found.append(seen("an-error", Severity.ERROR))
    cause = first_screen(report(explaining(*found))).cause
    assert cause is not None
    assert len(cause.chain.steps) == MAX_STEPS
    assert "an-error" in [step.headline.split()[-1] for step in cause.chain.steps]
    assert cause.chain.more == 2


def test_other_causes_and_findings_are_counted() -> None:
    others = (
        Cause(seen("b"), Proof.RULE, (seen("c"),)),
        Cause(seen("d"), Proof.RULE),
        Cause(seen("d"), Proof.RULE),
        Cause(seen("e", Severity.INFO), Proof.RULE),
    )
    shown = first_screen(report(explaining(), *others))
    assert (shown.are, shown.others) == ("is", "1 more cause and 2 more findings")


def test_charts_mark_the_layers_of_the_first_cause() -> None:
    made = report(explaining(seen("b", Severity.ERROR, "net/output_layer1")))
    assert marked_layers(NumberedLayers(made), groups(made)) == [1]


def noisy_outputs(values: Sequence[float]) -> NumberedLayers:
    names = [f"output_layer{i}" for i in range(1, len(values) + 1)]
    outputs = [build_layer(name, "output_layer") for name in names]
    model = build_model([build_layer("input_layer1"), *outputs])
    measured = build_noise_measurements(build_noise(dict(zip(names, values, strict=True))))
    return NumberedLayers(Report(model, "embedded", None, measured, ()))


@pytest.mark.parametrize(
    ("value", "text", "percent", "style"),
    [
        (4.5, "4.5 dB", 11.25, "snr-bad"),
        (26.0, "26.0 dB", 65.0, "snr-fair"),
        (120.0, "exact", 100.0, "snr-good"),
        (math.inf, "exact", 100.0, "snr-good"),
        (-math.inf, "no signal", 0.0, "snr-bad"),
        (math.nan, "no number", 0.0, "snr-unknown"),
    ],
)
def test_a_gauge_is_filled_as_far_as_the_snr_reaches(
    value: float, text: str, percent: float, style: str
) -> None:
    (gauge,) = gauges(noisy_outputs([value]))
    assert (gauge.value, gauge.percent, gauge.style) == (text, percent, style)
    assert gauge.marks == ((25.0, "10"), (50.0, "20"), (75.0, "30"))


def test_the_worst_outputs_have_gauges() -> None:
    shown = gauges(noisy_outputs([30.0, 10.0, math.nan, 20.0]))
    assert len(shown) == MAX_GAUGES
    assert [gauge.value for gauge in shown] == ["no number", "10.0 dB", "20.0 dB"]


def with_input(low: float, high: float) -> Measurements:
    return build_measurements(input_layer1=LayerMeasurement(build_statistics(low, high)))


def test_ranges_of_an_input_stand_on_one_scale() -> None:
    (found,) = first_screen(report(measurements=with_input(-1.0, 3.0))).inputs
    archive, data = found.bars
    assert (archive.start, archive.length, archive.text) == (25.0, 25.0, "0 to 1")
    assert (data.start, data.length, data.text) == (0.0, 100.0, "−1 to 3")


def test_a_range_that_the_script_is_for_stands_beside_them_where_a_finding_names_it() -> None:
    named = Finding(
        "data-normalized-twice",
        Severity.ERROR,
        "Twice",
        ("net/input_layer1",),
        measured={"low": 0.0, "high": 1.0, "expected_high": 255.0},
    )
    told = Cause(named, Proof.FIT)
    (found,) = first_screen(report(told, measurements=with_input(0.0, 1.0))).inputs
    assert [(bar.name, bar.text) for bar in found.bars] == [
        ("Archive", "0 to 1"),
        ("Your data", "0 to 1"),
        ("The script", "0 to 255"),
    ]
    assert [bar.length for bar in found.bars] == [LEAST, LEAST, 100.0]


def test_a_range_that_is_tiny_beside_the_other_is_seen_and_stays_on_the_scale() -> None:
    (found,) = first_screen(report(measurements=with_input(-1e6, 0.0))).inputs
    archive = found.bars[0]
    assert archive.length == LEAST
    assert archive.start + archive.length <= 100


def test_an_input_without_finite_numbers_has_no_bars() -> None:
    assert first_screen(report(measurements=with_input(0.0, math.inf))).inputs == ()
    assert first_screen(report()).inputs == ()


def test_a_plan_shows_outputs_before_and_after() -> None:
    plan = MixedPrecisionPlan(
        20.0,
        {"net/conv1": "a16_w16_a16"},
        before=outcomes({"net/output_layer1": 12.5}),
        after=outcomes({"net/output_layer1": 29.4}),
        mac_share=0.4,
    )
    measured = replace(build_noise_measurements(NOISE), plan=plan)
    shown = first_screen(report(measurements=measured)).plan
    assert shown is not None
    ((name, before, after),) = shown.outputs
    assert (name, before.value, after.value) == ("output_layer1", "12.5 dB", "29.4 dB")
    assert shown.cost == "16 bit at 1 of 3 layers, 40% of the multiply-accumulates"


def test_a_plan_of_8_bit_weights_alone_says_nothing_of_16_bit() -> None:
    plan = replace(build_plan({"net/conv1": "a8_w8_a8"}), eight_bit=("net/conv1",))
    name = "net/output_layer1"
    plan = replace(plan, before=outcomes({name: 12.5}), after=outcomes({name: 29.4}))
    measured = replace(build_noise_measurements(NOISE), plan=plan)
    shown = first_screen(report(measurements=measured)).plan
    assert shown is not None
    assert shown.cost == "8-bit weights at 1 of 3 layers"


@pytest.mark.parametrize(("cause", "is_drawn"), [("low-snr", True), ("calibrated-on-noise", False)])
def test_a_plan_is_not_drawn_where_a_wrong_calibration_withholds_it(
    cause: str, is_drawn: bool
) -> None:
    name = "net/output_layer1"
    plan = build_plan(
        {"net/conv1": "a16_w16_a16"}, before=outcomes({name: 12.5}), after=outcomes({name: 29.4})
    )
    measured = replace(build_noise_measurements(NOISE), plan=plan)
    found = Cause(seen(cause, Severity.ERROR), Proof.FIT, (seen(PLAN, Severity.INFO),))
    shown = first_screen(report(found, measurements=measured)).plan
    assert (shown is not None) == is_drawn


def test_a_plan_shows_decisions_where_they_are_counted() -> None:
    name = "net/output_layer1"
    plan = build_plan(
        {"net/conv1": "a16_w16_a16"},
        before={name: build_classes(18, 12.5)},
        after={name: build_classes(64, 29.4)},
    )
    measured = replace(build_noise_measurements(NOISE), plan=plan)
    shown = first_screen(report(measurements=measured)).plan
    assert shown is not None
    ((_, before, after),) = shown.outputs
    assert (before.value, after.value) == ("28% (19% to 40%)", "100% (94% to 100%)")
    assert (before.style, after.style) == ("snr-bad", "snr-good")
    assert [at for at, _ in after.marks] == [85.0, 95.0]


def test_a_plan_without_layers_is_not_drawn() -> None:
    plan = build_plan({})
    measured = replace(build_noise_measurements(NOISE), plan=plan)
    assert first_screen(report(measurements=measured)).plan is None


def test_the_first_picture_is_shown_small() -> None:
    file = io.BytesIO()
    Image.effect_noise((900, 600), 90).save(file, "JPEG")
    found = Finding(
        "images-saved", Severity.INFO, "Look", artifacts=(Artifact("a.jpg", file.getvalue()),)
    )
    sheet = first_screen(report(Cause(found, Proof.RULE))).sheet
    assert sheet is not None
    assert sheet.source.startswith("data:image/jpeg;base64,")
    assert len(sheet.source) < len(file.getvalue()) / 4


def test_an_earlier_run_is_told_by_counts() -> None:
    changed = [
        ChangedFinding("a", change, "error", "error", "A", "It is bad")
        for change in ("new", "fixed", "fixed")
    ]
    outputs = (SnrChange("net/output_layer1", 12.5, 38.1), SnrChange("net/output_layer2", 1, 2))
    made = report(baseline=BaselineComparison("before.json", tuple(changed), outputs=outputs))
    assert first_screen(made).earlier == (
        "Against before.json: 1 new, 2 fixed; SNR at output_layer1 12.5 dB → 38.1 dB"
    )
    other = report(baseline=BaselineComparison("before.json", is_comparable=False))
    assert first_screen(other).earlier == "The earlier report is of another network"


def test_the_head_says_what_was_looked_at() -> None:
    assert facts(NumberedLayers(report()))[2:] == ["3 layers", "no data"]
