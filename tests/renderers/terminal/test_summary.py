from __future__ import annotations

import math
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from tests.renderers.hostile import NAMES, hostile_report
from tests.renderers.terminal.reports import (
    EXPLAINED,
    LINE,
    RESULTS,
    ROOT,
    WEAK,
    measurements,
    noise,
    report,
    whole_text,
)
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.findings import InspectorResult, Recommendation, Severity
from utils.measurements import Measurements
from utils.measurements.agreement import AgreementMeasurements
from utils.report import Report
from utils.terminal.layout import display_width


def shown(width: int | None = None, **changes: Any) -> list[str]:
    return whole_text(report(**changes), width).splitlines()


def section(lines: list[str], heading: str) -> list[str]:
    """Lines under a heading, up to the next empty one."""
    start = next(i for i, line in enumerate(lines) if line.startswith(heading))
    rest = [*lines[start + 1 :], ""]
    return rest[: rest.index("")]


def layers_of(table: list[str]) -> list[str]:
    rows = takewhile(lambda line: not line.startswith(("  here:", "  and ", "  (")), table[1:])
    return [row.split()[0] for row in rows]


def many_layers(count: int) -> Report:
    """Conv layers, of which the later ones are the noisier, alone and together with the others."""
    names = [f"conv{i}" for i in range(count)]
    model = build_model([build_layer(n) for n in ("input_layer1", *names, "output_layer1")])
    measured = build_noise(
        {name: 50.0 - i for i, name in enumerate(names)},
        sensitivity={name: 50.0 - i for i, name in enumerate(names)},
    )
    return report(model=model, measurements=build_noise_measurements(measured), results=())


def test_nothing_found_and_no_data_is_said_in_one_line() -> None:
    assert shown(measurements=None, results=()) == [
        "",
        "Verdict: No errors and no warnings; without data the noise was not measured.",
    ]


def test_without_noise_there_are_no_tables() -> None:
    text = whole_text(report(measurements=Measurements(8, {})), 80)
    assert "SNR in dB" not in text


def test_outputs_have_the_snr_of_the_median_sample_where_samples_were_measured_one_by_one() -> None:
    assert section(shown(), "Outputs over")[0].split() == ["output", "SNR", "bias", "fed", "by"]
    floats = values(64, 1, 4)
    floats[0] *= 100.0
    chip = floats + 0.1
    chip[0] = 0.0
    output = agreeing(batch_of(floats, coded(chip), range(64)), "regression")
    measured = build_noise_measurements(build_noise({"output_layer1": 0.1}), 64)
    found = replace(measured, agreement=AgreementMeasurements({"net/output_layer1": output}))
    lines = shown(measurements=found)
    assert "Outputs over 64 samples, SNR in dB of all together and of the median sample" in lines
    head, row = section(lines, "Outputs over")[:2]
    assert head.split()[:3] == ["output", "all", "median"]
    together, median = map(float, row.split()[1:3])
    assert together == 0.1
    assert median > 10


def test_a_run_that_is_not_whole_says_so_last() -> None:
    lines = shown(failures=("the data do not fit",), results=())
    assert lines[-2] == "[error] Incomplete: the data do not fit"
    assert lines[-1].startswith("Verdict: The run is incomplete, so more may be wrong; ")
    lines = shown(results=(InspectorResult("A", crashed="KeyError: 'a'"),))
    assert "[error] Incomplete: A crashed and did not finish: KeyError: 'a'" in lines


def test_at_most_eight_layers_are_told_the_worst_first() -> None:
    table = section(whole_text(many_layers(300), 80).splitlines(), "Worst layers")
    assert layers_of(table) == [f"conv{i}" for i in range(299, 291, -1)]
    assert "  and 292 more layers (all are in the --json report)" in table


def test_without_sensitivity_the_noise_at_the_layer_decides() -> None:
    lines = shown(measurements=measurements(noise=noise(sensitivity=None)))
    table = section(lines, "Worst layers")
    assert layers_of(table) == ["conv1", "conv2", "input_layer1"]
    assert "alone" not in "".join(table)


@pytest.mark.parametrize("db", [math.inf, 140.0])
def test_layers_without_noise_to_speak_of_are_left_out(db: float) -> None:
    quiet = build_noise(
        {"conv1": 3.0, "conv2": db, "output_layer1": 3.0}, sensitivity={"conv1": 3.0, "conv2": db}
    )
    table = section(shown(measurements=build_noise_measurements(quiet)), "Worst layers")
    assert layers_of(table) == ["conv1"]


@pytest.mark.parametrize(("db", "said"), [(math.nan, "nan"), (-math.inf, "no signal")])
def test_what_is_no_number_is_the_worst(db: float, said: str) -> None:
    odd = build_noise(
        {"conv1": 3.0, "conv2": 30.0, "output_layer1": 3.0}, sensitivity={"conv1": 3.0, "conv2": db}
    )
    table = section(shown(measurements=build_noise_measurements(odd)), "Worst layers")
    assert layers_of(table) == ["conv2", "conv1"]
    assert f" {said} " in table[1]


def test_of_many_outputs_the_worst_are_told() -> None:
    outputs = [f"output_layer{i}" for i in range(1, 11)]
    layers = [build_layer("input_layer1"), build_layer("conv1")]
    layers += [build_layer(name, "output_layer", ["conv1"]) for name in outputs]
    measured = build_noise({name: 30.0 - i for i, name in enumerate(outputs)})
    whole = report(model=build_model(layers), measurements=build_noise_measurements(measured))
    table = section(whole_text(whole, 80).splitlines(), "Outputs")
    assert layers_of(table) == outputs[:1:-1]
    assert "  and 2 more outputs (all are in the --json report)" in table


def test_a_line_of_the_script_is_told_once_with_all_who_ask_for_it() -> None:
    line = Recommendation(("f(1)", "f(2)"))
    asking = [replace(WEAK, id=name, recommendation=line) for name in ("a", "b", "a")]
    weaker = replace(WEAK, id="c", recommendation=replace(line, default=False))
    results = (InspectorResult("AInspector", (weaker, *asking)),)
    lines = shown(results=results)
    assert section(lines, "Model script lines recommended") == ["  # c, a, b", "  f(1)", "  f(2)"]
    assert not any(line.startswith("Model script lines to try") for line in lines)


def test_lines_are_told_apart_by_what_stands_behind_them() -> None:
    kinds = (
        Recommendation(("f(1)",), proven=True),
        Recommendation(("f(2)",)),
        Recommendation(("f(3)",), default=False),
        Recommendation(("f(4)",), ranges={"net/conv1": (0.0, 1.0)}),
    )
    found = tuple(replace(WEAK, recommendation=kind) for kind in kinds)
    lines = shown(results=(InspectorResult("AInspector", found),))
    for heading, command in (
        ("Model script lines that helped in emulation", "f(1)"),
        ("Model script lines recommended", "f(2)"),
        ("Model script lines to try", "f(3)"),
        ("Not proven by a trial", "f(4)"),
    ):
        assert section(lines, heading) == ["  # low-snr", f"  {command}"]


COPYABLE = ("quantization_param(", "hailo optimize ")


def alone(**changes: Any) -> dict[str, Any]:
    """Changes of a report to one with a single finding."""
    return {"results": (InspectorResult("A", (replace(WEAK, **changes),)),)}


def test_the_next_step_is_the_last_word_with_its_commands() -> None:
    advice = {"remedy": "Look at net/conv1.", "recommendation": None}
    assert shown(**alone(**advice))[-1] == "Next: Look at conv1."
    lines = shown(**alone(**advice, command="hailo optimize net.har"))
    assert lines[-2:] == ["Next: Look at conv1.", "    hailo optimize net.har"]
    lines = shown(**alone(remedy="Do it.", recommendation=Recommendation(("f(1)", "f(2)"))))
    assert lines[-3:] == ["Next: Do it.", "    f(1)", "    f(2)"]
    assert shown(**alone(remedy="", recommendation=None))[-1].startswith("Verdict: ")


def test_findings_that_ask_for_the_same_are_told_once() -> None:
    twins = [replace(WEAK, recommendation=None, layers=(f"net/conv{i}",)) for i in range(1, 6)]
    lines = shown(results=(InspectorResult("A", tuple(twins)),))
    assert section(lines, "Findings") == [
        "[warning] Two layers are mostly noise at conv1, conv2, net/conv3 and 2 more [low-snr]",
        "    Give conv1 16 bit with this line and quantize again.",
    ]


def test_a_headline_that_names_its_layer_needs_no_place() -> None:
    named = alone(headline="Most of net/conv1, is noise", layers=("net/conv1",))
    assert "[warning] Most of conv1, is noise [low-snr]" in shown(**named)


def test_an_output_is_named_where_there_are_several() -> None:
    one = alone(headline="It is noise", layers=("net/output_layer1",))
    assert "[warning] It is noise [low-snr]" in shown(**one)
    layers = [build_layer(name) for name in ("input_layer1", "conv1", "output_layer1")]
    several = build_model([*layers, build_layer("output_layer2", inputs=["conv1"])])
    assert "[warning] It is noise at output_layer1 [low-snr]" in shown(**one, model=several)


def test_a_cause_is_not_shown_where_nothing_that_it_explains_asks_for_anything() -> None:
    quiet: dict[str, Any] = {"severity": Severity.INFO, "remedy": "", "recommendation": None}
    results = (InspectorResult("A", (replace(EXPLAINED, **quiet), replace(ROOT, **quiet))),)
    lines = shown(results=results)
    assert "Causes" not in lines
    assert "2 infos that need no action (-v shows which)" in lines


def test_what_is_only_seen_with_others_is_neither_sure_nor_unsure() -> None:
    seen = replace(ROOT, id="output-snr-low", layers=())
    lines = shown(results=(InspectorResult("A", (replace(EXPLAINED, layers=()), seen)),))
    assert section(lines, "Causes")[1] == "    comes with 1 finding: noise-concentrated"


def test_what_a_cause_explains_is_counted_by_id() -> None:
    many = [
        replace(EXPLAINED, layers=("net/conv1",)),
        replace(EXPLAINED, layers=("net/conv2", "net/output_layer1")),
        replace(WEAK, id="worst-samples", layers=(), severity=Severity.ERROR),
    ]
    cause = replace(ROOT, layers=())
    lines = shown(results=(InspectorResult("A", (*many, cause)),))
    assert section(lines, "Causes")[1] == (
        "    explains 3 findings: worst-samples and noise-concentrated in 3 layers; "
        "the finding is certain: it is counted or read"
    )
    assert not any(line == "Other findings" for line in lines)
    assert "1 cause and 3 consequences" in lines


def test_what_the_verdict_names_first_stands_first() -> None:
    noisy, note = replace(WEAK, id="output-snr-low"), replace(WEAK, id="noise-concentrated")
    unread = replace(WEAK, id="calibration-file-kind", severity=Severity.ERROR)
    wasteful = replace(WEAK, id="calibration-dtype", severity=Severity.INFO, recommendation=None)
    pair = InspectorResult("AInspector", (noisy, note, wasteful))
    quiet = section(shown(results=(pair,)), "Causes")
    assert quiet[0].endswith("[output-snr-low]")
    lines = shown(results=(pair, InspectorResult("BInspector", (unread,))))
    causes = section(lines, "Causes")
    assert causes[0].endswith("[calibration-file-kind]")
    assert any(line.endswith("[output-snr-low]") for line in causes)
    assert section(lines, "Other findings")[0].endswith("[calibration-dtype]")
    assert "2 causes, 1 consequence and 1 other finding" in lines


def test_lines_that_a_wrong_calibration_explains_are_not_offered() -> None:
    wrong = replace(ROOT, id="calibrated-on-noise", severity=Severity.ERROR, layers=())
    lines = shown(results=(InspectorResult("A", (wrong, WEAK, LINE)),))
    assert "  model_optimization_flavor(optimization_level=2)" in lines
    assert not any("quantization_param" in line for line in lines)
    assert lines[-1] == "Next: Let equalization balance the channels."


def test_an_earlier_run_stands_beside_the_verdict() -> None:
    baseline = BaselineComparison(
        "before.json",
        (ChangedFinding("low-snr", "fixed", "warning", "warning", "A", "x", ("net/conv1",)),),
        outputs=(SnrChange("net/output_layer1", 9.0, 9.5),),
    )
    lines = shown(baseline=baseline)
    start = lines.index("[info] Against before.json: 1 fixed")
    assert lines[start + 1 : start + 4] == [
        "[info] Fixed: low-snr at conv1",
        "[info] SNR at output output_layer1: 9.5 dB, before 9.0 dB (+0.5 dB)",
        "",
    ]
    assert lines[start + 4].startswith("Verdict: ")
    assert "; better than before.json: 9.0 -> 9.5 dB, 1 fixed." in lines[start + 4]


def test_layers_that_share_a_reason_share_a_line() -> None:
    unmeasured = {f"net/conv{i}": "unknown type" for i in range(7)} | {
        "net/dw1": "x",
        "net/dw2": "y",
    }
    run = measurements(not_measured=unmeasured, noise=noise(in_float={"net/conv1": "no integers"}))
    lines = shown(measurements=replace(run, not_measured=unmeasured | {"net/dw3": "z"}))
    assert [line for line in lines if line.startswith(("Not measured", "Run in"))] == [
        "Not measured: net/conv0, conv1, conv2 and 4 more: unknown type",
        "Not measured: net/dw1: x",
        "Not measured: net/dw2: y",
        "Not measured: 1 more layer (all are in the --json report)",
        "Run in float: conv1: no integers",
    ]


@pytest.mark.parametrize("is_verbose", [False, True])
@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_neither_break_lines_nor_forge_them(
    name: str, width: int, is_verbose: bool
) -> None:
    hostile = hostile_report(name)
    text = whole_text(hostile, width, is_verbose=is_verbose)
    assert text.replace("\n", "").isprintable()
    assert text.count("Verdict: ") == 1
    for line in text.splitlines():
        words = line.split()
        is_one_word = len(words) == 1 or (len(words) == 2 and words[0].startswith("["))
        may_be_wide = is_one_word or line.strip().startswith(COPYABLE)
        assert display_width(line) <= width or may_be_wide, line


def test_what_inspectors_had_nothing_to_say_of_is_counted() -> None:
    assert (
        "2 inspectors found nothing, 1 inspector had nothing to judge, 1 check could not be made "
        "in full and 1 assumption had to be made (-v shows which)"
    ) in shown()
    assert not any("found nothing" in line for line in shown(results=RESULTS[:1]))


def test_an_info_is_no_cause_of_infos() -> None:
    saturates = replace(
        WEAK, id="range-saturates", severity=Severity.INFO, remedy="", recommendation=None
    )
    low = replace(WEAK, id="low-snr", severity=Severity.INFO)
    lines = shown(results=(InspectorResult("A", (saturates, low)),))
    assert "Causes" not in lines
    assert "2 infos that need no action (-v shows which)" in lines
    grave = shown(
        results=(InspectorResult("A", (replace(saturates, severity=Severity.WARNING), low)),)
    )
    assert section(grave, "Causes")[0].endswith("[range-saturates]")
