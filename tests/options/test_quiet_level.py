"""The level of ``--quiet``, which may be left out before the archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils.findings import Severity
from utils.options.options import parse_options

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "archive").write_bytes(b"x")


@pytest.mark.parametrize(
    ("line", "har", "level"),
    [
        ("--quiet m.har", "m.har", WARNING),
        ("-q nets/m", "nets/m", WARNING),
        ("-q archive", "archive", WARNING),
        ("m.har --quiet", "m.har", WARNING),
        ("--quiet --no-debug m.har", "m.har", WARNING),
        ("--quiet info m.har", "m.har", INFO),
        ("--quiet=error m.har", "m.har", ERROR),
        ("-qerror m.har", "m.har", ERROR),
    ],
)
def test_what_is_a_level_and_what_is_a_path(line: str, har: str, level: Severity) -> None:
    options = parse_options(line.split(), ["A"])
    assert (options.har, options.quiet) == (har, level)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("--quiet bad m.har", "bad"),
        ("-q WARNING m.har", "WARNING"),
        ("m.har --quiet warn", "warn"),
        ("--quiet bad", "bad"),
        ("--quiet=bad m.har", "bad"),
        ("-qbad m.har", "bad"),
        ("-vq m.har", "m.har"),
    ],
)
def test_what_is_neither_is_refused_with_the_levels(
    line: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(line.split(), ["A"])
    assert ended.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert f"argument -q/--quiet: '{word}' is not a level; give info, warning or error, or" in said
    assert "put the archive before the option" in said
    assert "unrecognized" not in said
