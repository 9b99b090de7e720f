"""Words that an argument takes, in small and in capital letters."""

from __future__ import annotations

import pytest

from utils.facts.script_commands import COMMANDS
from utils.facts.script_values import SWITCH, SWITCH_WORDS, Kind, Switch, WordList, Words
from utils.findings import Severity
from utils.model_script.lint import lint_problems
from utils.model_script.lint.features import PLACES
from utils.model_script.lint.values import objection
from utils.model_script.tokens import Value

KINDS: set[Kind] = {
    *(kind for feature in PLACES.values() for kind in feature.arguments.values()),
    *(slot.kind for command in COMMANDS.values() for slot in command.slots),
}
ENUMERATED: list[tuple[Kind, str]] = [
    *((kind, word) for kind in KINDS if isinstance(kind, Words) for word in kind.known),
    *((kind, word) for kind in KINDS if isinstance(kind, WordList) for word in kind.words.known),
    *((kind, word) for kind in KINDS if isinstance(kind, Switch) for word in SWITCH_WORDS),
]
PRE, POST = "pre_quantization_optimization", "post_quantization_optimization"


def test_the_tables_hold_words_in_small_letters() -> None:
    assert len(ENUMERATED) > 80
    assert all(word == word.casefold() for _, word in ENUMERATED)


def test_no_word_is_wrong_for_its_capital_letters() -> None:
    for kind, word in ENUMERATED:
        for spelling in (word, word.upper(), word.capitalize()):
            assert objection(kind, spelling) is None, (kind, spelling)


def test_a_word_that_is_none_stays_one_in_capital_letters() -> None:
    for kind, word in ENUMERATED:
        for spelling in (f"{word}_no_such", f"{word}_no_such".upper()):
            assert objection(kind, spelling) is not None, (kind, spelling)


def test_switches_know_both_spellings() -> None:
    known: tuple[Value, ...] = (True, False, "true", "FALSE", "Enabled", "DISABLED", "ALLOWED")
    assert [objection(SWITCH, value) for value in known] == [None] * len(known)
    unknown: tuple[Value, ...] = ("On", "ENABLE", "maybe", 1)
    assert all(objection(SWITCH, value) for value in unknown)


@pytest.mark.parametrize(
    "line",
    [
        f"{POST}(finetune, loss_types=[L2REL, l2, CE], def_loss_type=L2Rel)",
        'nms_postprocess("x.json", meta_arch=YOLOV8, engine=CPU)',
        "quantization_param([conv1], precision_mode=A16_W16)",
        "quantization_param({*}, activation_clipping_mode=DISABLED)",
        "change_output_activation(SIGMOID)",
        f"{PRE}(equalization, policy=DISABLED)",
    ],
)
def test_nothing_is_said_of_capital_letters(line: str) -> None:
    assert lint_problems(line) == ()


@pytest.mark.parametrize(
    ("mode", "severity"),
    [
        ("a16_w17", Severity.ERROR),
        ("a7_w8", Severity.ERROR),
        ("a8_w8_a32", Severity.ERROR),
        ("A16_W17", Severity.ERROR),
        ("a4_w4", Severity.INFO),
        ("a16_w8_exp", Severity.INFO),
    ],
)
def test_bits_that_no_mode_has_are_wrong_and_new_combinations_are_not(
    mode: str, severity: Severity
) -> None:
    (problem,) = lint_problems(f"quantization_param([conv1], precision_mode={mode})")
    assert (problem.id, problem.severity) == ("script-bad-value", severity)
    assert ("newer compiler" in problem.why) == (severity == Severity.INFO)


MODE, EQUALIZATION = (
    "quantization_param([c1], precision_mode={})",
    f"{PRE}(equalization, policy={{}})",
)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (MODE.format("a8_w4"), MODE.format("A8_W4"), "repeated"),
        (MODE.format("a8_w4"), MODE.format("A8_W8"), "conflict"),
        (EQUALIZATION.format("enabled"), EQUALIZATION.format("DISABLED"), "conflict"),
        (EQUALIZATION.format("True"), EQUALIZATION.format("ENABLED"), "repeated"),
        (f"{POST}(adaround, policy=ENABLED)", f"{POST}(finetune, policy=Enabled)", "conflict"),
    ],
)
def test_lines_are_compared_without_regard_to_capital_letters(
    first: str, second: str, kind: str
) -> None:
    assert [each.id for each in lint_problems(f"{first}\n{second}")] == [f"script-{kind}"]


def test_names_of_layers_keep_their_letters() -> None:
    text = "quantization_param([a/CONV], bias_mode=X1)\nquantization_param([a/conv], bias_mode=X1)"
    assert not [each for each in lint_problems(text) if each.id == "script-repeated"]


@pytest.mark.parametrize("mode", ["percentile", "PERCENTILE"])
def test_clipping_of_all_layers_is_seen_in_any_letters(mode: str) -> None:
    text = f"{PRE}(activation_clipping, layers={{*}}, mode={mode}, clipping_values=[0, 99])"
    assert [problem.id for problem in lint_problems(text)] == ["script-blanket-clipping"]
