"""What the outputs decide, quiet first and loud after, and how it bounds findings about noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.agreement import MORE_SAMPLES, AgreementInspector
from inspectors.agreement.judgement import (
    FEWEST_SAMPLES,
    bounded,
    bounded_where_known,
    is_all_kept,
    judged_decisions,
)
from inspectors.base_inspector import Context
from tests.fixtures.agreements import OUTPUT, SAMPLES, measured_of, output_of
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from tests.measurements.agreement.outputs import STEP, ZERO, agreeing, batch_of, coded, values
from utils.findings import Finding, Severity
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.output_kind import OutputKind
from utils.outputs.kinds import ASKED


def context_of(output: OutputAgreement, **encoding: NDArray[np.float64]) -> Context:
    model = build_model(quantized=encoding or None)
    return build_context(model, measured_of(output))


def found_in(output: OutputAgreement) -> list[Finding]:
    return list(AgreementInspector().inspect(context_of(output)))


def severities(output: OutputAgreement) -> dict[str, Severity]:
    return {finding.id: finding.severity for finding in found_in(output)}


@quiet("decisions-change", "channel-without-codes", "score-cannot-fire", "nothing-decided")
@pytest.mark.parametrize("kind", ["classes", "scores", "embedding", "regression", "unknown"])
def test_quiet_where_all_is_decided_alike(kind: OutputKind) -> None:
    assert severities(output_of(kind)) == {}


@pytest.mark.parametrize(
    ("wrong", "expected"), [(8, None), (24, Severity.WARNING), (50, Severity.ERROR)]
)
def test_classes(wrong: int, expected: Severity | None) -> None:
    assert severities(output_of("classes", wrong=wrong)).get("decisions-change") == expected


@loud("decisions-change")
def test_the_measure_is_named() -> None:
    (found,) = found_in(output_of("classes", wrong=100))
    assert f"{OUTPUT}: the same class as in float comes first in 10" in found.evidence
    assert found.measured[f"{OUTPUT} same_top1"] == pytest.approx(0.5, abs=0.06)


def test_scores_that_no_longer_fire() -> None:
    assert severities(output_of("scores", wrong=60)) == {"decisions-change": Severity.ERROR}


@pytest.mark.parametrize(("firing", "is_told"), [(1, True), (2, True), (4, False)])
def test_few_decisions_are_no_rate(firing: int, is_told: bool) -> None:
    floats = -np.abs(values(SAMPLES, 1, 1)) - 1
    floats[:firing] = 1.0
    kept = floats.copy()
    output = agreeing(batch_of(floats, coded(kept), range(SAMPLES)), "scores")
    assert severities(output) == {}
    kept[:firing] = -1.0
    output = agreeing(batch_of(floats, coded(kept), range(SAMPLES)), "scores")
    (found,) = found_in(output)
    assert found.id == "decisions-change"
    assert found.severity is (Severity.WARNING if is_told else Severity.ERROR)
    assert (found.remedy == MORE_SAMPLES) is is_told


def test_numbers_count_channel_by_channel() -> None:
    assert severities(output_of("regression", unlike=0.05)) == {}
    assert severities(output_of("regression", unlike=0.2)) == {"decisions-change": Severity.WARNING}
    assert severities(output_of("regression", unlike=1.0)) == {"decisions-change": Severity.ERROR}


def test_an_unknown_output_is_warned_of_and_asked_for() -> None:
    assert severities(output_of("unknown", unlike=0.05)) == {}
    (found,) = found_in(output_of("unknown", unlike=1.0))
    assert (found.id, found.severity) == ("decisions-change", Severity.WARNING)
    assert f"--output-kind {OUTPUT}=KIND, where KIND is classes, scores," in found.remedy


@quiet("decisions-change")
@loud("decisions-change")
@pytest.mark.parametrize(("wrong", "is_lost"), [(0, False), (25, True)])
def test_what_is_lost_whatever_an_output_may_be_is_lost(wrong: int, is_lost: bool) -> None:
    """Numbers that are off by a tenth of their spread are lost as numbers, but not as classes."""
    floats, noisy = clear_classes(noise=0.9)
    noisy[:wrong] = -floats[:wrong]
    found = found_in(agreeing(batch_of(floats, coded(noisy), range(SAMPLES)), "unknown"))
    changed = [each for each in found if each.id == "decisions-change"]
    assert [each.severity for each in changed] == [Severity.WARNING] * is_lost
    if is_lost:
        said = changed[0].evidence
        assert all(f"as {kind}, " in said for kind in ("classes", "scores", "regression"))
        assert changed[0].measured[f"{OUTPUT} median_snr_db"] > 12


@quiet("decisions-change")
@loud("decisions-change")
@pytest.mark.parametrize(("noise", "is_lost"), [(0.9, False), (1.3, True)])
def test_noise_of_more_than_12_db_is_lost_on_an_output_of_unknown_kind(
    noise: float, is_lost: bool
) -> None:
    """Here classes keep, and nobody knows that these are classes."""
    floats, noisy = clear_classes(noise)
    found = found_in(agreeing(batch_of(floats, coded(noisy), range(SAMPLES)), "unknown"))
    said = [each.evidence for each in found if each.id == "decisions-change"]
    assert len(said) == is_lost
    assert all("half of" in each for each in said)


@quiet("decisions-change")
@loud("decisions-change")
@pytest.mark.parametrize(
    ("shift", "noise", "severity"),
    [
        (0.0, 0.1, None),
        (0.0, 2.5, Severity.WARNING),
        (0.0, 9.0, Severity.ERROR),
        (9.0, 0.1, Severity.WARNING),
    ],
    ids=["kept", "half lost", "nothing left", "a shift that classes bear"],
)
def test_more_error_than_values_is_an_error_unless_some_reading_bears_it(
    shift: float, noise: float, severity: Severity | None
) -> None:
    floats, noisy = clear_classes(noise)
    found = found_in(agreeing(batch_of(floats, coded(noisy + shift), range(SAMPLES)), "unknown"))
    told = [each.severity for each in found if each.id == "decisions-change"]
    assert told == ([severity] if severity else [])


def clear_classes(noise: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Values of three classes, 8 apart, in float and with noise of this standard deviation."""
    floats = np.where(np.arange(SAMPLES)[:, None, None] % 3 == np.arange(3), 4.0, -4.0)
    floats = (floats + np.random.default_rng(2).normal(0, 0.2, floats.shape)).astype(np.float32)
    noisy = floats + np.random.default_rng(3).normal(0, noise, floats.shape)
    return floats, noisy.astype(np.float32)


@loud("channel-without-codes")
def test_a_dead_channel_counts_where_channels_count_one_by_one() -> None:
    floats = values(SAMPLES, 1, 3)
    codes = coded(floats)
    codes[:, :, 1] = 128
    for kind, expected in (
        ("regression", Severity.ERROR),
        ("unknown", Severity.WARNING),
        ("classes", None),
    ):
        output = agreeing(batch_of(floats, codes, range(SAMPLES)), kind)  # type: ignore[arg-type]
        assert severities(output).get("channel-without-codes") == expected


@pytest.mark.parametrize(("tried", "is_offered"), [((), True), (("net/conv1",), False)])
def test_sixteen_bit_is_not_offered_where_it_was_tried_in_vain(
    tried: tuple[str, ...], is_offered: bool
) -> None:
    floats = values(SAMPLES, 1, 3)
    codes = coded(floats)
    codes[:, :, 1] = 128
    context = context_of(agreeing(batch_of(floats, codes, range(SAMPLES)), "regression"))
    assert context.measurements
    plan = build_plan({}, obstacle="it is too coarse", missed=(OUTPUT,), candidates=tried)
    searched = replace(context, measurements=replace(context.measurements, plan=plan))
    (found,) = (
        f for f in AgreementInspector().inspect(searched) if f.id == "channel-without-codes"
    )
    assert ("16 bit" in found.remedy) is is_offered
    assert_well_worded(found)


@pytest.mark.parametrize(
    ("alternates", "expected"), [(True, Severity.INFO), (False, Severity.WARNING)]
)
def test_a_dead_channel_harms_no_classes_if_these_may_leave(
    alternates: bool, expected: Severity
) -> None:
    """Of numbers that count one by one, the widest comes first in all samples."""
    floats = values(SAMPLES, 1, 4)
    floats[:, :, 0] += 4 if alternates else 90
    floats[::2, :, 1] += 8 if alternates else 0
    floats[:, :, 3] = 0.001 * floats[:, :, 3] - 2
    output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)))
    (found,) = (f for f in found_in(output) if f.id == "channel-without-codes")
    assert found.severity is expected
    assert ("--output-kind" in found.remedy) == alternates
    assert_well_worded(found)


def test_what_is_constant_in_float_is_not_judged() -> None:
    for rise, count in ((0.0, 0), (1.0, 1)):
        floats = np.linspace(1, 1 + rise, SAMPLES, dtype=np.float32).reshape(SAMPLES, 1, 1)
        output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)), "scores")
        context = context_of(output)
        assert len(judged_decisions(context)) == count
        expected = Severity.INFO if count else Severity.ERROR
        assert bounded(context, Severity.ERROR, [OUTPUT]) is expected


@loud("score-cannot-fire")
@pytest.mark.parametrize(
    ("kind", "zero_point", "expected"),
    [
        ("scores", 128.0, None),
        ("scores", 255.0, Severity.ERROR),
        ("unknown", 255.0, Severity.WARNING),
        ("regression", 255.0, None),
    ],
)
def test_a_score_without_codes_above_its_threshold(
    kind: OutputKind, zero_point: float, expected: Severity | None
) -> None:
    encoding = {
        "output_layer1/layer_params/output_scales": np.array([[0.05]]),
        "output_layer1/layer_params/output_zero_points": np.array([[zero_point]]),
        "output_layer1/limvals_out": np.array([-0.05 * zero_point, 0.05 * (255 - zero_point)]),
    }
    context = context_of(output_of(kind, channels=1), **encoding)
    assert context.model.encoding(OUTPUT) is not None
    found = {f.id: f.severity for f in AgreementInspector().inspect(context)}
    assert found.get("score-cannot-fire") == expected


@loud("score-cannot-fire")
@pytest.mark.parametrize(
    ("size", "rise", "expected"),
    [(8, 0.0, Severity.INFO), (8, 9.0, Severity.WARNING), (1, 0.0, Severity.WARNING)],
)
def test_a_map_that_never_fires_may_be_one_of_distances(
    size: int, rise: float, expected: Severity
) -> None:
    floats = -np.abs(values(SAMPLES, size * size, 1)) - 2
    floats[0] += rise
    shape = (size, size, 1)
    encoding = {
        "output_layer1/layer_params/output_scales": np.array([[0.05]]),
        "output_layer1/layer_params/output_zero_points": np.array([[255.0]]),
        "output_layer1/limvals_out": np.array([-12.75, 0.0]),
    }
    layers = [build_layer(name, shape=shape) for name in ("input_layer1", "conv1", "output_layer1")]
    output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)))
    context = build_context(build_model(layers, quantized=encoding), measured_of(output))
    found = {f.id: f.severity for f in AgreementInspector().inspect(context)}
    assert found["score-cannot-fire"] is expected


@loud("nothing-decided")
def test_data_on_which_nothing_fires_decide_nothing() -> None:
    floats = -np.abs(values(SAMPLES, 1, 4)) - 1
    output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)), "scores")
    assert severities(output) == {"nothing-decided": Severity.WARNING}


@quiet("nothing-decided")
@loud("nothing-decided")
@pytest.mark.parametrize(
    ("kind", "severity"), [("detection", Severity.INFO), ("scores", Severity.WARNING)]
)
def test_a_scale_of_a_detector_may_find_nothing(kind: OutputKind, severity: Severity) -> None:
    floats = values(SAMPLES, 4, 4)
    silent = -np.abs(floats) - 1
    other = OUTPUT.replace("1", "2")
    outputs = {
        name: agreeing(batch_of(each, coded(each), range(SAMPLES)), kind)
        for name, each in ((OUTPUT, silent), (other, floats))
    }
    measured = replace(measured_of(outputs[OUTPUT]), agreement=AgreementMeasurements(outputs))
    names = ("input_layer1", "conv1", "output_layer1", "output_layer2")
    layers = [build_layer(name, inputs=["conv1"] if "output" in name else ()) for name in names]
    context = build_context(build_model(layers), measured)
    (found,) = (f for f in AgreementInspector().inspect(context) if f.id == "nothing-decided")
    assert (found.layers, found.severity) == ((OUTPUT,), severity)
    assert_well_worded(found)


@pytest.mark.parametrize(("reason", "is_told"), [("a sigmoid", False), (ASKED, True)])
def test_numbers_that_never_fire_may_be_no_scores(reason: str, *, is_told: bool) -> None:
    floats = -np.abs(values(SAMPLES, 1, 4)) - 1
    output = agreeing(batch_of(floats, coded(floats), range(SAMPLES)), "scores")
    output = replace(output, settled=replace(output.settled, reason=reason))
    (found,) = AgreementInspector().inspect(context_of(output))
    assert found.remedy.startswith("Pass samples that hold what the network is to find")
    assert ("--output-kind" in found.remedy) is not is_told


def test_noise_that_changes_no_decision_is_worth_knowing_only() -> None:
    quiet = context_of(output_of("classes"))
    loud = context_of(output_of("classes", wrong=100))
    for layers in (["net/conv1"], [OUTPUT]):
        assert bounded(quiet, Severity.ERROR, layers) is Severity.INFO
        assert bounded(loud, Severity.ERROR, layers) is Severity.ERROR
        assert bounded(loud, Severity.WARNING, layers) is Severity.WARNING


def test_what_is_proven_without_data_gives_way_to_known_decisions_only() -> None:
    known, unknown = context_of(output_of("classes")), context_of(output_of("unknown"))
    layers = ["net/conv1"]
    assert bounded_where_known(known, Severity.WARNING, layers) is Severity.INFO
    assert bounded_where_known(unknown, Severity.WARNING, layers) is Severity.WARNING


def test_where_an_output_was_not_compared_severities_stay() -> None:
    context = build_context(build_model(), build_noise_measurements(build_noise({"conv1": 3.0})))
    assert bounded(context, Severity.ERROR, ["net/conv1"]) is Severity.ERROR
    assert bounded(context, Severity.WARNING, ["elsewhere"]) is Severity.WARNING


def test_it_skips_what_was_not_run() -> None:
    inspector = AgreementInspector()
    assert "run on data" in str(inspector.should_skip(build_context()))
    without = build_noise_measurements(build_noise({"conv1": 3.0}))
    assert "was not run" in str(inspector.should_skip(build_context(measurements=without)))
    assert inspector.should_skip(context_of(output_of("classes"))) == ""


@pytest.mark.parametrize(
    ("kind", "wrong", "unlike", "expected"),
    [
        ("classes", 0, 0.0, True),
        ("classes", 50, 0.0, False),
        ("unknown", 0, 0.05, True),  # 26 dB
        ("unknown", 0, 0.2, False),  # 14 dB spare no reading of it
    ],
)
def test_nothing_is_lost_where_every_output_shows_it(
    kind: OutputKind, wrong: int, unlike: float, expected: bool
) -> None:
    context = context_of(output_of(kind, wrong=wrong, unlike=unlike))
    assert is_all_kept(context) is expected
    assert is_all_kept(context, ["net/conv1"]) is expected
    assert context.measurements
    few = replace(context.measurements, samples=FEWEST_SAMPLES - 1)
    assert not is_all_kept(replace(context, measurements=few))


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_wide_channel_hides_no_other_one(is_silent: bool) -> None:
    floats = values(SAMPLES, 1, 4)
    floats[:, :, 0] *= 20
    codes = np.rint(floats / STEP + ZERO)  # as many as 16 bit have
    if is_silent:
        codes[:, :, 3] = ZERO
    batch = batch_of(floats, codes, range(SAMPLES))
    output = agreeing(batch)
    assert output.samples.snr_db_at(0.5) > 20
    assert is_all_kept(context_of(output)) is not is_silent


def test_nothing_is_known_of_what_was_not_measured() -> None:
    assert not is_all_kept(build_context())
    assert not is_all_kept(context_of(output_of("classes")), [])
