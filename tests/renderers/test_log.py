from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_measurements, build_model
from tests.fixtures.diagnosed import diagnosed
from utils.baseline import BaselineComparison
from utils.causes.explanations import Where, explains
from utils.findings import Finding, InspectorResult, NotChecked, Recommendation, Severity
from utils.measurements import Measurements
from utils.measurements.noise import LayerNoise, NoiseMeasurements, TensorNoise
from utils.renderers import log as console
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.terminal.phases import Spent

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


def finding(severity: Severity = INFO, **changes: Any) -> Finding:
    plain = Finding(id="a-problem", severity=severity, headline="It is 3 dB")
    return replace(plain, **changes)


def report(*results: InspectorResult, **changes: Any) -> Report:
    return diagnosed(replace(Report(build_model(), "embedded", None, None, results), **changes))


def summary(whole: Report) -> list[str]:
    """The summary between the counts and the verdict."""
    _, *lines, last = (text for _, text in console.summary_lines(whole))
    assert last.startswith("Verdict: ")
    return lines


def test_a_finding_is_one_line_that_ends_with_its_id() -> None:
    assert list(console.finding_lines(finding(WARNING))) == [(WARNING, "It is 3 dB. [a-problem]")]


def test_recommended_commands_follow_their_finding() -> None:
    lines = console.finding_lines(
        finding(ERROR, recommendation=Recommendation(("first(1)", "second(2)")))
    )
    assert list(lines) == [
        (ERROR, "It is 3 dB. [a-problem]"),
        (INFO, "    Recommended: first(1)"),
        (INFO, "    Recommended: second(2)"),
    ]


def test_commands_that_need_a_trial_are_marked() -> None:
    recommendation = Recommendation(("clip(1)",), ranges={"net/conv1": (0.0, 1.0)})
    lines = list(console.finding_lines(finding(recommendation=recommendation)))
    assert lines[1] == (INFO, "    Not proven by a trial: clip(1)")


def test_a_crash_is_an_error_that_names_the_inspector() -> None:
    lines = list(console.result_lines(InspectorResult("XInspector", crashed="KeyError: 'a'")))
    assert lines == [(ERROR, "XInspector crashed and did not finish: KeyError: 'a'")]


def test_a_skipped_inspector_says_why() -> None:
    lines = list(console.result_lines(InspectorResult("XInspector", skipped=NotChecked("no data"))))
    assert lines == [(INFO, "Skipped XInspector: no data")]


def test_the_summary_counts_and_names_what_was_not_checked() -> None:
    whole = report(
        InspectorResult("AInspector", (finding(ERROR), finding(INFO), finding(INFO))),
        InspectorResult("BInspector", skipped=NotChecked("it takes data", "pass them with -d")),
        InspectorResult("CInspector", crashed="ValueError: x"),
        InspectorResult("DInspector", skipped=NotChecked("there is nothing to judge")),
        InspectorResult(
            "EInspector",
            not_checked=(NotChecked("the samples", "pass them with -d"), NotChecked("the rest")),
        ),
        failures=("the data do not fit",),
    )
    assert list(console.summary_lines(whole)) == [
        (INFO, "Summary: 1 error, 0 warnings, 2 infos, 0 consequences"),
        (INFO, "Not checked: CInspector: it crashed (ValueError: x)"),
        (INFO, "Not checked: EInspector: the rest"),
        (INFO, "Not checked by BInspector and EInspector (the samples): pass them with -d"),
        (ERROR, "Incomplete: the data do not fit"),
        (INFO, f"Verdict: {verdict(whole)}"),
    ]


def test_the_summary_ends_with_causes_verdict_and_next_step() -> None:
    cause = finding(WARNING, id="a-cause", remedy="Mend it.", command="hailo optimize net.har")
    own = (explains("a-cause", "a-problem", Where.ANYWHERE, ""),)
    result = InspectorResult("A", (finding(ERROR, layers=("net/conv1",)), cause))
    whole = replace(diagnosed(report(result), own), baseline=BaselineComparison("before.json"))
    assert list(console.summary_lines(whole)) == [
        (INFO, "Summary: 1 error, 0 warnings, 0 infos, 1 consequence"),
        (
            ERROR,
            "Cause: a-cause explains 1 finding: a-problem at conv1 (the finding is possible: a "
            "rule of thumb points to it)",
        ),
        (INFO, "Against before.json: no findings"),
        (INFO, f"Verdict: {verdict(whole)}"),
        (INFO, "Next: Mend it."),
        (INFO, "    hailo optimize net.har"),
    ]


def test_the_summary_names_assumptions_and_at_most_five_unmeasured_layers() -> None:
    unmeasured = {f"net/conv{i}": "unknown type" for i in range(7)}
    measurements = Measurements(8, {}, unmeasured, ("leaky has a slope of 0.1",))
    lines = summary(report(measurements=measurements))
    assert lines[0] == "Assumed: leaky has a slope of 0.1"
    assert lines[1] == "Not measured: net/conv0: unknown type"
    assert lines[-1] == "Not measured: 2 more layers (all are in the --json report)"
    assert len(lines) == 7


def noise_lines(
    signal: float = 100.0, noise: float = 1.0, samples: int = 64, **changes: Any
) -> list[str]:
    # One channel of 100 values; every value is off by the mean error, up to the noise there is.
    measured = LayerNoise(TensorNoise(signal, noise, np.array([5.0 * noise]), 100))
    layers = {"net/output_layer1": measured, "net/conv1": measured}
    measurements = Measurements(samples, {}, noise=NoiseMeasurements(layers, **changes))
    return summary(report(measurements=measurements))


def test_noise_is_summed_up_in_one_line_for_each_output() -> None:
    # SNR 10 log10(100 / 1); the mean error of 0.05 holds 100 * 0.05^2 of the noise energy 1.
    assert noise_lines() == [
        "Noise: output net/output_layer1 (conv1): SNR 20.0 dB over 64 samples, "
        "25% of the error is bias"
    ]
    assert noise_lines(samples=1)[0].count("over 1 sample,") == 1


@pytest.mark.parametrize(
    ("signal", "noise", "said"),
    [(100.0, 0.0, "no noise at all"), (0.0, 1.0, "noise, but no signal")],
)
def test_noise_without_a_finite_ratio_is_said_in_words(
    signal: float, noise: float, said: str
) -> None:
    assert noise_lines(signal, noise) == [
        f"Noise: output net/output_layer1 (conv1): {said} over 64 samples"
    ]


def test_without_noise_no_line_mentions_it() -> None:
    assert summary(report(measurements=build_measurements())) == []


def test_every_output_has_its_line_and_names_what_feeds_it() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("output_layer1", inputs=["conv1"]),
        build_layer("output_layer2", inputs=["conv2"]),
    ]
    measured = LayerNoise(TensorNoise(100.0, 1.0, np.zeros(3), 100))
    names = ("net/output_layer1", "net/output_layer2")
    noise = NoiseMeasurements(dict.fromkeys(names, measured))
    whole = report(model=build_model(layers), measurements=Measurements(64, {}, noise=noise))
    shown = [text.partition(":")[2] for text in summary(whole)]
    assert [text.partition(":")[0] for text in shown] == [
        " output net/output_layer1 (conv1)",
        " output net/output_layer2 (conv2)",
    ]


def test_layers_run_in_float_are_named_once_for_each_reason() -> None:
    same = {f"net/deconv{i}": "no integer form" for i in range(7)}
    assert noise_lines(in_float={"net/conv1": "no integers stored", **same})[1:] == [
        "Run in float: net/conv1: no integers stored",
        "Run in float: net/deconv0, net/deconv1, net/deconv2, net/deconv3, net/deconv4 "
        "and 2 more: no integer form",
    ]


def test_of_many_reasons_the_first_five_are_said_and_the_layers_behind_them_counted() -> None:
    in_float = {f"net/dw{i}": f"misfit {i // 2}" for i in range(13)}
    lines = noise_lines(in_float=in_float)[1:]
    assert len(lines) == 6
    assert lines[4] == "Run in float: net/dw8 and net/dw9: misfit 4"
    assert lines[5] == "Run in float: 3 more layers (all are in the --json report)"


def test_layers_without_noise_are_named_unless_they_were_not_measured_at_all() -> None:
    lacking = {f"net/x{i}": "no encoding" for i in range(6)}
    measured = LayerNoise(TensorNoise(100.0, 1.0, np.zeros(3), 100))
    noise = NoiseMeasurements(
        {"net/conv1": measured}, not_measured={"net/odd": "unknown type", **lacking}
    )
    measurements = Measurements(8, {}, {"net/odd": "unknown type"}, noise=noise)
    lines = summary(report(measurements=measurements))
    assert lines == [
        "Not measured: net/odd: unknown type",
        *(f"Noise not measured: net/x{i}: no encoding" for i in range(5)),
        "Noise not measured: 1 more layer (all are in the --json report)",
    ]


def test_the_time_is_told_by_phase_in_one_line() -> None:
    spent = (Spent("reading the archive", 0.66), Spent("searching", 6.0, "40 of 103 layers"))
    said = "Time: reading the archive 0.7 s, searching 6.0 s (40 of 103 layers)"
    assert console.time_line(spent) == said


def test_exit_codes() -> None:
    clean = report(measurements=build_measurements())
    warned = report(InspectorResult("A", (finding(WARNING),)))
    crashed = report(InspectorResult("A", (finding(ERROR),), crashed="x"))
    assert [clean.exit_code(level) for level in (None, WARNING, ERROR)] == [0, 0, 0]
    assert [warned.exit_code(level) for level in (None, WARNING, ERROR)] == [0, 1, 0]
    assert [crashed.exit_code(level) for level in (None, WARNING, ERROR)] == [2, 2, 2]
    assert report(failures=("no",)).exit_code(None) == 2


def test_the_model_line_names_what_matters_and_tolerates_gaps() -> None:
    assert console.model_line(build_model()) == (
        "Model net: quantized_model, hailo8, DFC 3.33.0, 3 layers, "
        "optimization level 0, compression level 0"
    )
    bare = build_model(mo_flavor=None, hw_arch="", sdk_version="")
    assert console.model_line(bare) == (
        "Model net: quantized_model, chip not recorded, DFC not recorded, 3 layers"
    )
