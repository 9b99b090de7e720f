"""The one thing to do first, and lines that are not offered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.causes.findings import ERROR, INFO, PLAN, WARNING, diagnosis, found
from utils.causes import NextStep
from utils.causes.next_step import DATA_FIRST, TRY_LINES, mended_first
from utils.causes.offers import is_offered
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Finding, Location, Recommendation, Severity

NOISY = found("output-snr-low", "output_layer1", ERROR, remedy="Look at the noise.")


def step(*findings: Finding) -> NextStep | None:
    return diagnosis(EXPLANATIONS, *findings).next


def test_where_nothing_matters_there_is_nothing_to_do() -> None:
    assert step() is None
    assert step(found("runtime-pair", severity=INFO), PLAN) is None
    assert step(found("low-snr", remedy="")) is None


def test_it_is_the_remedy_of_the_first_cause_that_has_one() -> None:
    silent = found("coarse-channels", "conv1", ERROR, remedy="")
    assert step(silent, found("level-lowered")) == NextStep("level-lowered", "Mend it.")


def test_what_is_proven_comes_first_also_where_it_is_folded() -> None:
    made = diagnosis(EXPLANATIONS, NOISY, PLAN)
    assert made.cause_of(PLAN) is NOISY
    assert made.next == NextStep("mixed-precision-plan", "Mend it.", ("plan(1)",), is_script=True)


@pytest.mark.parametrize(("severity", "is_first"), [(WARNING, True), (INFO, False)])
def test_a_plan_is_the_first_step_where_an_output_asks_for_it(
    severity: Severity, is_first: bool
) -> None:
    few = found("calibration-too-few", "input_layer1")
    made = step(few, found("output-snr-low", "output_layer1", severity), PLAN)
    assert made is not None
    assert (made.id == "mixed-precision-plan") is is_first


def test_what_only_an_info_proves_does_not_come_before_what_presses() -> None:
    empty = found("unused-range", "dw1", INFO, line="clip(1)", proven=True)
    fragile = found("fragile-layer-compressed", "conv2", line="w8(1)")
    made = step(fragile, empty)
    assert made is not None
    assert made.id == "fragile-layer-compressed"
    graver = step(fragile, replace(empty, severity=WARNING))
    assert graver is not None
    assert graver.id == "unused-range"


@pytest.mark.parametrize(
    ("line", "severity", "is_first"),
    [
        ("w8(1)", ERROR, True),
        ("", ERROR, True),
        ("w8(1)", WARNING, False),
    ],
)
def test_what_is_proven_of_something_else_does_not_come_before_a_worse_cause(
    line: str, severity: Severity, is_first: bool
) -> None:
    coarse = found("coarse-channels", "conv1", severity, line=line)
    behind = found("coarse-channels", "conv9", WARNING, line="w16(9)", proven=True)
    made = step(coarse, behind)
    assert made is not None
    assert (made.commands != ("w16(9)",)) is is_first
    # A plan mends the outputs as a whole.
    planned = step(coarse, NOISY, PLAN)
    assert planned is not None
    assert planned.id == "mixed-precision-plan"


@pytest.mark.parametrize(
    ("first", "is_plan"),
    [
        (found("calibrated-on-noise", severity=ERROR), False),
        (found("dataset-differs", severity=ERROR), False),
        (found("dataset-differs", severity=WARNING), False),
        (found("calibration-shape", severity=ERROR), False),
        (found("modification-differs", "conv1", ERROR), False),
        (found("normalization-malformed", severity=ERROR), False),
        (found("output-channel-empty", "conv2", ERROR), False),
        (found("calibration-too-few", severity=WARNING), True),
        (found("level-lowered", severity=ERROR), True),
        (found("coarse-channels", "conv1", ERROR), True),
    ],
)
def test_but_not_where_calibration_or_data_are_wrong(first: Finding, is_plan: bool) -> None:
    next_id = "mixed-precision-plan" if is_plan else first.id
    for findings in ((first, NOISY, PLAN), (PLAN, NOISY, first)):
        made = step(*findings)
        assert made is not None
        assert made.id == next_id


def test_nobody_works_around_what_can_be_taken_out_of_the_model() -> None:
    join = found("join-range-imbalance", "add1", ERROR)
    first, around = step(join, PLAN), step(replace(join, removes_cause=True), PLAN)
    assert first is not None
    assert first.id == "mixed-precision-plan"
    assert around == NextStep("join-range-imbalance", "Mend it.")


def test_no_precision_mends_what_becomes_of_results_behind_the_chip() -> None:
    late = found("device-differs", "output_layer1", ERROR, remedy="Wait for the frame.")
    slight = replace(NOISY, severity=INFO)
    for findings in ((late, slight, PLAN), (PLAN, slight, late)):
        assert step(*findings) == NextStep("device-differs", "Wait for the frame.")
    # Where as much is lost by quantization, that is told first, and mended first.
    lost = step(late, NOISY, PLAN)
    assert lost is not None
    assert lost.id == "mixed-precision-plan"


@pytest.mark.parametrize("severity", [WARNING, ERROR])
def test_no_line_is_added_to_a_script_that_the_compiler_refuses(severity: Severity) -> None:
    typo = found("script-unknown-command", severity=ERROR, remedy="Write it otherwise.")
    lost = replace(NOISY, severity=severity)
    for findings in ((typo, lost, PLAN), (PLAN, lost, typo)):
        assert step(*findings) == NextStep("script-unknown-command", "Write it otherwise.")
    # What the compiler passes over, and steps without lines, wait for nothing.
    doubt = step(replace(typo, severity=INFO), lost, PLAN)
    data = step(typo, found("calibrated-on-noise", severity=ERROR))
    assert [each and each.id for each in (doubt, data)] == [
        "mixed-precision-plan",
        "calibrated-on-noise",
    ]


def test_nobody_works_around_a_line_of_the_script_that_has_to_go() -> None:
    line = replace(
        found("forced-range-too-wide", "conv2"), location=Location("a", 4, 1), removes_cause=True
    )
    # It begins in front of the line, so that the line does not explain all of it.
    plan = replace(PLAN, layers=("net/conv1", "net/conv2"))
    made = diagnosis(EXPLANATIONS, NOISY, plan, line)
    assert made.next == NextStep("forced-range-too-wide", "Mend it.")
    assert made.cause_of(plan) is line
    assert (is_offered(plan, made), is_offered(line, made)) == (False, True)
    slight = found("range-saturates", "conv2", INFO)  # it does not say what to do
    assert diagnosis(EXPLANATIONS, slight, PLAN).cause_of(PLAN) is slight
    behind = replace(PLAN, layers=("net/conv2",))
    assert diagnosis(EXPLANATIONS, slight, behind, line).cause_of(behind) is line
    elsewhere = replace(PLAN, layers=("net/dw1",))
    made = diagnosis(EXPLANATIONS, line, elsewhere)
    assert made.cause_of(elsewhere) is None
    assert is_offered(elsewhere, made)


def test_what_gives_the_range_of_a_line_back_is_offered_also_where_it_is_folded() -> None:
    cut = replace(
        found("range-saturates", "conv2"), location=Location("a", 4, 1), removes_cause=True
    )
    wider = replace(found("values-beyond-range", "conv2", line="wider(1)", proven=True))
    mends = replace(wider, location=cut.location, removes_cause=True)
    made = diagnosis(EXPLANATIONS, cut, mends)
    assert made.cause_of(mends) is cut
    assert is_offered(mends, made)
    assert not is_offered(wider, diagnosis(EXPLANATIONS, cut, wider))


def test_an_input_that_never_changes_is_mended_before_what_it_kills_is_kept_alive() -> None:
    blank = found("calibration-constant-input", "input_layer1", ERROR, remedy="Give pictures.")
    dead = found("dead-channels", "conv2", ERROR, line="dead_layers_removal(1)")
    few = found("calibration-constant-sample", "input_layer1", ERROR)
    assert step(dead, blank) == NextStep("calibration-constant-input", "Give pictures.")
    assert diagnosis(EXPLANATIONS, dead, blank).cause_of(dead) is blank
    # Other samples show what these do not.
    assert diagnosis(EXPLANATIONS, dead, few).cause_of(dead) is None


def test_data_that_cannot_be_used_are_mended_first_also_where_no_finding_says_so() -> None:
    assert mended_first("Save it again", "ls") == NextStep("", "Save it again.", ("ls",))
    assert mended_first("", "") == NextStep("", DATA_FIRST)


def test_a_command_comes_before_lines_of_a_script() -> None:
    both = found("coarse-channels", command="hailo optimize net.har", line="x(1)")
    assert step(both) == NextStep("coarse-channels", "Mend it.", ("hailo optimize net.har",))
    lines = replace(both, command="", remedy="")
    assert step(lines) == NextStep("coarse-channels", TRY_LINES, ("x(1)",), is_script=True)


def test_ranges_that_no_trial_has_proven_are_no_step() -> None:
    ranges = Recommendation(("clip(1)",), ranges={"net/conv1": (0.0, 1.0)})
    finding = replace(found("unused-range", "conv1"), recommendation=ranges)
    assert step(finding) == NextStep("unused-range", "Mend it.")
    assert step(replace(finding, remedy="")) is None


def test_a_step_is_a_whole_sentence() -> None:
    made = step(found("coarse-channels", remedy="Mend it"))
    assert made is not None
    assert made.text == "Mend it."


@pytest.mark.parametrize(
    ("cause", "severity", "offered"),
    [
        ("weights-not-finite", ERROR, False),
        ("calibrated-on-noise", ERROR, False),
        ("dataset-differs", WARNING, False),
        ("join-range-imbalance", ERROR, True),
        ("output-snr-low", ERROR, True),
    ],
)
def test_lines_that_wrong_data_explain_are_not_offered(
    cause: str, severity: Severity, offered: bool
) -> None:
    own, line = found(cause, severity=severity), found("noise-concentrated", line="x(1)")
    made = diagnosis(EXPLANATIONS, own, line)
    assert made.cause_of(line) is own
    assert is_offered(line, made) is offered
    assert is_offered(own, made)


@pytest.mark.parametrize(("severity", "offered"), [(ERROR, False), (INFO, True)])
def test_details_of_a_calibration_that_is_wrong_are_not_offered(
    severity: Severity, offered: bool
) -> None:
    few = found("calibration-too-few", severity=INFO, line="x(1)")
    made = diagnosis(EXPLANATIONS, found("calibrated-on-noise", severity=severity), few)
    assert made.cause_of(few) is None
    assert is_offered(few, made) is offered


def test_what_is_proven_of_the_first_cause_comes_before_all_else_that_is() -> None:
    own = found("coarse-channels", "conv1", ERROR, line="equalize(1)", proven=True)
    other = found("weights-shrunk", "conv1", WARNING, line="other(1)", proven=True)
    for findings in ((PLAN, own, other), (other, own, PLAN)):
        made = step(*findings)
        assert made is not None
        assert made.commands == ("equalize(1)",)
    unproven = found("coarse-channels", "conv1", ERROR, line="equalize(1)")
    made = step(PLAN, unproven)
    assert made is not None
    assert made.commands == ("plan(1)",)
