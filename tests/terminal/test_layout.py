from __future__ import annotations

import re

import pytest

from utils.findings import Severity
from utils.terminal.layout import display_width, laid_out
from utils.terminal.shown import Column, Table, Text

WARNING = Severity.WARNING
FOUND = Text("The SNR is 3.0 dB at conv1 and conv2, which is low [low-snr]", WARNING)


def table(*names: str) -> Table:
    return Table(
        (
            Column("layer", names, is_number=False),
            Column("SNR", ["3.0"] * len(names)),
            Column("bias", ["10%"] * len(names), rank=1),
            Column("empty", [""] * len(names)),
            Column("original name", ["/a/Conv"] * len(names), rank=2, is_number=False),
        )
    )


@pytest.mark.parametrize("width", [None, 200])
def test_what_fits_is_one_line(width: int | None) -> None:
    assert laid_out(FOUND, width) == [f"[warning] {FOUND.text}"]


def test_a_long_text_hangs_under_its_beginning() -> None:
    assert laid_out(FOUND, 42) == [
        "[warning] The SNR is 3.0 dB at conv1 and",
        "          conv2, which is low [low-snr]",
    ]
    assert laid_out(Text("Data a b c d e f g h i", indent=2, hanging=4), 40)[0] == (
        "  Data a b c d e f g h i"
    )
    assert laid_out(Text("Data " + "x " * 30, indent=2, hanging=4), 40)[1].startswith("      x")


def test_nothing_is_said_by_an_empty_text_but_an_empty_line() -> None:
    assert laid_out(Text(""), 80) == laid_out(Text(""), None, True) == [""]


@pytest.mark.parametrize(
    ("text", "first_line"),
    [
        ("x" * 35 + " 12.5 dB", "x" * 35),
        ("x" * 35 + " 8 bits or", "x" * 35),
        ("x" * 30 + " (64, 64, 3)", "x" * 30),
        ("x" * 35 + " 12 abcdefg", "x" * 35 + " 12"),
    ],
)
def test_a_number_stays_with_its_unit_and_a_shape_whole(text: str, first_line: str) -> None:
    assert laid_out(Text(text), 40)[0] == first_line


def test_a_word_that_is_wider_than_the_terminal_is_kept_whole() -> None:
    lines = laid_out(Text(f"at {'n' * 300} and b", hanging=2), 80)
    assert lines == ["at", f"  {'n' * 300}", "  and b"]


def test_what_is_to_be_copied_is_not_broken() -> None:
    command = "quantization_param([net/conv1], " + "x=1, " * 30 + "y=2)"
    assert laid_out(Text(command, indent=2, is_breakable=False), 80) == [f"  {command}"]


def test_wide_characters_take_two_columns() -> None:
    assert [display_width(text) for text in ("abc", "層", "e\u0301", "")] == [3, 2, 1, 0]
    assert laid_out(Text("層" * 20 + " " + "層" * 20), 79) == ["層" * 20, "層" * 20]
    lines = laid_out(table("層", "ab"), 80)
    assert [display_width(line.partition("3.0")[0]) for line in lines[1:]] == [9, 9]


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    assert laid_out(table("conv1", "a_long_name"), 80) == [
        "  layer        SNR  bias  original name",
        "  conv1        3.0   10%  /a/Conv",
        "  a_long_name  3.0   10%  /a/Conv",
    ]


def test_a_narrow_terminal_gets_the_columns_that_matter_most() -> None:
    name = "n" * 25
    assert laid_out(table(name), 40)[0].split() == ["layer", "SNR", "bias"]
    name = "n" * 60
    for line in laid_out(table(name), 40)[:2]:
        assert "bias" not in line
        assert display_width(line) <= 40
    assert laid_out(table(name), None)[0].split() == ["layer", "SNR", "bias", "original", "name"]


def test_what_a_narrow_terminal_does_not_show_is_named() -> None:
    head, row, *rest = laid_out(table("n" * 60), 40)
    assert "bias" not in head + row
    assert " ".join(map(str.strip, rest)) == (
        "(not shown, as the terminal is too narrow: bias, original name)"
    )
    assert all(display_width(line) <= 40 for line in rest)
    assert len(laid_out(table("n" * 60), None)) == 2


@pytest.mark.parametrize("width", [1, 20, 39])
def test_a_terminal_that_is_too_narrow_breaks_lines_itself(width: int) -> None:
    assert laid_out(FOUND, width) == laid_out(FOUND, 40)
    assert laid_out(table("n" * 60), width) == laid_out(table("n" * 60), 40)


@pytest.mark.parametrize("width", [40, 80, None])
@pytest.mark.parametrize(
    "shown", [FOUND, table("conv1"), Text("A heading of some length", is_heading=True), Text("")]
)
def test_colours_change_nothing_but_colours(shown: Text | Table, width: int | None) -> None:
    coloured = laid_out(shown, width, True)
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == laid_out(shown, width)
    assert not any("\x1b" in line for line in laid_out(shown, width))


@pytest.mark.parametrize(
    ("severity", "painted"),
    [
        (Severity.INFO, "\x1b[36m[info]\x1b[0m"),
        (Severity.WARNING, "\x1b[33m[warning]\x1b[0m"),
        (Severity.ERROR, "\x1b[31m[error]\x1b[0m"),
    ],
)
def test_colour_is_on_the_severity_only(severity: Severity, painted: str) -> None:
    text = f"It names [{severity.label}] once more [low-snr]"
    assert laid_out(Text(text, severity), None, True) == [f"{painted} {text}"]


def test_control_characters_are_spelled_out() -> None:
    assert laid_out(Text("a\x1b[31m\n[error] b\r"), None) == ["a\\x1b[31m\\n[error] b\\r"]
    assert "  a\\nb   3.0" in laid_out(table("a\nb"), 80)[1]


def told(width: int, cause: str = "the data were normalized twice") -> list[str]:
    columns = [
        Column("archive", ["a_long_name_of_a_net"], is_number=False, shortest=12),
        Column("SNR", ["12.3 dB"], rank=2),
        Column("first", [cause], 1, False, shortest=16),
    ]
    return laid_out(Table(columns), width)


def test_columns_that_may_be_cut_stay_whole_where_there_is_room() -> None:
    assert told(80)[1] == "  a_long_name_of_a_net  12.3 dB  the data were normalized twice"


def test_columns_are_cut_before_others_are_left_out() -> None:
    assert told(52) == [
        "  archive                   SNR  first",
        "  a_long_name_of_a_net  12.3 dB  the data were norm…",
    ]
    assert told(43)[1] == "  a_long_name_o…  12.3 dB  the data were n…"


def test_columns_that_cannot_be_cut_any_more_leave_the_last_out() -> None:
    assert told(40)[1] == "  a_long_name_of_a_net  the data were n…"
    assert told(40)[2] == "  (not shown, as the terminal is too"
