"""An empty value is refused wherever one is taken: a variable of a script that was never set."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils.errors import UsageError
from utils.options.configuration import Configuration
from utils.options.configured import apply_configuration, configurable
from utils.options.fleet_options import build_fleet_parser
from utils.options.groups import build_parser
from utils.options.parser import Parser

DIAGNOSIS, FLEET = build_parser([]), build_fleet_parser()
TAKING = [
    (parser, name)
    for parser in (DIAGNOSIS, FLEET)
    for name, action in configurable(parser).items()
    if action.nargs != 0 and name != "scheduler"  # of which an empty one is the default
]


def refused(parser: Parser, argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        parser.parse_args(argv)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_values_that_hold_something_are_taken() -> None:
    values = DIAGNOSIS.parse_args(["--html", "page.html", "--dfc-log", "c.log", "model.har"])
    assert values.html == "page.html"
    FLEET.parse_args(["plan.yaml", "--json", "fleet.json"])


@pytest.mark.parametrize(("parser", "name"), TAKING)
def test_an_empty_value_is_refused(
    parser: Parser, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(parser, ["x", f"--{name}", ""], capsys)
    assert f"--{name}" in said


@pytest.mark.parametrize(("parser", "name"), [(DIAGNOSIS, "har"), (FLEET, "plan")])
def test_an_empty_first_argument_is_refused(
    parser: Parser, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"argument {name}: the value is empty" in refused(parser, [""], capsys)


@pytest.mark.parametrize("table", [{"html": ""}, {"dfc-log": ["a.log", ""]}])
def test_an_empty_value_of_a_configuration_is_refused(table: dict[str, object]) -> None:
    file = str(Path("nets") / "c.toml")
    with pytest.raises(UsageError, match=r"c\.toml: .*: the value is empty"):
        apply_configuration(build_parser([]), Configuration(file, table, is_named=True))
