from __future__ import annotations

import pytest

from utils.findings import Location, Severity
from utils.terminal.annotations import MAX_MESSAGE, annotation


@pytest.mark.parametrize(
    ("severity", "command"),
    [(Severity.INFO, "notice"), (Severity.WARNING, "warning"), (Severity.ERROR, "error")],
)
def test_a_plain_message_stays_as_it_is(severity: Severity, command: str) -> None:
    assert annotation(severity, "all is well") == f"::{command}::all is well"


def test_places_and_titles_are_properties() -> None:
    place = Location("a.alls", 3, 5)
    said = annotation(Severity.ERROR, "wrong", "what", place)
    assert said == "::error file=a.alls,line=3,col=5,title=what::wrong"


def test_what_would_end_a_part_is_escaped() -> None:
    place = Location("a,b:c%.alls", 1, 1)
    said = annotation(Severity.ERROR, "50%\nnext: one, two", "a: b, c", place)
    assert said == (
        "::error file=a%2Cb%3Ac%25.alls,line=1,col=1,title=a%3A b%2C c::50%25%0Anext: one, two"
    )


@pytest.mark.parametrize("hostile", ["x\r::add-mask::y", "x\x1b[31m", "##[add-mask]y", "x\u2028y"])
def test_a_hostile_name_makes_no_command(hostile: str) -> None:
    said = annotation(Severity.ERROR, hostile, hostile, Location(hostile, 1, 1))
    assert len(said.splitlines()) == 1
    assert "##[" not in said
    assert "\x1b" not in said
    assert said.startswith("::error file=")


def test_a_long_message_is_cut() -> None:
    said = annotation(Severity.INFO, "a" * (MAX_MESSAGE + 1))
    assert said.endswith("a…")
    assert len(said) == len("::notice::") + MAX_MESSAGE
