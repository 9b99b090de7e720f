from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.renderers.markdown.fitted import Section, fitted

REST = "({} left out)"
SECTIONS = st.lists(
    st.builds(Section, st.just("head"), st.lists(st.text("x", max_size=90)), st.just("foot"))
)


def test_what_fits_is_shown_whole_and_empty_sections_not_at_all() -> None:
    sections = [Section("A", ["1", "2"], "end"), Section("B", []), Section("", ["3"])]
    assert fitted(sections, 1_000, REST) == "A\n\n1\n\n2\n\nend\n\n3"
    assert fitted([], 0, REST) == ""


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (3, "A\n\n1\n\n(2 left out)\n\nB\n\n(1 left out)"),
        (2, "A\n\n(3 left out)\n\nB\n\n(1 left out)"),
        (9, "A\n\n1\n\n2\n\n3\n\nB\n\n(1 left out)"),
        (12, "A\n\n1\n\n2\n\n3\n\nB\n\n4"),
    ],
)
def test_the_later_items_go_first_and_are_counted(room: int, text: str) -> None:
    frames = 2 * (1 + len(REST) + 20)
    sections = [Section("A", ["1", "2", "3"]), Section("B", ["4"])]
    assert fitted(sections, frames + room, REST) == text


def test_once_something_is_left_out_nothing_less_important_takes_its_place() -> None:
    sections = [Section("A", ["long" * 9]), Section("B", ["4"])]
    room = 2 * (1 + len(REST) + 20) + 20
    assert fitted(sections, room, REST) == "A\n\n(1 left out)\n\nB\n\n(1 left out)"


@given(SECTIONS, st.integers(0, 2_000))
def test_the_limit_holds_wherever_the_frames_fit(sections: list[Section], room: int) -> None:
    frames = sum(8 + len(REST) + 20 for section in sections if section.items)
    assert len(fitted(sections, frames + room, REST)) <= frames + room
