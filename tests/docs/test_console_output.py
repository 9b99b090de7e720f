"""The demo's output in the documentation is what the command prints today."""

from __future__ import annotations

import pytest

from docs import console_output
from docs.console_output import (
    EXTRACT,
    README,
    WIDTHS,
    blocks,
    differences,
    extract,
)
from docs.marked_blocks import block, with_block


@pytest.fixture(scope="module")
def outputs() -> dict[int, str]:
    return console_output.demo_outputs()


@pytest.mark.slow
def test_the_pages_show_what_the_command_prints(outputs: dict[int, str]) -> None:
    for page, contents in blocks(outputs).items():
        text = page.read_text(encoding="utf-8")
        for name, content in contents.items():
            assert differences(block(text, name), content) == [], f"{name}: run `make docs`"


@pytest.mark.slow
def test_the_readme_shows_the_verdict_in_few_lines(outputs: dict[int, str]) -> None:
    shown = block(README.read_text(encoding="utf-8"), EXTRACT).splitlines()[1:-1]
    assert len(shown) <= 25
    assert any(line.startswith("Verdict: ") for line in shown)
    assert shown[0] in outputs[min(WIDTHS)]


FIRST, LONG, LAST = "a\n" + "  a2\n" * 5, "b\n" + "  b2\n" * 22, "c\n\nd\n  d2"


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (FIRST + LAST, FIRST + LAST),
        (FIRST + LONG + LAST, f"{FIRST}[...]\n{LAST}"),
        (LONG + LAST, f"[...]\n{LAST}"),
        (FIRST + LONG, f"{FIRST}[...]"),
    ],
)
def test_an_extract_keeps_entries_whole(output: str, shown: str) -> None:
    assert extract(output) == shown


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_only_lines_to_be_copied_are_wider_than_the_terminal(
    outputs: dict[int, str], width: int
) -> None:
    for line in console_output.too_wide(outputs[width], width):
        assert line.startswith("  ")
        is_of_a_script = line.endswith(")") and line.strip().partition("(")[0].isidentifier()
        assert is_of_a_script or line.strip().startswith("hailo ")


@pytest.mark.slow
def test_the_output_tells_neither_folder_nor_time_nor_colour(outputs: dict[int, str]) -> None:
    for output in outputs.values():
        assert "/tmp" not in output
        assert "\x1b" not in output
        assert "Data build/demo/calibset.npy" in output
        assert output.count("Verdict: ") == 1


@pytest.mark.parametrize(
    ("shown", "now", "expected"),
    [
        ("SNR 12.3 dB", "SNR 12.3 dB", []),
        ("SNR 12.3 dB", "SNR 12.4\n  dB", []),
        ("(9.9 dB)", "(10.0 dB)", []),
        ("33.33% of", "33.34% of", []),
        ("bias 53%", "bias 54%", []),
        ("-0.278 to 4.19", "-0.279 to 4.19", []),
        ("SNR 12.3 dB", "SNR 12.5 dB", [("12.3", "12.5")]),
        ("SNR 12.3 dB", "SNR -12.3 dB", [("12.3", "-12.3")]),
        ("9 warnings", "8 warnings", [("9", "8")]),
        ("3,072 values", "3,073 values", [("3,072", "3,073")]),
        ("low-snr", "low-snr:", [("low-snr", "low-snr:")]),
        ("a b", "a", [("b", "")]),
        ("fc1 12.3", "fc2 12.3", [("fc1", "fc2")]),
    ],
)
def test_only_the_last_digit_of_a_measured_number_may_differ(
    shown: str, now: str, expected: list[tuple[str, str]]
) -> None:
    assert differences(shown, now) == expected


def test_a_block_is_replaced_between_its_marks() -> None:
    text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb\n<!-- begin y -->\n<!-- end y -->\n"
    changed = with_block(text, "x", r"new \1")
    assert block(changed, "x") == r"new \1"
    assert changed == text.replace("old", r"new \1")
    assert block(text, "y") == ""
    with pytest.raises(ValueError, match="'z'"):
        with_block(text, "z", "")
