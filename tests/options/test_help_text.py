"""What the help says besides its options; the options themselves are tested in test_options."""

from __future__ import annotations

import pytest

from utils.options import help_text

INSPECTORS = ("BInspector", "AInspector")


def test_every_part_of_a_manual_page_is_there() -> None:
    text = help_text.epilog(INSPECTORS)
    for heading in ("examples:", "exit codes:", "environment:", "files:", "inspectors ("):
        assert f"\n{heading}" in f"\n{text}"


def test_inspectors_are_named_in_the_order_of_the_alphabet() -> None:
    assert help_text.epilog(INSPECTORS).endswith("asks):\n  AInspector, BInspector")


def test_many_inspectors_take_several_lines_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "82")
    names = [f"Number{index}Inspector" for index in range(20)]
    lines = help_text.epilog(names).partition("asks):\n")[2].splitlines()
    assert len(lines) > 2
    assert all(line.startswith("  Number") and len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    "text", [help_text.EXAMPLES, help_text.EXIT_CODES, help_text.ENVIRONMENT, help_text.FILES]
)
def test_it_fits_the_terminal_of_the_readme(text: str) -> None:
    assert max(map(len, text.splitlines())) <= 98


def test_the_usage_is_short() -> None:
    assert len(help_text.USAGE.splitlines()) <= 4
    assert max(map(len, help_text.USAGE.splitlines())) <= 90
