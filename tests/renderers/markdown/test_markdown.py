from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.fixtures.diagnosed import diagnosed
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from tests.renderers.hostile import NAMES, hostile_baseline, hostile_report
from tests.renderers.pages import Page, harmless_page
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.causes.explanations import Where, explains
from utils.findings import Finding, InspectorResult, Location, NotChecked, Recommendation, Severity
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.measurements.agreement import AgreementMeasurements
from utils.renderers import markdown
from utils.report import Report
from utils.wording import printable

GITHUB_LIMIT = 65_536
INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
MEANING = "it is `a < 3` <b>, see @octocat. Mend it."
A_PROBLEM = FindingDoc("a-problem", ("error",), MEANING, "AInspector")
DOCS = Documentation((InspectorDoc("AInspector", "Is it right?", "", (A_PROBLEM,)),))


def finding(severity: Severity = ERROR, **changes: Any) -> Finding:
    return replace(Finding("a-problem", severity, "It is 3 dB"), **changes)


def report(*findings: Finding, **changes: Any) -> Report:
    results = (InspectorResult("AInspector", findings),)
    return diagnosed(replace(Report(build_model(), "embedded", None, None, results), **changes))


def rendered(report: Report) -> str:
    text = markdown.render(report, DOCS)
    assert len(text) <= GITHUB_LIMIT - 5_000
    assert all(line.isprintable() for line in text.split("\n"))
    return text


def shown(report: Report) -> Page:
    return harmless_page(rendered(report))


def test_a_clean_report_says_so_and_little_else() -> None:
    page = shown(report())
    assert "No errors and no warnings; without data the noise was not measured." in page.prose
    assert {"details", "li"}.isdisjoint(page.tags)
    assert page.tables == [
        [["errors", "warnings", "infos", "consequences", "not checked"], ["0"] * 5]
    ]


def test_what_matters_stands_before_what_is_folded_away() -> None:
    results = (
        InspectorResult("AInspector", (finding(INFO), finding(WARNING), finding(ERROR))),
        InspectorResult("BInspector", skipped=NotChecked("it takes data", "pass them with -d")),
    )
    text = rendered(report(results=results, failures=("no data",)))
    headings = [
        line.strip("#* ") for line in text.splitlines() if line.startswith(("#", "**", "<det"))
    ]
    assert headings == [
        "`net`",
        "The run is incomplete, so more may be wrong; 1 error and 1 warning; the first: it is 3 "
        "dB; the noise was not measured.",
        "The run is incomplete",
        "Errors",
        "Warnings",
        "<details><summary>What these findings mean</summary>",
        "<details><summary>1 info</summary>",
        "<details><summary>What was not checked</summary>",
    ]
    assert text.count("</details>") == 3
    assert "- `BInspector`: it takes data; pass them with -d\n" in text


def test_a_finding_names_the_first_layers_and_counts_the_others() -> None:
    layers = tuple(f"net/conv{i}" for i in range(12))
    text = rendered(report(finding(layers=layers, location=Location("net.alls", 3, 7))))
    assert (
        "- **`a-problem`** at `conv0`, `conv1`, `conv2`, `conv3`, `conv4` and 7 more "
        "(`net.alls:3:7`): It is 3 dB.\n" in text
    )


def test_commands_can_be_copied_and_say_whether_they_are_proven() -> None:
    commands = ("first(1)", "second([a_b*], c=`d`)")
    found = finding(recommendation=Recommendation(commands), remedy="Do it.")
    page = shown(report(found))
    assert "Recommended:" in page.prose
    assert "\n".join(commands) in page.code
    untried = Recommendation(("clip(1)",), ranges={"net/conv1": (0.0, 1.0)})
    assert "Not proven by a trial:" in shown(report(finding(recommendation=untried))).prose


def test_the_meaning_comes_from_the_documentation_for_errors_and_warnings_only() -> None:
    page = shown(report(finding(), finding(WARNING)))
    assert page.prose.count("Mend it.") == 1
    assert "a < 3" in page.code
    assert "Mend it." not in shown(report(finding(INFO))).prose
    assert "details" not in shown(report(finding(id="own-problem"))).tags


def test_the_next_step_stands_below_the_verdict_with_its_commands() -> None:
    step = finding(remedy="Mend net/conv1.", command="hailo optimize net.har")
    text = rendered(report(step, finding(WARNING)))
    assert "\n\n**Next:** Mend net/conv1.\n\n```\nhailo optimize net.har\n```\n\n| errors |" in text
    assert "**Next:**" not in rendered(report(finding()))


def test_consequences_are_folded_away_under_their_cause() -> None:
    own = (explains("a-problem", "b-problem", Where.ANYWHERE, ""),)
    symptoms = [finding(id="b-problem", layers=(f"net/conv{i}",)) for i in range(2)]
    text = rendered(diagnosed(report(*symptoms, finding(WARNING, remedy="Mend it.")), own))
    above, _, below = text.partition("<details><summary>2 consequences</summary>")
    assert (
        "#### Errors\n\n- **`a-problem`**: It is 3 dB. Mend it. It explains 2 findings: b-problem "
        "in 2 layers; the finding is possible: a rule of thumb points to it." in above
    )
    assert "`b-problem`" not in above
    assert "- **`b-problem`** at `conv1`: It is 3 dB. (error, explained by `a-problem`)" in below
    assert harmless_page(text).tables[0][1] == ["1", "0", "0", "2", "0"]


def test_outputs_are_a_table() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("output_layer1", inputs=["conv1"]),
        build_layer("output_layer2", inputs=["conv2"]),
    ]
    noise = build_noise({"output_layer1": 26.04, "output_layer2": float("inf")})
    measured = report(model=build_model(layers), measurements=build_noise_measurements(noise, 8))
    page = shown(measured)
    assert page.tables[1] == [
        ["output", "fed by", "SNR", "bias in the error"],
        ["output_layer1", "conv1", "26.0 dB", "0%"],
        ["output_layer2", "conv2", "no noise", "0%"],
    ]
    assert "Measured over 8 samples." in page.prose


def test_what_outputs_decide_is_a_table_with_intervals() -> None:
    floats = values(64, 1, 4)
    chip = floats.copy()
    chip[:8] = -chip[:8]
    output = agreeing(batch_of(floats, coded(chip), range(64)), "classes")
    noise = build_noise_measurements(build_noise({"output_layer1": 26.0}), 64)
    found = AgreementMeasurements({"net/output_layer1": output})
    page = shown(report(measurements=replace(noise, agreement=found)))
    assert page.tables[1][0][-1] == "SNR of the median sample"  # which the verdict may name
    assert page.tables[1][1][-1].endswith(" dB")
    (head, row) = page.tables[2]
    assert head == ["output", "decides as in float", "measured", "95 % interval", "of"]
    assert row[:3] == ["output_layer1", "samples whose class stays the same", "56 of 64"]
    assert row[3:] == ["77% to 94%", "64"]


def test_an_output_that_is_constant_in_float_has_no_number() -> None:
    same = np.ones((64, 1, 1), np.float32)
    output = agreeing(batch_of(same, coded(same), range(64)), "scores")
    noise = build_noise_measurements(build_noise({"output_layer1": float("inf")}), 64)
    found = AgreementMeasurements({"net/output_layer1": output})
    page = shown(report(measurements=replace(noise, agreement=found)))
    assert page.tables[1][1] == ["output_layer1", "conv1", "constant", "0%"]
    assert len(page.tables) == 2


def test_numbers_of_classes_have_no_ratio() -> None:
    layers = [build_layer(name) for name in ("input_layer1", "conv1", "argmax1", "output_layer1")]
    noise = build_noise_measurements(build_noise({"output_layer1": 0.2}), 64)
    page = shown(report(model=build_model(layers), measurements=noise))
    assert page.tables[1][1][2] == "classes"


def test_one_reason_for_many_layers_is_said_once() -> None:
    unmeasured = {f"net/conv{i}": "unknown type" for i in range(300)}
    measurements = replace(build_noise_measurements(None), not_measured=unmeasured)
    page = shown(report(measurements=measurements))
    assert page.prose.count("unknown type") == 1
    assert "and 295 more" in page.prose
    assert page.tables[0][1][4] == "300"


def test_the_difference_to_an_earlier_run_comes_first() -> None:
    baseline = BaselineComparison(
        "before.json",
        (
            ChangedFinding("a-problem", "new", "error", None, "A", "x", ("net/conv1",)),
            ChangedFinding("b-problem", "worse", "error", "warning", "A", "x"),
            ChangedFinding("c-problem", "fixed", "error", "error", "A", "x"),
        ),
        layers=(SnrChange("net/conv1", 10.0, 30.0), SnrChange("net/conv2", 20.0, 20.1)),
        outputs=(SnrChange("net/output_layer1", 20.0, 26.5),),
        changes=("16 bit at 1 layer",),
        not_compared=("the data",),
        script_added=("added(1)",),
        script_removed=("removed(1)",),
    )
    text = rendered(report(finding(), baseline=baseline))
    assert text.index("#### Against `before.json`") < text.index("| errors |")
    assert "- new: **`a-problem`** (error) at `conv1`" in text
    assert "- worse: **`b-problem`** (error, before warning)" in text
    assert "```diff\n- removed(1)\n+ added(1)\n```" in text
    page = harmless_page(text)
    assert page.tables[:3] == [
        [["new", "worse", "better", "unchanged", "fixed"], ["1", "1", "0", "0", "1"]],
        [
            ["output", "SNR before", "SNR now", "change"],
            ["output_layer1", "20.0 dB", "26.5 dB", "+6.5 dB"],
        ],
        [
            ["layer", "SNR before", "SNR now", "change"],
            ["conv1", "10.0 dB", "30.0 dB", "+20.0 dB"],
        ],
    ]


def test_an_earlier_run_on_another_network_is_not_compared() -> None:
    baseline = BaselineComparison(
        "before.json", not_compared=("it is another network",), is_comparable=False
    )
    page = shown(report(baseline=baseline))
    assert "Nothing was compared:" in page.prose
    assert "it is another network" in page.prose
    assert len(page.tables) == 1


def test_a_huge_report_is_shortened_and_says_so() -> None:
    many = [finding(s, layers=("net/conv1",) * 9, evidence="x_" * 900) for s in Severity] * 200
    text = rendered(report(*many))
    assert "more left out, since a comment holds no more than 65,536 characters" in text
    assert text.index("#### Errors") < text.index("#### Warnings")
    assert text.count("<details>") == text.count("</details>") == 2
    harmless_page(text)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_do_nothing(name: str) -> None:
    whole = hostile_report(name, baseline=hostile_baseline(name))
    page = shown(whole)
    expected = [(2, 5), (3, 4), (2, 4), (2, 5), (2, 4)]
    sizes = [(len(table), len(table[0])) for table in page.tables]
    assert sorted(sizes) == sorted(expected)
    assert all(len(row) == len(table[0]) for table in page.tables for row in table)
    assert page.tags.count("details") == 8
    assert page.tags.count("h4") == 5


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_shown_as_they_are(name: str) -> None:
    text = rendered(report(model=build_model(model_name=name)))
    page = harmless_page(text)
    said = page.prose.replace("\N{ZERO WIDTH SPACE}", "")
    assert f"Model {printable(name)}: quantized_model" in " ".join(said.split())
