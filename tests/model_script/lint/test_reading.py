"""Reading on behind what cannot be read."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.builders import build_layer, build_network, chain
from tests.house.evidence import loud
from tests.house.fuzzing import examples
from utils.errors import ScriptError
from utils.model_script import parse_model_script
from utils.model_script.lint import MAX_PROBLEMS, lint_problems
from utils.model_script.lint.reading import MAX_UNREADABLE, read_tolerantly

NETWORK = build_network(chain(build_layer("input_layer1"), build_layer("conv1")))


@loud("script-syntax")
@pytest.mark.parametrize(
    ("text", "places", "commands"),
    [
        ("a(1)\nfoo bar\nb(2)\n", [(2, 5)], ["a", "b"]),
        ("a(1)\r\nfoo bar\r\nb(2)", [(2, 5)], ["a", "b"]),
        ("a(1\nb(2)\nc(3)", [(1, 4)], ["b", "c"]),
        ("a([1, 2\n# why\n\nb(2)", [(2, 6)], ["b"]),
        ("a(k=1,\nx = b(2)", [(1, 7)], ["b"]),
        ("a(k=1,\nx, y = b(2)", [(1, 7)], ["b"]),
        ("a(\n  k=1\n  l=2,\n  m=3)\nb(2)", [(3, 3)], ["b"]),
        ("a(\n  k=1\n  l=2,\nb(2)", [(3, 3)], ["b"]),
        ("a(1) b(2)\nc(3)", [(1, 6)], ["a", "c"]),
        ("x = \na(1)", [(1, 5)], ["a"]),
        ("a(k='1)\nb(2)", [(1, 5)], ["b"]),
        ("a(1", [(1, 4)], []),
        ("a(,)\nb(=)\n)\nc(1)", [(1, 3), (2, 3), (3, 1)], ["c"]),
        ("\ufeff foo\na(1)", [(1, 5)], ["a"]),
    ],
)
def test_the_lines_behind_are_read(
    text: str, places: list[tuple[int, int]], commands: list[str]
) -> None:
    assert [s.command for s in read_tolerantly(text).statements] == commands
    problems = [p for p in lint_problems(text) if p.id == "script-syntax"]
    assert [(p.line, p.column) for p in problems] == places


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a(1)\n  b(1 2)", 2, 7),
        ("a(1) b(2)", 1, 6),
        ("\ufeffa(1) b(2)", 1, 6),
        ("a(\r\n x%)", 2, 2),
        ("5(1)", 1, 1),
        ("a(1", 1, 4),
    ],
)
def test_the_strict_parser_names_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_model_script(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert str(error) == f"model script, line {line}: {error.problem}"
    assert error.problem not in ("", str(error))


@loud("script-syntax")
def test_a_text_that_is_no_script_is_given_up() -> None:
    problems = lint_problems("this is prose\n" * 10_000)
    assert len(problems) == MAX_UNREADABLE + 1
    assert "The rest was not read" in problems[-1].headline


@pytest.mark.parametrize(
    "text",
    [
        "a(" + "[" * 50_000,
        "quantization_param([" + ", ".join(f"zz{i}_x" for i in range(30_000)) + "], a=1)",
        "quantization_param(conv1, " + ", ".join(f"k{i}=1" for i in range(20_000)) + ")",
        "\n".join(f"quantization_param(layer_{i}, precision_mode=a8_w8)" for i in range(5_000)),
        "{x\n" * 20_000,
        "a(\n" * 20_000,
        "a(" + "x,\n" * 20_000,
        "quantization_param({" + "*a" * 2_000 + "}, precision_mode=a8_w8)",
    ],
    ids=lambda text: text[:16],
)
def test_hostile_texts_take_seconds_at_most(text: str) -> None:
    start = time.perf_counter()
    assert 0 < len(lint_problems(text, NETWORK)) <= MAX_PROBLEMS
    assert time.perf_counter() - start < 20  # measured: below 2 s


LONGEST_HEADLINE = 80  # characters

WORDS = st.sampled_from(
    "quantization_param normalization model_optimization_config finetune calibration layers mode "
    "precision_mode policy conv1 net/conv1 conv* enabled a16_w16 nms_postprocess force_range_out "
    "pre_quantization_optimization activation_clipping clipping_values set_seed x.place 1 -2.5 85% "
    "25m True None 'a b' \"c".split(" ")
)
MARKS = st.sampled_from([*"()[]{},=;#:\n\r\t \ufeff\0é*()(),,==\n\n"])


@settings(deadline=None, max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS | MARKS, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_linted_without_fail(text: str) -> None:
    for network in (None, NETWORK):
        for problem in lint_problems(text, network, parsed=network):
            assert 0 < len(problem.headline) <= LONGEST_HEADLINE
            assert problem.headline[0].isupper()
            assert problem.remedy.endswith(".")
            assert 1 <= problem.line <= len(text.splitlines()) + 1
            assert problem.column >= 1
            said = problem.headline + problem.evidence + problem.why + problem.remedy
            assert "\n" not in said


@settings(deadline=None, max_examples=examples(200))
@given(st.text(alphabet="ab1.-=,()[]{}:;#'\"*?% \n", max_size=40))
def test_what_the_strict_parser_reads_has_no_syntax_error(text: str) -> None:
    errors = [
        p for p in lint_problems(text) if p.id == "script-syntax" and p.severity.label == "error"
    ]
    try:
        strict = parse_model_script(text)
    except ScriptError as error:
        assert errors
        # Where a bracket stays open the linter points to its end, not to what follows.
        assert errors[0].line <= error.line
    else:
        assert not errors
        assert read_tolerantly(text).statements == strict.statements
