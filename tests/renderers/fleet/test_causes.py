"""What an owner of many archives reads first: shared causes, and what changed."""

from __future__ import annotations

from dataclasses import replace

from tests.renderers.fleet.made import BAD, FAILED, FINE, fleet
from utils.fleet.rows import Row
from utils.renderers.fleet.causes import shared_causes
from utils.renderers.fleet.page import render
from utils.renderers.fleet.table import causes_table, table
from utils.renderers.fleet.words import changes, failing
from utils.terminal.layout import laid_out

DAMAGED = [
    replace(FAILED, name=name, archive=f"/nets/{name}.har", failure=f"/nets/{name}.har is damaged")
    for name in ("f", "g", "h")
]


def same(count: int, row: Row = BAD, **changed: object) -> list[Row]:
    return [replace(row, name=f"{row.name}{at}", **changed) for at in range(count)]  # type: ignore[arg-type]


def test_causes_of_one_archive_each_make_no_table() -> None:
    found = fleet(FINE, BAD, FAILED, *same(2, FINE))
    assert shared_causes(found.rows) == []
    assert causes_table(found).columns == []
    assert "First causes" not in render(found)


def test_what_many_archives_have_stands_once_with_their_number() -> None:
    other = replace(BAD, name="other", cause="Nothing fires", cause_id="dead", next="Train it.")
    found = fleet(FINE, *same(7), other, *DAMAGED)
    assert [(each.state, len(each.rows), each.id) for each in shared_causes(found.rows)] == [
        ("failed", 3, ""),
        ("error", 7, "data-normalized-twice"),
    ]
    lines = laid_out(causes_table(found), 80)
    assert lines[1].split()[:3] == ["3", "not", "diagnosed"]
    assert "the archive is damaged" in lines[1]
    assert lines[2].split()[:4] == ["7", "error", "The", "images"]
    page = render(found)
    assert page.index("First causes") < page.index("Archives, the worst first")
    assert "and 2 others" in page


def test_the_step_of_most_archives_is_told() -> None:
    rows = [*same(3), replace(BAD, next="Pass the raw pixels.")]
    (cause,) = shared_causes(rows)
    assert (cause.next, cause.steps) == (BAD.next, 3)
    assert f"At 3 of them: {BAD.next}" in render(fleet(*rows))
    assert "of them:" not in render(fleet(*same(3)))


def test_the_lines_of_a_step_stand_with_it_where_all_have_the_same() -> None:
    line = "model_optimization_flavor(optimization_level=1)"
    alike = same(3, commands=(line,))
    (cause,) = shared_causes(alike)
    assert cause.commands == (line,)
    assert render(fleet(*alike)).count(line) == 4  # of the cause, and of every archive
    others = [*same(2, commands=(line,)), replace(BAD, name="b", commands=("x(1)",))]
    assert shared_causes(others)[0].commands == ()


def test_of_many_lines_the_first_are_shown_and_the_rest_is_counted() -> None:
    page = render(fleet(replace(BAD, commands=tuple(f"line({i})" for i in range(9)))))
    assert "line(2)" in page
    assert "line(3)" not in page
    assert "and 6 more lines" in page


def test_without_a_baseline_nothing_changed() -> None:
    assert changes(fleet(FINE, replace(BAD, against=""))) == ""
    assert "against the baseline" not in render(fleet(FINE))


def test_changes_are_counted_and_what_is_gone_is_named() -> None:
    rows = [
        replace(FINE, name="a", against="as good as before"),
        replace(FINE, name="b", against="better than before: 1 fixed"),
        replace(BAD, name="c", against="worse than before: 30.4 -> 11.8 dB, 2 new"),
        replace(BAD, name="d", against="partly better and partly worse than before: 1 new"),
        replace(FINE, name="e", against="new, not in the baseline"),
        replace(FINE, name="f", against="nothing was compared with before"),
    ]
    found = replace(fleet(*rows), gone=("old", "older"))
    assert changes(found) == (
        "1 worse, 1 partly better and partly worse, 1 better, 1 as good, 1 new, 1 not compared, "
        "2 no longer in the plan (old and older)"
    )
    assert changes(found) in render(found)
    cells = next(c.cells for c in table(found).columns if c.heading == "against before")
    assert sorted(cells) == [
        "as good",
        "better: 1 fixed",
        "new",
        "not compared",
        "partly better and partly worse: 1 new",
        "worse: 30.4 -> 11.8 dB, 2 new",
    ]


def test_causes_and_changes_are_seen_on_80_columns() -> None:
    rows = [
        replace(BAD, name="shape_detector_mended", against="worse than before: 30.4 -> 11.8 dB"),
        FINE,
    ]
    lines = laid_out(table(fleet(*rows)), 80)
    assert max(map(len, lines)) <= 80
    assert "The images are normal" in lines[1]
    assert "worse: 30.4" in lines[1]


def test_who_decides_the_exit_code_is_named() -> None:
    assert failing(fleet(FINE, replace(BAD, code=0))) == ""
    assert failing(fleet(FINE, BAD, FAILED)) == (
        "1 archive not diagnosed: failed; 1 archive at or above fail-on error: bad"
    )
