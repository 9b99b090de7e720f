from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspectors.high_precision_inspector import HighPrecisionInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
    scoped,
)
from tests.fixtures.outcomes import build_classes, build_outcome, outcomes
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding, Gain
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import LayerNoise, NoiseMeasurements

USUAL = (
    30.0,
    31.0,
    32.0,
    33.0,
    34.0,
    35.0,
    36.0,
)  # quartiles with one more far below: 30.75, 34.25


def inspect(
    snr: Mapping[str, Any],
    types: Mapping[str, str] | None = None,
    modes: Mapping[str, str] | None = None,
    key: str = "snr",
    **metadata: Any,
) -> list[Finding]:
    layers = [
        build_layer("input_layer1"),
        *(
            build_layer(
                name, type=(types or {}).get(name, ""), mode=(modes or {}).get(name, "a8_w8_a8")
            )
            for name in snr
            if name not in ("input_layer1", "output_layer1")
        ),
        build_layer("output_layer1"),
    ]
    analysis = {f"{name}/layer_noise_analysis/{key}": value for name, value in snr.items()}
    model = build_model(layers, analysis=analysis, **metadata)
    return list(HighPrecisionInspector().inspect(build_context(model)))


def row(*values: float) -> dict[str, float]:
    return {f"conv{n}": value for n, value in enumerate(values, start=1)}


def summary(found: Sequence[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in found]


def commands(found: Finding) -> tuple[str, ...]:
    return found.recommendation.commands if found.recommendation else ()


@quiet("low-snr", "low-snr-outlier", "noise-not-analysed")
@pytest.mark.parametrize(
    "snr",
    [
        row(10.01, 11.0, 25.0),
        row(*USUAL, 25.6),  # the fence is at 30.75 - 1.5 * 3.5 = 25.5
        row(*USUAL[:6], 12.0),  # 7 layers: too few to call one of them an outlier
        row(*[32.0] * 8, 29.1),  # no spread at all, but less than twice the noise
        row(*[40.0] * 8, 30.0),  # far below the others, but good enough for every output
        row(np.inf, -np.inf, 25.0),
        {**row(25.0), "input_layer1": 2.0, "output_layer1": 3.0},
        {**row(*USUAL, 30.5), "nms1": 1.0, "argmax1": 0.0},
    ],
    ids=[
        "above 10 dB",
        "within the fence",
        "too few layers",
        "too small a gap",
        "good enough",
        "infinite",
        "inputs and outputs",
        "nms and argmax",
    ],
)
def test_quiet(snr: dict[str, float]) -> None:
    assert inspect(snr) == []


@loud("low-snr", "low-snr-outlier")
@pytest.mark.parametrize(
    ("snr", "expected"),
    [
        (row(10.0, 25.0), [("low-snr", ("net/conv1",))]),
        (row(-3.0, 25.0, 9.9), [("low-snr", ("net/conv1", "net/conv3"))]),
        (row(*USUAL, 25.4), [("low-snr-outlier", ("net/conv8",))]),
        (row(*[32.0] * 8, 28.9), [("low-snr-outlier", ("net/conv9",))]),
        (row(*[40.0] * 8, 29.9), [("low-snr-outlier", ("net/conv9",))]),
        (row(9.0, *USUAL), [("low-snr", ("net/conv1",))]),
        (
            row(9.0, *USUAL, *USUAL, 18.0),
            [("low-snr", ("net/conv1",)), ("low-snr-outlier", ("net/conv16",))],
        ),
    ],
)
def test_loud(snr: dict[str, float], expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert summary(inspect(snr)) == [(id, "warning", layers) for id, layers in expected]


@pytest.mark.parametrize("key", ["snr", "partial_snr"])
@pytest.mark.parametrize("value", [4.0, [4.0], [12.0, 4.0], [[np.nan, 4.0]]])
def test_both_analyses_of_any_shape_are_read(key: str, value: Any) -> None:
    (found,) = inspect({"conv1": value, "conv2": 20.0}, key=key)
    assert found.measured == {"net/conv1": 4.0}
    assert "stored in the archive" in found.evidence


def test_the_worst_layer_is_named_first() -> None:
    (found,) = inspect(row(8.0, 3.0))
    assert found.evidence.startswith("SNR at net/conv2 3.0 dB and net/conv1 8.0 dB; ")


@loud("noise-not-analysed")
@pytest.mark.parametrize(
    ("snr", "metadata", "level_is_blamed"),
    [
        ({}, {}, True),
        ({}, {"mo_flavor": {"optimization_level": 2, "compression_level": 0}}, False),
        ({}, {"mo_flavor": None}, False),
        (row(np.nan, np.nan), {}, True),
    ],
)
def test_noise_not_analysed(
    snr: dict[str, float], metadata: dict[str, Any], level_is_blamed: bool
) -> None:
    (found,) = inspect(snr, **metadata)
    assert summary([found]) == [("noise-not-analysed", "info", ())]
    assert found.remedy == "Pass the calibration set with -d."
    assert found.command == ""
    assert ("level 0" in found.evidence) == level_is_blamed
    assert found.recommendation is None


def test_one_statement_for_each_mode() -> None:
    (found,) = inspect(
        {"conv1": 4.0, "matmul1": 4.0, "conv2": 4.0, "conv3": 4.0},
        modes={"conv3": "a16_w16_a16"},
    )
    assert commands(found) == (
        "quantization_param([net/conv1, net/conv2], precision_mode=a16_w16)",
        "quantization_param([net/matmul1], precision_mode=a8_w8_a16)",
    )


def test_nothing_is_recommended_where_nothing_would_change() -> None:
    (found,) = inspect({"conv1": 4.0}, modes={"conv1": "a16_w16_a16"})
    assert (found.id, found.recommendation) == ("low-snr", None)


@pytest.mark.parametrize(
    ("layer", "target", "mode", "said"),
    [
        ("conv1", "hailo8", "a8_w8_a8", ""),
        ("matmul1", "hailo8", "a8_w8_a8", ""),
        ("conv1", "hailo8", "a16_w16_a16", "conv layers accept on hailo8 already (a16_w16)"),
        ("matmul1", "hailo8", "a8_w8_a16", "accept on hailo8 already (a8_w8_a16)"),
        ("softmax1", "hailo10h", "a8_w8_a8", "softmax layers are kept at 8 bit on hailo10h"),
        ("maxpool1", "hailo8", "a8_w8_a8", "maxpool layers hand on the codes"),
        ("concat1", "hailo8", "a8_w8_a8", "concat layers hand on the codes"),
    ],
)
def test_what_forbids_more_bits_is_told(layer: str, target: str, mode: str, said: str) -> None:
    (found,) = inspect({layer: 4.0}, modes={layer: mode}, hw_arch=target)
    assert bool(found.recommendation) == (not said)
    assert ("no more bits" in found.evidence) == bool(said)
    assert said in found.evidence
    assert found.remedy.startswith("Pass the calibration set" if said else f"Give net/{layer} more")


def test_outliers_get_the_same_recommendation() -> None:
    (found,) = inspect(row(*USUAL, 20.0))
    assert commands(found) == ("quantization_param([net/conv8], precision_mode=a16_w16)",)
    assert found.measured["first_quartile"] == pytest.approx(30.75)
    assert found.measured["third_quartile"] == pytest.approx(34.25)


@pytest.mark.parametrize("snr", [row(9.0), row(*USUAL, 20.0)])
def test_without_data_lines_wait_to_be_accepted(snr: dict[str, float]) -> None:
    (found,) = inspect(snr)
    assert found.recommendation is not None
    assert "not tried" in found.recommendation.question
    assert not found.recommendation.default


def measured(
    layers: Mapping[str, float | LayerNoise],
    stored: Mapping[str, Any] | None = None,
    plan: MixedPrecisionPlan | None = None,
    mode: str = "a8_w8_a8",
    **context: Any,
) -> list[Finding]:
    """What is said of layers whose noise was measured, in a model with these layers."""
    names = [name for name in layers if name not in ("input_layer1", "output_layer1")]
    within = [build_layer(name, mode=mode) for name in names]
    model = build_model(
        [build_layer("input_layer1"), *within, build_layer("output_layer1")],
        analysis={f"{n}/layer_noise_analysis/snr": value for n, value in (stored or {}).items()},
    )
    measurements = build_noise_measurements(build_noise(layers, **context), plan=plan)
    return list(HighPrecisionInspector().inspect(build_context(model, measurements)))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (row(10.01, 25.0), []),
        (row(10.0, 25.0), [("low-snr", "conv1")]),
        ({"input_layer1": 3.0, **row(25.0), "nms1": 1.0, "output_layer1": 2.0}, []),
        (row(np.inf, -np.inf, np.nan), []),
        ({"conv1": 4.0, "maxpool1": build_layer_noise(4.0, clipped=None)}, [("low-snr", "conv1")]),
        (row(*USUAL, 25.6), []),
        (row(*USUAL, 25.4), [("low-snr-outlier", "conv8")]),
    ],
)
def test_measured_ratios_are_judged_like_stored_ones(
    layers: dict[str, float | LayerNoise], expected: list[tuple[str, str]]
) -> None:
    found = measured(layers)
    assert summary(found) == [(id, "warning", (scoped(name),)) for id, name in expected]
    for f in found:
        assert "measured over 64 samples with everything quantized" in f.evidence
        assert f.recommendation is None


def test_a_stored_analysis_comes_before_our_own() -> None:
    found = measured(row(4.0, 25.0), stored={"conv2": 5.0})
    assert summary(found) == [("low-snr", "warning", ("net/conv2",))]
    assert "stored in the archive" in found[0].evidence
    # With data only the plan speaks of lines.
    assert found[0].recommendation is None


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        (None, "could not be measured with the data given: not run"),
        (build_noise({}), "could not be measured with the data given: not run"),
        (build_noise({}, not_measured={"conv1": "no operation"}), "data given: no operation"),
        (build_noise({"input_layer1": 40.0}), "could not be measured"),
    ],
)
def test_data_that_yield_no_noise_say_why(noise: NoiseMeasurements | None, reason: str) -> None:
    context = build_context(measurements=build_noise_measurements(noise))
    found = list(HighPrecisionInspector().inspect(context))
    assert summary(found) == [("noise-not-analysed", "info", ())]
    assert reason in found[0].evidence
    assert found[0].command == "hailo analyze-noise model.har --data-path calib.npy"


@pytest.mark.parametrize(
    ("failed", "said"),
    [(False, "Pass the calibration set with -d."), (True, "Pass data that fit the network.")],
)
def test_without_data_it_says_how_to_give_some(failed: bool, said: str) -> None:
    context = replace(build_context(), data_failed=failed)
    (found,) = HighPrecisionInspector().inspect(context)
    assert found.remedy == said
    assert ("could not be measured" in found.evidence) == failed


def test_noisy_layers_follow_what_is_known_of_the_outputs() -> None:
    noisy = row(4.0, 25.0)
    (found,) = measured(noisy)
    assert "all outputs are clean enough nevertheless" in found.evidence
    assert found.remedy.startswith("Leave these layers as they are")
    (found,) = measured(noisy | {"output_layer1": -np.inf})
    assert "all outputs reach" not in found.evidence
    assert found.remedy.startswith("Pass samples")
    _, found = measured(noisy, plan=plan({OUTPUT: 24.1}))
    assert found.remedy == "Give net/conv1 and net/conv2 16 bit and quantize again."
    _, found = measured(noisy, plan=plan({OUTPUT: 5.3}, obstacle="its range ends", modes={}))
    assert found.remedy.startswith("Quantize again at optimization level 2")


def test_a_noisy_layer_of_four_bit_weights_gets_eight_before_any_training() -> None:
    missed = plan({OUTPUT: 5.3}, obstacle="its range ends", modes={})
    for mode, remedy in (("a8_w4_a8", "Give net/conv1 8-bit weights"), ("a8_w8_a8", "Quantize")):
        *_, found = measured(row(4.0, 25.0), plan=missed, mode=mode)
        assert found.id == "low-snr"
        assert found.remedy.startswith(remedy)


OUTPUT, SECOND = scoped("output_layer1"), scoped("output_layer2")
GOOD = row(30.0, 31.0, 32.0)


def plan(found: Mapping[str, float], **changes: Any) -> MixedPrecisionPlan:
    return MixedPrecisionPlan(
        **{
            "target_db": 20.0,
            "modes": {"net/conv2": "a16_w16", "net/conv1": "a8_w8_a16", "net/conv3": "a16_w16"},
            "before": outcomes(dict.fromkeys(found, 12.5)),
            "after": outcomes(found),
            "predicted": outcomes({OUTPUT: 24.5}),
            "weight_share": 0.31,
            "mac_share": 0.444,
            "trials": 7,
            **changes,
        }
    )


@loud("mixed-precision-plan")
def test_a_proven_plan_goes_into_the_script() -> None:
    (found,) = measured(GOOD, plan=plan({OUTPUT: 24.1}))
    assert summary([found]) == [
        ("mixed-precision-plan", "info", ("net/conv1", "net/conv2", "net/conv3"))
    ]
    assert found.recommendation is not None
    assert found.recommendation.default
    assert not found.recommendation.question
    assert commands(found) == (
        "quantization_param([net/conv2, net/conv3], precision_mode=a16_w16)",
        "quantization_param([net/conv1], precision_mode=a8_w8_a16)",
    )
    assert found.recommendation.proven
    assert found.recommendation.gain == Gain("SNR in dB at net/output_layer1", 12.5, 24.1)
    assert found.headline == "Three layers at 16 bit bring every output to 20 dB"
    assert found.evidence == (
        "net/output_layer1: SNR 12.5 dB before, 24.1 dB after, emulated over 64 samples; 31% of "
        "the weights and 44% of the multiply-accumulates then have 16 bit"
    )
    assert found.remedy == (
        "Give net/conv1, net/conv2 and net/conv3 16 bit with these lines and quantize again."
    )
    assert "costs frames per second" in found.why
    assert found.measured == {
        "target": 20.0,
        f"{OUTPUT} before": 12.5,
        f"{OUTPUT} after": 24.1,
        f"{OUTPUT} predicted": 24.5,
        "weight_share": 0.31,
        "mac_share": 0.444,
    }


@quiet("mixed-precision-plan")
@pytest.mark.parametrize(
    ("after", "changes"),
    [({OUTPUT: 24.1}, {"modes": {}}), ({}, {"modes": {}}), ({OUTPUT: 20.0}, {"modes": {}})],
)
def test_a_target_that_is_met_needs_no_plan(
    after: dict[str, float], changes: dict[str, Any]
) -> None:
    assert measured(GOOD, plan=plan(after, **changes)) == []


@loud("mixed-precision-plan")
def test_a_plan_says_which_decisions_come_back() -> None:
    modes = {"net/conv2": "a16_w16"}
    decided = {"before": {OUTPUT: build_classes(18, -3.2)}, "after": {OUTPUT: build_classes(64)}}
    (found,) = measured(GOOD, plan=plan({}, modes=modes, **decided))
    assert found.headline == "With 16 bit at one layer the chip decides as the float network does"
    assert found.evidence.startswith(
        f"{OUTPUT}: the same class as in float comes first in 18 of 64 samples before, 64 of 64 "
        "after, SNR -3.2 dB before, 30.0 dB after, emulated over 64 samples; "
    )
    assert found.recommendation is not None
    assert found.recommendation.proven
    assert found.recommendation.gain == Gain(
        f"share of samples whose class stays the same at {OUTPUT}", 18 / 64, 1.0
    )


@pytest.mark.parametrize(
    ("same", "is_asked", "proven"), [(64, False, False), (64, True, True), (60, False, True)]
)
def test_lines_are_proven_by_decisions_unless_somebody_asked_for_a_ratio(
    same: int, is_asked: bool, proven: bool
) -> None:
    decided = {"before": {OUTPUT: build_classes(same, 9)}, "after": {OUTPUT: build_classes(64, 25)}}
    (found,) = measured(GOOD, plan=plan({}, **decided, is_asked=is_asked))
    assert found.recommendation is not None
    assert (found.recommendation.proven, found.recommendation.default) == (proven, proven)
    assert bool(found.recommendation.question) is not proven
    assert found.remedy.startswith("Give" if proven else "Add these lines only if")


def test_a_pooled_ratio_that_single_samples_gain_proves_nothing() -> None:
    before, after = {OUTPUT: build_outcome(15.3, -1.9)}, {OUTPUT: build_outcome(27, -1.2)}
    (found,) = measured(GOOD, plan=plan({}, before=before, after=after))
    assert found.recommendation is not None
    assert not found.recommendation.proven
    assert "SNR of the median sample -1.9 dB before, -1.2 dB after" in found.evidence


NO_HELP = "16 bit does not help here"
TOO_LITTLE = "16 bit alone does not bring every output to 20 dB"


@pytest.mark.parametrize(
    ("after", "obstacle", "missed", "numbers", "headline"),
    [
        ({OUTPUT: 5.3}, "its range ends", [OUTPUT], "", NO_HELP),
        ({OUTPUT: 13.4}, "its range ends", [OUTPUT], "", NO_HELP),
        ({OUTPUT: 13.6}, "range ends", [OUTPUT], "12.5 dB before, 13.6 dB after", TOO_LITTLE),
        ({OUTPUT: 5.3, SECOND: 13.0}, "codes end", [OUTPUT, SECOND], "", NO_HELP),
        (
            {SECOND: 19.9, OUTPUT: 5.3},
            "noise",
            [SECOND, OUTPUT],
            "12.5 dB before, 19.9 dB after",
            TOO_LITTLE,
        ),
        ({OUTPUT: -np.inf}, "it is always 0", [OUTPUT], "", NO_HELP),
        # What few samples reach, all of them may miss.
        ({OUTPUT: 20.4}, "more fall short", [OUTPUT], "12.5 dB before, 20.4 dB after", TOO_LITTLE),
    ],
)
def test_a_target_out_of_reach_says_the_best_and_what_is_in_the_way(
    after: dict[str, float], obstacle: str, missed: list[str], numbers: str, headline: str
) -> None:
    found = measured(GOOD, plan=plan(after, obstacle=obstacle, modes={}, missed=tuple(missed)))
    assert summary(found) == [("mixed-precision-plan", "info", tuple(missed))]
    assert found[0].recommendation is None
    assert found[0].headline == headline
    assert numbers in found[0].evidence
    assert found[0].evidence.endswith(obstacle)
    # A best that is no better, or worse, than nothing is no number to be shown.
    assert ("dB" in found[0].evidence) == bool(numbers)
    assert (f"{missed[0]} after" in found[0].measured) == bool(numbers)


def test_an_output_that_cannot_be_run_with_16_bit_is_said_to_be_unknown() -> None:
    changes = {"obstacle": "who knows", "modes": {}, "missed": (OUTPUT,)}
    (found,) = measured(GOOD, plan=plan({}, before=outcomes({OUTPUT: 12.5}), **changes))
    assert found.headline == "A plan for 16 bit cannot be tried at every output"
    assert found.evidence == "who knows"


def test_decisions_that_no_set_brings_back_are_said() -> None:
    decided = {"before": {OUTPUT: build_classes(25)}, "after": {OUTPUT: build_classes(46)}}
    changes = {"obstacle": "few samples hold it", "modes": {}, "missed": (OUTPUT,)}
    (found,) = measured(GOOD, plan=plan({}, **decided, **changes))
    assert found.headline == "16 bit alone does not bring back enough of the lost decisions"
    assert "in 25 of 64 samples before, 46 of 64 after" in found.evidence


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        (("net/conv1",), "; tried at net/conv1; "),
        (("net/conv1", "net/conv2", "net/conv3"), "tried at net/conv1, net/conv2 and net/conv3; "),
        (tuple(f"net/conv{n}" for n in range(12)), "; 12 layers were tried; "),
    ],
)
def test_layers_that_were_tried_in_vain_are_named_if_they_are_few(
    candidates: tuple[str, ...], said: str
) -> None:
    changes = {"obstacle": "codes end", "modes": {}, "candidates": candidates}
    (found,) = measured(GOOD, plan=plan({OUTPUT: 15.3}, **changes))
    assert said in found.evidence


def test_the_worst_output_of_a_plan_comes_first_and_exact_ones_are_said_in_words() -> None:
    (found,) = measured(GOOD, plan=plan({SECOND: np.inf, OUTPUT: 24.1}))
    assert found.evidence.startswith(
        f"{OUTPUT}: SNR 12.5 dB before, 24.1 dB after; {SECOND}: SNR 12.5 dB before, no noise "
        "after, emulated over"
    )
    assert found.recommendation is not None
    assert found.recommendation.gain == Gain(f"SNR in dB at {OUTPUT}", 12.5, 24.1)


def test_the_gain_is_that_of_the_worst_output() -> None:
    before = outcomes({OUTPUT: 14.0, SECOND: 9.0})
    (found,) = measured(GOOD, plan=plan({OUTPUT: 20.1, SECOND: 26.0}, before=before))
    assert found.recommendation is not None
    assert found.recommendation.gain == Gain(f"SNR in dB at {SECOND}", 9.0, 26.0)


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_of_level_0_hold_no_analysis(name: str) -> None:
    found = list(HighPrecisionInspector().inspect(build_context(sample_model(name))))
    assert summary(found) == [("noise-not-analysed", "info", ())]
