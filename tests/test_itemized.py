from __future__ import annotations

import pytest

from utils.wording import itemized


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, ""), (1, "a"), (3, "a; b; c"), (4, "a; b; c; 1 more"), (9, "a; b; c; 6 more")],
)
def test_itemized(count: int, expected: str) -> None:
    assert itemized("abcdefghi"[:count]) == expected


def test_the_limit_can_be_another() -> None:
    assert itemized(["a, b", "c"], limit=1) == "a, b; 1 more"
