from __future__ import annotations

from utils.renderers.html.room import LEAST, Room


def test_texts_are_whole_as_long_as_there_is_room() -> None:
    room = Room(1000)
    assert room.fitted("a" * 600, 800) == "a" * 600
    assert len(room.fitted("b" * 600, 800)) == LEAST
    assert room.fitted("c" * 300, 800) == "c" * 300


def test_a_limit_holds_even_where_there_is_room() -> None:
    assert len(Room(10_000).fitted("a" * 900, 500)) == 500


def test_what_escaping_adds_takes_room() -> None:
    assert Room(10).holds("a" * 10)
    assert not Room(10).holds("<<<")
    assert not Room(10).holds("\x1b\x1b\x1b")
