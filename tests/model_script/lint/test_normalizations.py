"""The constants of a normalization."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.house.evidence import loud, quiet
from utils.model_script.lint import lint_problems


@loud("script-unit-normalization")
@pytest.mark.parametrize(
    ("constants", "meant"),
    [
        ("[0, 0, 0], [0.003921, 0.003921, 0.003921]", "[0, 0, 0], [255, 255, 255]"),
        (
            "[123.675, 116.28, 103.53], [0.01712475, 0.017507, 0.01742919]",
            "[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]",
        ),
        ("[0.5, 0.5, 0.5], [0.0078, 0.0078, 0.0078]", "[127.5, 127.5, 127.5], [128, 128, 128]"),
    ],
)
def test_deviations_that_are_factors_are_turned_round(constants: str, meant: str) -> None:
    (problem,) = lint_problems(f"n1 = normalization({constants})")
    assert (problem.id, problem.severity.label) == ("script-unit-normalization", "warning")
    assert problem.suggestion == f"n1 = normalization({meant})"
    assert lint_problems(problem.suggestion) == ()


@quiet("script-unit-normalization")
@pytest.mark.parametrize(
    "constants",
    [
        "[123.675, 116.28, 103.53], [1, 1, 1]",  # nothing is divided
        "[0.1, 0.2, 9.8], [0.5, 0.5, 0.5]",  # of accelerations
        "[0, 0, 0], [255, 255, 255]",
        "[127.5], [0.5]",
        "[1.5, 1.5, 1.5], [58.395, 57.12, 57.375]",
    ],
)
def test_lists_in_one_unit(constants: str) -> None:
    assert lint_problems(f"n1 = normalization({constants})") == ()


@loud("script-unit-normalization")
@pytest.mark.parametrize(
    "constants",
    [
        "[123.675, 116.28, 103.53], [0.229, 0.224, 0.225]",
        "[0.485, 0.456, 0.406], [58.395, 57.12, 57.375]",
    ],
)
def test_lists_of_which_one_is_in_another_unit(constants: str) -> None:
    (problem,) = lint_problems(f"n1 = normalization({constants})")
    assert (problem.id, problem.severity.label) == ("script-unit-normalization", "warning")
    meant = "n1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])"
    assert problem.suggestion == meant
    assert lint_problems(meant) == ()


@quiet("script-bad-value")
def test_a_normalization_with_a_mean_and_a_deviation_for_each_channel() -> None:
    parsed = build_network(chain(build_layer("input_layer1"), build_layer("conv1")))
    for text in ("n1 = normalization([0, 1, 2], [1, 2, 3])", "n1 = normalization([0, 1, 2])"):
        found = lint_problems(text, parsed, parsed=parsed)
        assert not any(problem.shows_in_graph for problem in found)
    behind = "c1 = input_conversion(yuy2_to_rgb)\nn1 = normalization([0, 0], [1, 1])"
    assert lint_problems(behind, parsed, parsed=parsed) == ()


@loud("script-bad-value")
@pytest.mark.parametrize(
    ("constants", "meant"),
    [
        ("[255, 255, 255], [0, 0, 0]", "[0, 0, 0], [255, 255, 255]"),
        (
            "[58.395, 57.12, 57.375], [123.675, 116.28, 103.53]",
            "[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]",
        ),
    ],
)
def test_lists_that_have_changed_places(constants: str, meant: str) -> None:
    (problem,) = lint_problems(f"n1 = normalization({constants})")
    assert (problem.id, problem.severity.label) == ("script-bad-value", "error")
    assert problem.suggestion == f"n1 = normalization({meant})"
    assert problem.shows_in_graph
    assert lint_problems(problem.suggestion) == ()


@quiet("script-bad-value")
def test_lists_that_are_as_good_in_either_order() -> None:
    for constants in ("[128], [127.5]", "[127.5, 127.5, 127.5], [127.5, 127.5, 127.5]"):
        assert lint_problems(f"n1 = normalization({constants})") == ()


@loud("script-bad-value")
@pytest.mark.parametrize(
    ("constants", "evidence"),
    [
        ("[0, 0, 0], [0, 0, 0]", "[0.0, 0.0, 0.0]"),
        ("[0, 0, 0, 0], [1, 1, 1]", "4 means and 3 standard deviations"),
        ("[0], [1]", "1 mean and 1 standard deviation, 3 channels of the input"),
    ],
)
def test_a_normalization_that_no_input_can_have(constants: str, evidence: str) -> None:
    parsed = build_network(chain(build_layer("input_layer1"), build_layer("conv1")))
    (problem,) = lint_problems(f"n1 = normalization({constants})", parsed, parsed=parsed)
    assert (problem.id, problem.severity.label) == ("script-bad-value", "error")
    assert evidence in problem.evidence and problem.shows_in_graph
