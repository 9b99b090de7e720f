"""A configuration that lies in the current folder, which is another one on each worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnosis.fleet.command import _tell_of_configuration
from diagnosis.fleet.tasks import Workplace, options_of
from utils.fleet.plan import Case, Plan
from utils.fleet.plan_check import check_arguments
from utils.options.configuration import OWN_FILE

COUNTS = """
dataset = "other.npy"
data-count = 2
[[ignore]]
id = "implicit-compression"
reason = "known"
"""
CASE = Case("a", "/nets/a.har", "", ("--data-count=7",))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", ["", COUNTS, "data-count = 'many'", "[broken"])
def test_options_are_those_of_the_plan(text: str, here: Path) -> None:
    place = Workplace(str(here))
    expected = options_of(CASE, place)
    (here / OWN_FILE).write_text(text)
    check_arguments(Plan("fleet.yaml", (CASE,)))
    found = options_of(CASE, place)
    assert found == expected
    assert (found.dataset, found.data_count, found.ignored) == (None, 7, ())
    assert found.configuration == ""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("notes.toml", COUNTS, 0),
        ("pyproject.toml", 'name = "hailo-first-aid"', 0),
        (OWN_FILE, COUNTS, 1),
        ("pyproject.toml", "[tool.hailo-first-aid]\nquick = true", 1),
    ],
)
def test_it_is_told_that_it_does_not_count(
    name: str, text: str, told: int, here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (here / name).write_text(text)
    _tell_of_configuration()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == told
    assert all(each.startswith(f"{name} does not count") for each in said)
