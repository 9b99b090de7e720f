from __future__ import annotations

import pytest

from utils.wording import listed, plural, printable, split_remedy, without_scope


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, ""),
        (1, "a"),
        (2, "a and b"),
        (3, "a, b and c"),
        (5, "a, b, c, d and e"),
        (6, "a, b, c, d, e and 1 more"),
        (12, "a, b, c, d, e and 7 more"),
    ],
)
def test_listed(count: int, expected: str) -> None:
    assert listed("abcdefghijkl"[:count]) == expected


def test_listed_says_no_more_than_the_limit() -> None:
    assert listed(["a", "b", "c"], limit=2) == "a, b and 1 more"
    assert listed(["a", "b", "c"], limit=1) == "a and 2 more"
    assert listed([str(n) for n in range(2_000)], limit=1) == "0 and 1,999 more"


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 layers"), (1, "1 layer"), (2, "2 layers"), (9999, "9,999 layers")],
)
def test_plural(count: int, expected: str) -> None:
    assert plural(count, "layer") == expected


def test_control_characters_are_spelled_out() -> None:
    assert printable("conv1 (größe, 层)") == "conv1 (größe, 层)"
    assert printable("a\n[error] \x1b[31mb") == "a\\n[error] \\x1b[31mb"


@pytest.mark.parametrize(
    ("name", "expected"), [("conv1", "conv1"), ("net/conv1", "conv1"), ("a/b/", "a/b/"), ("", "")]
)
def test_without_scope(name: str, expected: str) -> None:
    assert without_scope(name) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", None),
        ("there is nothing to judge", None),
        ("it takes data; pass -d", ("it takes data", "pass -d")),
        ("one; two; three", ("one; two", "three")),
    ],
)
def test_the_remedy_follows_the_last_semicolon(
    reason: str, expected: tuple[str, str] | None
) -> None:
    assert split_remedy(reason) == expected
