from __future__ import annotations

import pytest

from tests.fixtures.builders import build_model
from utils.findings.documentation import Documentation
from utils.recommendations import RecommendedScript
from utils.renderers.html import page
from utils.renderers.html import script as script_module
from utils.renderers.html.findings import Command
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
    assert view.left_out == (Command("y(2)", "no"),)
    assert view.is_compared


def test_comments_are_no_new_lines() -> None:
    view = script_view(report(None, "# No recommendation was taken:\n# y(2)  (no)\n"))
    assert view is not None
    assert (view.added, view.length) == (0, 2)
    assert "nothing is recommended for one" in page.render(
        report(None, "# y(2)\n"), Documentation()
    )
    shown = page.render(report(None, "# why\na(1)\nb(2)\n"), Documentation())
    assert "no script of its own; 2 lines are new" in shown


def long_script(count: int, name: str = "line") -> str:
    return "".join(f"{name}({number})\n" for number in range(count))


def test_long_scripts_that_share_beginning_and_end_are_compared_at_once() -> None:
    # Equal lines are what a comparison of all with all takes hours for.
    same = "x(1)\n" * 1500
    view = script_view(report(f"{same}old(1)\n{same}", f"{same}new(1)\n{same}"))
    assert view is not None
    changed = [(line.change, line.number) for line in view.lines if line.change != "same"]
    assert changed == [("removed", 0), ("added", 1501)]
    assert [line.number for line in view.lines if line.number] == list(range(1, 3002))


@pytest.mark.parametrize(
    ("own", "new"),
    [
        (long_script(1800, "old"), long_script(1800, "new")),
        ("x(1)\n" * 1200 + "z(1)\n", "y(1)\nx(1)\n" * 1000),
    ],
)
def test_what_takes_too_long_to_compare_is_shown_without_a_difference(own: str, new: str) -> None:
    view = script_view(report(own, new))
    assert view is not None
    assert not view.is_compared
    assert (view.added, view.removed) == (0, 0)
    assert [line.text for line in view.lines] == new.splitlines()
    assert {line.change for line in view.lines} == {""}


@pytest.mark.parametrize("new", [long_script(9000), "a" * 500_000, "<" * 150_000])
def test_a_script_for_which_there_is_no_room_is_not_shown_in_part(new: str) -> None:
    view = script_view(report(None, new))
    assert view is not None
    assert view.lines == ()
    assert view.added == view.length == len(new.splitlines())


def test_of_many_statements_that_were_not_taken_the_first_are_shown() -> None:
    script = RecommendedScript("", (), tuple((f"x({i})", "no" * 900) for i in range(130)))
    view = script_view(Report(build_model(), "embedded", None, None, (), script=script))
    assert view is not None
    assert (len(view.left_out), view.more_left_out) == (script_module.MAX_LEFT_OUT, 30)
    assert len(view.left_out[0].status) == script_module.MAX_SENTENCE
