"""What was left out is said with its reason, in every place where it would be missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from inspectors.base_inspector import BaseInspector
from inspectors.channel_order import ChannelOrderInspector
from inspectors.high_precision_inspector import HighPrecisionInspector
from inspectors.noise import NoiseInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
    chain,
)
from tests.fixtures.outcomes import outcomes
from tests.fixtures.schemas import REPORT, schema, validate
from tests.renderers.terminal.reports import report, whole_text
from utils.har.model import Model
from utils.measurements import Measurements
from utils.measurements.left_out import (
    CHANNEL_ORDER,
    INTERRUPTED,
    PLAN,
    QUICK,
    SENSITIVITY,
    WHAT,
    by_reason,
    cut_off,
)
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.renderers import json as json_report
from utils.renderers import log
from utils.report import Report

HURRIED = {SENSITIVITY: QUICK, PLAN: QUICK, CHANNEL_ORDER: QUICK}


def model() -> Model:
    return build_model(
        chain(
            build_layer("input_layer1"),
            build_layer("conv1"),
            build_layer("conv2"),
            build_layer("output_layer1"),
        )
    )


def measured(
    left_out: Mapping[str, str],
    plan: MixedPrecisionPlan | None = None,
    sensitivity: Mapping[str, float] | None = None,
) -> Measurements:
    layers = {"conv1": 9.0, "conv2": 12.0, "output_layer1": 12.0}
    found = build_noise_measurements(build_noise(layers, sensitivity=sensitivity), 64, plan)
    return replace(found, left_out=left_out)


def low_snr(left_out: Mapping[str, str], plan: MixedPrecisionPlan | None = None) -> str:
    context = build_context(model(), measured(left_out, plan))
    (found,) = (f for f in HighPrecisionInspector().inspect(context) if f.id == "low-snr")
    return found.remedy


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (QUICK, "Run again without --quick to find out which layers need 16 bit."),
        (INTERRUPTED, "Run again to the end to find out which layers need 16 bit."),
        ("it failed", "Quantize again at optimization level 2, which finetunes the network."),
    ],
)
def test_a_plan_that_was_left_out_is_no_promise_that_none_is_needed(reason: str, said: str) -> None:
    assert low_snr({PLAN: reason}) == said
    assert "the outputs are good enough" in low_snr({})


def test_advice_about_few_layers_does_not_ask_for_another_target_then() -> None:
    found = measured({PLAN: INTERRUPTED}, sensitivity={"conv1": 12.0, "conv2": 40.0})
    found_there = NoiseInspector().inspect(build_context(model(), found))
    remedies = {finding.id: finding.remedy for finding in found_there}
    again = "Run again to the end to find out which layers need 16 bit."
    assert remedies["noise-concentrated"] == again


@pytest.mark.parametrize(
    ("cls", "what"),
    [
        (NoiseInspector, ["which layers lose most"]),
        (HighPrecisionInspector, ["which layers lose most", "which layers need 16 bit"]),
    ],
)
def test_who_needs_it_says_what_was_left_out(cls: type[BaseInspector], what: list[str]) -> None:
    context = build_context(model(), measured(HURRIED))
    said = list(cls().not_checked(context))
    assert said == [f"{each} was not searched: --quick" for each in what]
    assert list(cls().not_checked(build_context(model(), measured({})))) == []


def test_the_order_of_channels_was_not_judged() -> None:
    context = build_context(model(), measured(HURRIED))
    skipped = ChannelOrderInspector().should_skip(context)
    assert str(skipped).endswith("was not searched: --quick")


def whole_report(left_out: Mapping[str, str]) -> Report:
    return report(model=model(), measurements=measured(left_out), results=())


def test_every_report_says_it() -> None:
    hurried, plain = whole_report(HURRIED), whole_report({})
    for found, expected in ((hurried, HURRIED), (plain, None)):
        entry = json.loads(json_report.render(found))
        validate(entry)
        assert entry.get("left_out") == expected
    sentence = "Not searched: which layers lose most, which layers need 16 bit"
    assert sentence in whole_text(hurried, None)
    assert sentence not in whole_text(plain, None)
    assert any(line.startswith(sentence) for _, line in log.summary_lines(hurried))


def test_things_left_out_for_one_reason_share_a_sentence() -> None:
    found = {SENSITIVITY: "it failed", PLAN: INTERRUPTED, CHANNEL_ORDER: INTERRUPTED}
    first, second = by_reason(found)
    assert first == "Not searched: which layers lose most: it failed"
    assert second.endswith(
        "which layers need 16 bit, whether the channels are in the right order: interrupted"
    )


def test_an_interruption_names_what_it_cut_off() -> None:
    assert cut_off({PLAN: INTERRUPTED, SENSITIVITY: QUICK}) == (
        "interrupted by Ctrl-C, what was measured before is kept; cut off: which layers need 16 bit"
    )
    assert cut_off({}).endswith("is kept")


def test_an_interrupted_run_ends_with_the_code_of_one() -> None:
    found = replace(whole_report({PLAN: INTERRUPTED}), failures=("x",), is_interrupted=True)
    assert found.exit_code(None) == 130
    assert replace(found, is_interrupted=False).exit_code(None) == 2


def test_a_plan_says_what_it_rests_on() -> None:
    plan = MixedPrecisionPlan(
        20.0,
        {"net/conv1": "a16_w16"},
        outcomes({"net/output_layer1": 12.0}),
        outcomes({"net/output_layer1": 21.0}),
        samples=40,
        cut_short="not shown to be the smallest set",
    )
    context = build_context(model(), measured({}, plan))
    said = next(f for f in HighPrecisionInspector().inspect(context)).evidence
    assert "emulated over 40 of 64 samples (not shown to be the smallest set); " in said
    entry = json.loads(
        json_report.render(replace(whole_report({}), measurements=measured({}, plan)))
    )
    validate(entry)
    assert (entry["plan"]["samples"], entry["plan"]["cut_short"]) == (40, plan.cut_short)


def test_a_search_that_ended_early_does_not_say_that_no_set_exists() -> None:
    plan = MixedPrecisionPlan(
        20.0,
        {},
        outcomes({"net/output_layer1": 12.0}),
        outcomes({"net/output_layer1": 19.0}),
        missed=("net/output_layer1",),
        obstacle="a longer search may find one",
        cut_short="a longer search may find one",
    )
    context = build_context(model(), measured({}, plan))
    said = next(f for f in HighPrecisionInspector().inspect(context)).headline
    assert said == "No set of 16-bit layers for 20 dB was found in the work allowed"


def test_the_schema_knows_all_that_may_be_left_out() -> None:
    assert set(schema(REPORT)["properties"]["left_out"]["properties"]) == set(WHAT)
