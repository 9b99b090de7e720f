from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from utils.causes.folding import diagnosis_of
from utils.causes.offers import WITHHELD, WORKS_AROUND
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Finding, Location, Recommendation, Severity
from utils.model_script import parse_model_script
from utils.recommendations import (
    MADE_BY_THIS_LINE,
    NEEDS_CONSENT,
    NO_TRIAL,
    NOT_ACCEPTED,
    NOTHING_TAKEN,
    NOTHING_TO_RECOMMEND,
    RecommendedScript,
    recommended_script,
)
from utils.terminal.prompts import Prompter

NETWORK = build_network(
    chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1"))
)
LEVEL = "model_optimization_flavor(optimization_level=1)"
CLIP = "pre_quantization_optimization(activation_clipping, layers=[net/conv1], mode=manual, "
CLIP += "clipping_values=[0, 1])"


class Answer(Prompter):
    """Somebody at the terminal who gives one answer to everything."""

    def __init__(self, answer: bool) -> None:
        super().__init__(interactive=True)
        self._answer = answer

    def confirm(self, question: str, default: bool) -> bool:
        return self._answer


def finding(recommendation: Recommendation | None, headline: str = "It is 3 dB") -> Finding:
    return Finding(
        "a-problem", Severity.WARNING, headline, recommendation=recommendation, remedy="Do x."
    )


def script_for(
    *recommendations: Recommendation | None,
    own: str | None = None,
    prompter: Prompter | None = None,
) -> RecommendedScript:
    return recommended_script(
        [finding(r) for r in recommendations],
        None if own is None else parse_model_script(own),
        NETWORK,
        prompter or Prompter(interactive=False),
    )


def test_nothing_recommended_leaves_the_own_script_as_it_is() -> None:
    own = "normalization1 = normalization([0.0], [255.0])  # as trained\n"
    assert script_for(None, own=own).text == own
    assert script_for(None).text == NOTHING_TO_RECOMMEND


def test_the_stronger_evidence_decides_a_setting_and_the_other_is_named() -> None:
    def wants(mode: str, severity: Severity, proven: bool = False) -> Finding:
        line = f"quantization_param([net/conv1], precision_mode={mode})"
        return Finding(
            f"wants-{mode.replace('_', '-')}",
            severity,
            "It is 3 dB",
            recommendation=(Recommendation((line,), proven=proven)),
        )

    weak, strong = wants("a8_w8", Severity.WARNING), wants("a16_w16", Severity.ERROR)
    proven = wants("a8_w8_a16", Severity.INFO, proven=True)
    for findings, winner, loser in (
        ([weak, strong], strong, weak),
        ([strong, weak], strong, weak),
        ([strong, proven], proven, strong),
    ):
        script = recommended_script(findings, None, NETWORK, Prompter(interactive=False))
        assert winner.recommendation is not None
        assert loser.recommendation is not None
        assert script.added == winner.recommendation.commands
        ((line, reason),) = script.left_out
        assert line == loser.recommendation.commands[0]
        assert f"which {winner.id} asks for more urgently" in reason


def test_a_weaker_line_still_counts_for_the_layers_that_nobody_else_wants() -> None:
    network = build_network(
        chain(*(build_layer(name) for name in ("input_layer1", "conv1", "conv2", "output_layer1")))
    )
    strong = Recommendation(
        ("quantization_param([net/conv1], precision_mode=a16_w16)",), proven=True
    )
    weak = Recommendation(("quantization_param([conv2, conv1], precision_mode=a8_w8)",))
    script = recommended_script(
        [finding(weak), finding(strong)], None, network, Prompter(interactive=False)
    )
    lines = [line for line in script.text.splitlines() if not line.startswith("#")]
    assert lines == [*strong.commands, "quantization_param([conv2], precision_mode=a8_w8)"]
    ((line, reason),) = script.left_out
    assert line == weak.commands[0]
    assert reason.startswith("for net/conv1 it contradicts")


def test_a_line_that_two_findings_ask_for_is_left_out_once() -> None:
    declined = Recommendation((LEVEL,), default=False)
    assert len(script_for(declined, declined).left_out) == 1


def test_a_line_carries_the_finding_that_asks_for_it() -> None:
    script = script_for(Recommendation((LEVEL,)))
    assert script.text == f"# a-problem: It is 3 dB\n{LEVEL}\n"
    assert script.added == (LEVEL,)


def test_two_findings_that_ask_for_the_same_get_it_once() -> None:
    script = script_for(Recommendation((LEVEL,)), Recommendation((LEVEL,)))
    assert script.text.count(LEVEL) == 1
    assert script.added == (LEVEL,)


@pytest.mark.parametrize(
    ("recommendation", "prompter", "taken"),
    [
        (Recommendation((LEVEL,), default=False), None, False),
        (Recommendation((LEVEL,), "Shall I?", default=False), None, False),
        (Recommendation((LEVEL,), "Shall I?", default=True), None, True),
        (Recommendation((LEVEL,), "Shall I?", default=True), Answer(False), False),
        (Recommendation((LEVEL,), "Shall I?", default=False), Answer(True), True),
    ],
)
def test_questions_decide(
    recommendation: Recommendation, prompter: Prompter | None, taken: bool
) -> None:
    script = script_for(recommendation, prompter=prompter)
    assert (f"\n{LEVEL}" in script.text) is taken
    assert bool(script.left_out) is not taken


def test_ranges_that_no_trial_has_proven_are_left_out() -> None:
    unproven = Recommendation((CLIP,), ranges={"net/conv1": (0.0, 1.0)})
    assert script_for(unproven).left_out == ((CLIP, NO_TRIAL),)
    assert script_for(unproven).text == f"{NOTHING_TAKEN}# {CLIP}  ({NO_TRIAL})\n"
    assert CLIP in script_for(Recommendation((CLIP,))).text


def test_lines_that_a_wrong_calibration_explains_are_not_even_asked_for() -> None:
    wrong = Finding("calibrated-on-noise", Severity.ERROR, "It is noise")
    line = replace(finding(Recommendation((LEVEL,), question="Take it?")), id="low-snr")
    made = diagnosis_of([wrong, line], NETWORK, EXPLANATIONS)
    script = recommended_script([wrong, line], None, NETWORK, Answer(True), made)
    assert script.left_out == ((LEVEL, WITHHELD),)
    assert recommended_script([line], None, NETWORK, Answer(True)).added == (LEVEL,)


FORCED = "quantization_param([conv1], force_range_out=[0, 600])"
MEASURED = "quantization_param([net/conv1], force_range_out=[0, 6])"


def forced(recommendation: Recommendation | None) -> Finding:
    """A finding that says that line 1 of the script has to go."""
    made = finding(recommendation, "It is too wide")
    return replace(made, location=Location("a.alls", 1, 1), removes_cause=True)


def test_a_line_that_made_the_fault_is_mended_where_that_is_proven() -> None:
    wide = forced(Recommendation((MEASURED,), proven=True))
    made = recommended_script(
        [wide, forced(None)], parse_model_script(FORCED), NETWORK, Prompter(interactive=False)
    )
    mended = FORCED.replace("600", "6")
    assert made.text == f"# a-problem: It is too wide\n{mended}"


@pytest.mark.parametrize("ranges", [{}, {"net/conv1": (0.0, 6.0)}])
def test_a_line_that_made_the_fault_and_stays_is_pointed_at(
    ranges: dict[str, tuple[float, float]],
) -> None:
    wide = forced(Recommendation((MEASURED,), ranges=ranges) if ranges else None)
    own = parse_model_script(f"{FORCED}\n{LEVEL}\n")
    made = recommended_script([wide], own, NETWORK, Prompter(interactive=False))
    note = f"# a-problem: It is too wide. {MADE_BY_THIS_LINE}\n"
    assert made.text == f"{note}{own}"


def test_16_bit_beside_a_line_that_has_to_go_are_left_out() -> None:
    wide = replace(forced(None), id="forced-range-too-wide", layers=("net/conv1",))
    sixteen = "quantization_param([net/conv1], precision_mode=a16_w16)"
    plan = replace(finding(Recommendation((sixteen,), proven=True)), id="mixed-precision-plan")
    plan = replace(plan, layers=wide.layers)
    made = diagnosis_of([plan, wide], NETWORK, EXPLANATIONS)
    script = recommended_script([plan, wide], None, NETWORK, Answer(True), made)
    assert script.left_out == ((sixteen, WORKS_AROUND),)


def test_what_the_merge_refuses_is_said() -> None:
    line = "quantization_param([net/conv7], precision_mode=a8_w8)"
    script = script_for(Recommendation((line,)))
    assert script.added == ()
    assert script.left_out[0][0] == line
    assert "conv7" in script.left_out[0][1]


def test_a_name_with_a_line_break_cannot_add_lines_to_the_script() -> None:
    odd = finding(Recommendation((LEVEL,)), "net/a\nmodel_optimization_flavor(x=1) is odd")
    script = recommended_script([odd], None, NETWORK, Prompter(interactive=False))
    assert script.text.splitlines() == [
        "# a-problem: net/a\\nmodel_optimization_flavor(x=1) is odd",
        LEVEL,
    ]


def test_a_line_break_in_a_line_that_is_not_taken_stays_in_its_comment() -> None:
    odd = Recommendation(("quantization_param([net/a\nset_seed(seed=1)])",), default=False)
    assert len(script_for(odd).text.splitlines()) == 2


def test_nobody_is_asked_twice_for_the_same_line_and_is_told_which_it_is() -> None:
    asked: list[str] = []

    class Listening(Answer):
        def confirm(self, question: str, default: bool) -> bool:
            asked.append(question)
            return super().confirm(question, default)

    wished = [Recommendation((LEVEL,), question=q, default=False) for q in ("Take it?", "Or it?")]
    found = script_for(*wished, prompter=Listening(True))
    assert len(asked) == 1
    assert asked[0].startswith("a-problem: Take it?")
    assert LEVEL in asked[0]
    assert found.added == (LEVEL,)
    assert script_for(*wished, prompter=Answer(False)).left_out == ((LEVEL, "it was declined"),)
    assert script_for(*wished).left_out == ((LEVEL, NOT_ACCEPTED),)


def test_what_is_proven_but_changes_more_than_the_script_waits_for_consent() -> None:
    proven = Recommendation((LEVEL,), question="Take it?", default=False, proven=True)
    assert script_for(proven).left_out == ((LEVEL, NEEDS_CONSENT),)
    assert script_for(proven, prompter=Answer(True)).added == (LEVEL,)
