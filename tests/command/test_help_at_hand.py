"""--explain and --list, as a user without an archive runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import inspectors
import main
from inspectors.documentation import documentation
from tests.har.samples import ROOT

DOCS = documentation(inspectors.discover()[0])


def test_everything_that_has_a_name_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for name in [*DOCS.findings, *(doc.name for doc in DOCS.inspectors)]:
        assert main.main(["--explain", name]) == 0, name
        text = capsys.readouterr().out
        assert name in text
        assert len(text.splitlines()) > 1, name


def test_the_list_has_one_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in [*DOCS.findings, *(doc.name for doc in DOCS.inspectors)]:
        assert sum(line.split()[:1] == [name] for line in lines) == 1, name


def test_a_word_nobody_knows_is_one_sentence_with_what_is_close(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.main(["--explain", "low-snrr"]) == 2
    said = capsys.readouterr().err
    assert "low-snr" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("argv", [["--list"], ["--explain", "low-snr"]])
def test_neither_writes_a_log_nor_imports_tensorflow(argv: list[str], tmp_path: Path) -> None:
    code = (
        "import sys, main; code = main.main(sys.argv[1:]); "
        "sys.exit(code or any(m in sys.modules for m in ('tensorflow', 'jinja2')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *argv],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
