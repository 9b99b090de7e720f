"""Texts as tables of numbers."""

from __future__ import annotations

import pytest

from utils.files.glimpse import Glimpse
from utils.files.table import table_of


def glimpse(text: str) -> Glimpse:
    return Glimpse("x", text.encode(), len(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words\n",
        "some words\nand others\n5\n",
        "1,2\n3\n",
        "1,2,a\n1,2,b\n",
        "a,b\n1,2\nx,4\n5,6\n",
    ],
)
def test_other_texts_are_no_tables(text: str) -> None:
    assert not table_of(glimpse(text)).is_of_numbers


@pytest.mark.parametrize(
    ("text", "separator", "columns", "names"),
    [
        ("1,2\n3,4\n", ",", 2, 0),
        ("a;b;c\n\n1;2;-3e5\n", ";", 3, 1),
        ("1\t.5\n2\tNaN\n", "\t", 2, 0),
        ("1   2 3\n4 5   6\n", None, 3, 0),
        ("7\n", ",", 1, 0),
    ],
)
def test_tables_of_numbers(text: str, separator: str | None, columns: int, names: int) -> None:
    table = table_of(glimpse(text))
    assert table.is_of_numbers
    assert (table.separator, table.columns, table.names) == (separator, columns, names)
