"""Completion as a shell does it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from utils.options.completion import SHELLS
from utils.options.options import parse_options

pytest.importorskip("shtab")

INSPECTORS = {"AlphaInspector": "Is it a?", "BetaInspector": "Is it b?"}
TRY = """
source "$1"; shift
complete -p main.py
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_shtab_main_py
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    with pytest.raises(SystemExit) as stop:
        parse_options(["--print-completion", "bash"], INSPECTORS)
    assert stop.value.code == 0
    path = tmp_path / "main.bash"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--exa"], {"--exact-sensitivity"}),
        (["--fail-on", ""], {"never", "warning", "error", "new-warning", "new-error"}),
        (["-a", "hailo15"], {"hailo15h", "hailo15m", "hailo15l"}),
        (["--order", "Al"], {"AlphaInspector"}),
        (["--order", "AlphaInspector", "Be"], {"BetaInspector"}),
        (["-d", "cal"], {"calibset.npy"}),
        (["-d", "calibset.npy", "mod"], {"model.har"}),
        (["--image-dir", "im"], {"images"}),
        (["--print-completion", ""], set(SHELLS)),
    ],
)
def test_bash_completes(
    tmp_path: Path, bash_script: Path, words: list[str], expected: set[str]
) -> None:
    for name in ("calibset.npy", "model.har"):
        (tmp_path / name).touch()
    (tmp_path / "images").mkdir()
    done = subprocess.run(
        ["bash", "-c", TRY, "bash", str(bash_script), "./main.py", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    registered, *found = done.stdout.splitlines()
    assert registered.endswith("-F _shtab_main_py main.py")
    assert set(found) == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["--print-completion", shell], INSPECTORS)
    assert "exact-sensitivity" in capsys.readouterr().out


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse_options(["--print-completion", "fish"], INSPECTORS)
    assert stop.value.code == 2
    assert "choose from" in capsys.readouterr().err
