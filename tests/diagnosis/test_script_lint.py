"""``--lint-script`` as a user runs it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import main
from tests.fixtures.schemas import LINT, validate
from tests.har.archives import write_small
from tests.har.samples import ROOT, sample_path
from utils.model_script.lint.findings import MAX_SCRIPT_CHARACTERS

CLEAN = "set_seed(seed=1)\nquantization_param(conv1, precision_mode=a8_w8)\n"
NOT_CHECKED = "[info] Not checked: whether the layers exist; pass the network with --har model.har"


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(name: str, text: str | bytes) -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def lint(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    code = main.main(["--lint-script", *argv])
    return code, capsys.readouterr().out.splitlines()


def test_a_clean_script(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = lint(capsys, written("a.alls", CLEAN))
    assert code == 0
    assert lines == [
        "[info] a.alls: nothing found",
        "[info] Summary: 0 errors, 0 warnings, 0 infos in 1 script",
        NOT_CHECKED,
    ]


def test_every_finding_is_one_line_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    first = written("a.alls", "set_seed(seed=1)\nset_sed(seed=1)\n")
    second = written("b.alls", "\nnormalization([0], [1])\nnew_thing(1)")
    code, lines = lint(capsys, first, second)
    assert code == 0
    expected = (
        r"a\.alls:2:1: error: .*set_seed\(seed=1\).* \[script-unknown-command\]",
        r"b\.alls:2:1: warning: .*normalization1 = .* \[script-unassigned-normalization\]",
        r"b\.alls:3:1: info: .*new_thing.* \[script-unknown-command\]",
    )
    assert all(map(re.fullmatch, expected, lines[:-2]))
    assert len(lines) == 5
    assert lines[-2] == "[info] Summary: 1 error, 1 warning, 1 info in 2 scripts"


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        (CLEAN, "warning", 0),
        ("new_thing(1)", "warning", 0),
        ("normalization([0], [1])", "never", 0),
        ("normalization([0], [1])", "warning", 1),
        ("normalization([0], [1])", "error", 0),
        ("set_sed(seed=1)", "error", 1),
        ("no script at all", "error", 1),
    ],
)
def test_exit_codes(text: str, fail_on: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(capsys, written("a.alls", text), "--fail-on", fail_on)[0] == code


@pytest.mark.parametrize("argv", [("--har", "model.har"), ("model.har",)])
def test_layers_are_those_of_the_archive(
    argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(Path("model.har"))
    script = written("a.alls", "quantization_param([conv1, conv9], precision_mode=a8_w8)")
    code, lines = lint(capsys, script, *argv)
    assert code == 0
    assert lines[0].startswith("a.alls:1:28: error: The network has no layer conv9")
    assert NOT_CHECKED not in lines
    assert lint(capsys, written("b.alls", CLEAN), *argv)[1] == [
        "[info] b.alls: nothing found",
        "[info] Summary: 0 errors, 0 warnings, 0 infos in 1 script",
    ]


def test_an_archive_that_was_not_quantized_yet_will_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sample_path("jet_cnn_parsed")
    script = written("a.alls", "quantization_param([conv1, conv9], precision_mode=a8_w8)")
    assert lint(capsys, script, "--har", path)[1][0].startswith("a.alls:1:28: error: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "odd.alls does not exist; pass the model script"),
        (b"set_seed(seed=1)\xff", "odd.alls is not a model script: it is not UTF-8 text"),
        (
            "set_seed(seed=1)".encode("utf-16"),
            "odd.alls is not a model script: it is not UTF-8 text",
        ),
        (b"set_seed\0(seed=1)", "odd.alls is not a model script: it is binary"),
        (b"#" * (MAX_SCRIPT_CHARACTERS + 1), "so it is no model script"),
    ],
    ids=["missing", "latin-1", "utf-16", "binary", "huge"],
)
def test_what_cannot_be_read_is_said_and_the_other_scripts_are_checked(
    content: bytes | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        written("odd.alls", content)
    code, lines = lint(capsys, "odd.alls", written("bad.alls", "set_sed(seed=1)"))
    assert code == 2
    assert lines[0].startswith("[error] ")
    assert said in lines[0]
    others = lines[next(i for i, line in enumerate(lines) if line.startswith("bad.alls")) :]
    assert others[0].startswith("bad.alls:1:1: error: ")
    assert others[1] == "[info] Summary: 1 error, 0 warnings, 0 infos in 1 script"


def test_a_script_in_utf_16_comes_with_a_line_that_writes_it_as_utf_8(
    capsys: pytest.CaptureFixture[str],
) -> None:
    written("odd.alls", "set_sed(seed=1)\n".encode("utf-16"))
    _, lines = lint(capsys, "odd.alls")
    assert lines[1].startswith("Next: Write it as UTF-8 into a file beside it")
    python, *words = shlex.split(lines[2])
    assert python == "python3"
    subprocess.run([sys.executable, *words], check=True)
    assert lint(capsys, "odd_utf8.alls")[1][0].startswith("odd_utf8.alls:1:1: error: ")


def test_a_failure_by_findings_is_said_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lint(capsys, written("a.alls", "set_sed(seed=1)"), "--fail-on", "error")[1]
    assert lines[-1] == "[error] Exit code 1: findings at or above --fail-on error"


def test_reports_are_written_as_a_diagnosis_does(capsys: pytest.CaptureFixture[str]) -> None:
    names = {form: f"scripts.{form}" for form in ("json", "sarif", "junit", "markdown")}
    argv = [word for form, name in names.items() for word in (f"--{form}", name)]
    Path("scripts.json").write_text("mine")
    code, lines = lint(capsys, written("a.alls", "set_sed(seed=1)"), *argv)
    assert code == 0
    assert Path("scripts.json").read_text() == "mine"
    report = json.loads(Path("scripts_1.json").read_text("utf-8"))
    validate(report, LINT)
    assert report["summary"] == {"info": 0, "warning": 0, "error": 1}
    assert all(Path(name).read_text("utf-8") for form, name in names.items() if form != "json")
    assert "[info] Wrote the SARIF report: scripts.sarif" in lines


def test_a_report_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    script = written("a.alls", "set_sed(seed=1)")
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--lint-script", script, "--json", "/dev/stdout"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["scripts"][0]["path"] == "a.alls"
    assert "a.alls:1:1: error: " in done.stderr


@pytest.mark.parametrize("path", ["none/report.json", "."])
def test_a_report_that_cannot_be_written(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(capsys, written("a.alls", CLEAN), "--json", path)[0] == 2


def test_a_folder_is_no_script(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = lint(capsys, ".")
    assert (code, lines[0]) == (2, "[error] . is a folder, not a model script")


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_an_archive_that_cannot_be_read_ends_the_command(
    content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        written("model.har", content)
    code, lines = lint(capsys, written("a.alls", CLEAN), "--har", "model.har")
    assert code == 2
    assert len(lines) == 1 + (content is not None)
    assert lines[0].startswith("[error] model.har ")


def test_the_script_is_not_taken_for_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    script = written("a.alls", CLEAN)
    assert main.main(["--lint-script", script, "--log-path", script]) == 2
    assert "choose another --log-path" in capsys.readouterr().err
    assert Path(script).read_text("utf-8") == CLEAN


def test_control_characters_reach_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = lint(capsys, written("a.alls", "set_seed(seed='\x1b[31m')"))[1]
    assert "\\x1b[31m" in lines[0]
    assert all(line.isprintable() for line in lines)


def test_neither_tensorflow_nor_data_are_needed() -> None:
    script = written("a.alls", CLEAN)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import main; "
        f"code = main.main(['--lint-script', {script!r}]); "
        "sys.exit(code or 10 * ('tensorflow' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(ROOT)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
