from __future__ import annotations

import pytest

from tests.renderers.hostile import NAMES
from utils.wording import printable_lines, short


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 3, ""),
        ("conv1", 5, "conv1"),
        ("größe_层", 20, "größe_层"),
        ("backbone/block1/conv1", 11, "backb…conv1"),
        ("abcdef", 3, "a…f"),
        ("a\nb", 9, "a\\nb"),
        ("\x00" * 50, 9, "\\x00…\\x00"),
    ],
)
def test_short(text: str, limit: int, expected: str) -> None:
    assert short(text, limit) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [3, 40, 1_000])
def test_no_name_is_longer_or_holds_control_characters(name: str, limit: int) -> None:
    assert len(short(name, limit)) <= limit
    assert short(name, limit).isprintable()
    assert all(map(str.isprintable, printable_lines(name)))


def test_lines_stay_lines() -> None:
    assert printable_lines("a\tb\r\n\x1b[31mc\n\nd") == ["a   b", "\\x1b[31mc", "", "d"]
    assert printable_lines("") == []
