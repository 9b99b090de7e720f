from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.renderers.hostile import NAMES
from tests.renderers.pages import GITHUB, harmless_page
from utils.renderers.markdown.text import code, codes, escaped, fenced, inert, table
from utils.wording import short

ODD = (
    "|",
    "\\",
    "\\|",
    "`",
    "``",
    "a`b``c",
    "-",
    "- a",
    "---",
    "===",
    "1. a",
    "+ a",
    "# a",
    ">a",
    "| a |",
    ":---",
    "[x]: y",
    "<!--",
    "&copy;",
    "***",
    "    indented",
    "~~a~~",
    "_a_",
    "!",
)
# What Markdown and HTML are made of.
TEXT = st.text(st.sampled_from("a1 \\`*_{}[]()<>#+-.!|~&;:@=\"'$/\n"), max_size=30)


def read(markdown: str) -> str:
    """All that is shown, in code or not, on one line."""
    page = harmless_page(markdown)
    return " ".join((page.prose + page.code).replace("\N{ZERO WIDTH SPACE}", "").split())


def one_line(text: str, limit: int) -> str:
    return " ".join(short(text, limit).split())


@pytest.mark.parametrize("text", [*NAMES, *ODD])
def test_prose_is_shown_as_it_is(text: str) -> None:
    assert read(escaped(text, 400)) == one_line(text, 400)
    assert read(f"- {escaped(text, 400)}") == one_line(text, 400)


@given(TEXT)
def test_any_prose_is_shown_as_it_is(text: str) -> None:
    assert read(escaped(text, 400)) == one_line(text, 400)


@pytest.mark.parametrize("text", [*NAMES, *ODD])
def test_code_is_shown_as_it_is_in_tables_too(text: str) -> None:
    assert read(f"x {code(text)}") == f"x {one_line(text, 60)}"
    page = harmless_page(table(["a", "b"], [["1", code(text)], [code(text), "2"]]))
    (_, first, second) = page.tables[0]
    assert [" ".join(cell.split()) for cell in (*first, *second)] == [
        "1",
        one_line(text, 60),
        one_line(text, 60),
        "2",
    ]


@given(TEXT)
def test_any_code_is_shown_as_it_is(text: str) -> None:
    shown = one_line(text, 60) or "(no name)"
    assert read(f"x {code(text)}") == f"x {shown}"


@pytest.mark.parametrize("text", [*NAMES, *ODD, "````"])
def test_fences_are_not_closed_by_what_they_hold(text: str) -> None:
    tokens = GITHUB.parse(fenced([text, "end"]))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content == f"{short(text, 2_000)}\nend\n"


def test_layers_are_shortened() -> None:
    assert codes([]) == ""
    assert codes(["a/conv1", "conv2"]) == "`conv1`, `conv2`"
    assert codes([f"net/c{i}" for i in range(2_000)], 1) == "`c0` and 1,999 more"
    assert codes(["", "net/"]) == "(no name), `net/`"


def test_documentation_keeps_its_markup_but_not_more() -> None:
    assert inert("see **`a<b`** at @me <b>") == "see **`a<b`** at @&#8203;me &lt;b&gt;"
