"""Completion as a shell does it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from utils.errors import UsageError
from utils.options.completion import completion_script
from utils.options.groups import SHELLS
from utils.options.options import parse_options

shtab = pytest.importorskip("shtab")

INSPECTORS = ("AlphaInspector", "BetaInspector")
FINDINGS = ("alpha-low", "beta-high")
TRY = """
source "$1"; shift
complete -p main.py
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_shtab_main_py
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash_script(tmp_path: Path) -> Path:
    path = tmp_path / "main.bash"
    path.write_text(completion_script("bash", INSPECTORS, FINDINGS), encoding="utf-8")
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
        (["--explain", "al"], {"alpha-low"}),
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
def test_every_shell_gets_a_script(shell: str) -> None:
    if shell not in shtab.SUPPORTED_SHELLS:
        with pytest.raises(UsageError, match=f"no completion for {shell}; run `pip install -U"):
            completion_script(shell, INSPECTORS, FINDINGS)
        pytest.skip(f"this version of shtab knows no {shell}")
    assert parse_options(["--print-completion", shell], INSPECTORS).print_completion == shell
    assert "exact-sensitivity" in completion_script(shell, INSPECTORS, FINDINGS)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse_options(["--print-completion", "nushell"], INSPECTORS)
    assert stop.value.code == 2
    assert "choose from" in capsys.readouterr().err
