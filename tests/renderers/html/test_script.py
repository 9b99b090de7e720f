from __future__ import annotations

import pytest

from tests.builders import build_model
from utils.recommendations import RecommendedScript
from utils.renderers.html.script import script_view
from utils.report import Report


def report(own: str | None, new: str | None) -> Report:
    script = None if new is None else RecommendedScript(new, (), (("y(2)", "no"),))
    return Report(build_model(script=own), "embedded", None, None, (), script=script)


def test_without_a_recommended_script_there_is_nothing_to_show() -> None:
    assert script_view(report("a(1)\n", None)) is None


@pytest.mark.parametrize(
    ("own", "new", "lines"),
    [
        ("a(1)\n", "a(1)\n", [("same", 1, "a(1)")]),
        (None, "a(1)\n", [("added", 1, "a(1)")]),
        (
            "a(1)\nb(2)\nc(3)\n",
            "a(1)\nb(9)\nc(3)\nd(4)\n",
            [
                ("same", 1, "a(1)"),
                ("removed", 0, "b(2)"),
                ("added", 2, "b(9)"),
                ("same", 3, "c(3)"),
                ("added", 4, "d(4)"),
            ],
        ),
        ("\ta(1)\r\n", "    a(1)\n", [("same", 1, "    a(1)")]),
    ],
)
def test_lines_are_told_apart(own: str | None, new: str, lines: list[tuple[str, int, str]]) -> None:
    view = script_view(report(own, new))
    assert view is not None
    assert [(line.change, line.number, line.text) for line in view.lines] == lines
    assert view.added == sum(change == "added" for change, _, _ in lines)
    assert view.removed == sum(change == "removed" for change, _, _ in lines)
    assert view.has_own == (own is not None)
    assert view.left_out == (("y(2)", "no"),)
