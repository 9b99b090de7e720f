"""The command line of ``fleet``: what it says of words that it cannot take."""

from __future__ import annotations

import pytest

from utils.options.fleet_options import parse_fleet_options
from utils.options.options import parse_options


def test_a_quoted_pattern_is_one_word() -> None:
    options = parse_fleet_options(["nets/*.har", "--data", "x.npy"])
    assert (options.plan, options.data) == ("nets/*.har", "x.npy")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["a.har", "b.har", "c.har", "--data", "x.npy"], "3 paths instead of one; put a pattern"),
        (["a.har", "--dta", "x.npy"], "unknown option --dta; did you mean --data?"),
        (["a.har", "--data-path", "x.npy"], "unknown option --data-path; did you mean --data?"),
        (["a.har", "--json", "x", "--html", "x"], "--html and --json name the same file, x"),
        (["a.har", "b.har", "--init", "nets"], "2 paths instead of one"),
    ],
)
def test_words_that_are_too_many_are_told_apart(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        parse_fleet_options(argv)
    assert stop.value.code == 2
    assert f"[error] {said}" in capsys.readouterr().err


def test_the_word_has_to_be_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse_options(["--no-interactive", "fleet", "--init", "my nets"], ())
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "fleet has to be the first word: ./main.py fleet --init 'my nets'" in said
