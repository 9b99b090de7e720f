"""The command with the SDK, as a user runs it: exit codes, report, terminal, folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import main
from tests.backends.sdk.runs import Case
from tests.command.running import ids, outcome
from tests.har.samples import ROOT
from tests.sdk_standin.chatter import MARK
from tests.sdk_standin.installation import environment, installed
from utils.backends.sdk import captures
from utils.backends.sdk.presence import PACKAGE

FEW = ("--order", "NoiseInspector", "OptimizationFlowInspector")
STATIC = "optimization-level-zero"  # a finding that takes no data
# Faults of the SDK, what is asked for: exit code, what the report says ran, whether it did.
OUTCOMES = [
    ({}, "auto", 0, "sdk", True),
    pytest.param({}, "sdk", 0, "sdk", True, marks=pytest.mark.slow),
    ({}, "both", 0, "both", True),
    pytest.param({}, "embedded", 0, "embedded", True, marks=pytest.mark.slow),
    ({"load": True}, "auto", 0, "embedded", True),
    ({"load": True}, "sdk", 2, "sdk", False),
    pytest.param({"load": True}, "both", 2, "embedded", True, marks=pytest.mark.slow),
    pytest.param(
        {"quantized_raises_later": True}, "auto", 0, "embedded", True, marks=pytest.mark.slow
    ),
    ({"quantized_raises_later": True}, "sdk", 2, "sdk", False),
    ({"state_unknown": True}, "sdk", 0, "sdk", True),
]


def run(case: Case, *argv: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    return outcome(case.har, "-d", case.data, "--batch-size", "4", *argv)


@pytest.mark.parametrize(("wrong", "asked", "code", "ran", "is_measured"), OUTCOMES)
def test_what_comes_of_it(
    wrong: dict[str, bool | str],
    asked: str,
    code: int,
    ran: str,
    is_measured: bool,
    cases: Mapping[str, Case],
    logged: list[str],
) -> None:
    with installed("3.33", **wrong):
        found, report = run(cases["3.33"], "--backend", asked, *FEW)
    assert found == code
    assert report["backend"] == ran
    assert STATIC in ids(report)
    assert ("snr_db" in report["layers"]["net/conv1"]) is is_measured
    assert bool(report["failures"]) is (code == 2)
    sdk = report.get("sdk")
    assert (sdk is None) is (asked == "embedded" or (asked == "sdk" and code == 2))
    fell_back = asked != "embedded" and ran == "embedded"
    warned = [line for line in logged if line.startswith("WARNING The embedded engine runs")]
    assert len(warned) == fell_back
    if sdk is not None:
        assert sdk["version"] == "3.33.1"
        assert bool(sdk["failure"]) is fell_back
        assert ("comparison" in sdk) is (ran == "both")
        assert bool(sdk["doubts"]) is ("state_unknown" in wrong)
    if "state_unknown" in wrong:
        assert any("WARNING the SDK holds the archive in a state" in line for line in logged)
    if is_measured and not fell_back and ran != "embedded":
        assert any("Emulated by Hailo's SDK 3.33.1" in line for line in logged)


@pytest.mark.parametrize(
    ("version", "doubt"),
    [
        ("3.30.0", ""),
        ("7.0.0", "version 7.0.0 of the SDK is not known to this tool"),
        ("", "the SDK does not say its version"),
    ],
)
def test_a_version_that_is_not_known_warns_and_is_not_refused(
    version: str,
    doubt: str,
    cases: Mapping[str, Case],
    logged: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("utils.backends.sdk.installation._version", lambda client: version)
    with installed("3.33"):
        code, report = run(cases["3.33"], "--backend", "sdk", "--order", "NormInspector")
    assert code == 0
    assert report["backend"] == "sdk"
    assert report["sdk"]["version"] == (version or None)
    warned = [line for line in logged if "(known are " in line]
    assert len(warned) == bool(doubt)
    assert all(line.startswith(f"WARNING {doubt}") for line in warned)


def test_a_wrong_graph_is_a_warning(
    cases: Mapping[str, Case],
    logged: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph: dict[str, Any] = {"layers": {"net/conv1": {}, "net/added": {}}}
    monkeypatch.setattr("utils.backends.sdk.graph_check.graph_of", lambda runner: graph)
    with installed("3.33"):
        code, report = run(cases["3.33"], "--backend", "sdk", *FEW)
    assert code == 0
    missing, added = report["sdk"]["doubts"]
    assert missing.startswith("the SDK does not know net/conv2, net/fc1, ")
    assert added == "the SDK has net/added, which the archive's graph does not have"
    assert {f"WARNING {missing}", f"WARNING {added}"} <= set(logged)


def test_without_values_before_the_activation_stored_ones_are_judged(
    cases: Mapping[str, Case],
) -> None:
    with installed("3.33", no_debug_mode=True):
        code, report = run(cases["3.33"], "--backend", "sdk", "--order", "BatchNormInspector")
    assert code == 0
    hidden = {n for n, f in report["layers"].items() if f.get("preactivation_not_measured")}
    assert hidden == {"net/conv1", "net/conv2", "net/fc1", "net/fc2"}
    assert all(report["layers"][name]["not_measured"] is None for name in hidden)
    (entry,) = (e for e in report["inspectors"] if e["name"] == "BatchNormInspector")
    assert entry["skipped"] is None


def test_an_interruption_leaves_nothing_behind(
    cases: Mapping[str, Case],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[str],
) -> None:
    def interrupted(self: Any, batch: Any) -> Any:
        raise KeyboardInterrupt

    case, before = cases["3.33"], os.getcwd()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(captures.InterlayerTensors, "run", interrupted)
    with installed("3.33"):
        code = main.main(["-d", case.data, "--backend", "sdk", "--no-interactive", case.har])
    assert code == 130
    assert "ERROR Interrupted: the diagnosis is incomplete" in logged
    assert os.getcwd() == before
    assert os.listdir(tmp_path) == []
    assert sorted(os.listdir()) == [".diagnostic_tool_debug.log", "diagnostic_tool.log"]


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["--version"],
        ["HAR"],
        ["HAR", "--backend", "sdk"],
        ["--lint-script", "x.alls"],
        ["--lint-script", "x.alls", "--har", "HAR"],
        ["HAR", "-d", "DATA", "--backend", "embedded", "--order", "NoiseInspector"],
    ],
    ids=" ".join,
)
def test_what_needs_no_sdk_does_not_import_it(
    argv: list[str], cases: Mapping[str, Case], capfd: pytest.CaptureFixture[str]
) -> None:
    case = cases["3.33"]
    Path("x.alls").write_text("normalization1 = normalization([0.0], [1.0])\n")
    words = {"HAR": case.har, "DATA": case.data}
    with installed("3.33", import_exits=True):
        try:
            code = main.main([words.get(word, word) for word in argv])
        except SystemExit as ended:
            code = int(ended.code or 0)
        assert PACKAGE not in sys.modules
    assert code == 0
    assert not list(Path().glob("*hailo*.log"))
    out, err = capfd.readouterr()
    assert MARK not in out + err


@pytest.mark.parametrize(
    ("flavour", "wrong", "backend", "code"),
    [
        ("3.25", {}, "both", 0),
        pytest.param("3.33", {"import_exits": True}, "sdk", 2, marks=pytest.mark.slow),
        ("5.3", {"quantized_raises_later": True}, "sdk", 2),
    ],
)
def test_nothing_of_the_sdk_is_seen_or_left(
    flavour: str,
    wrong: dict[str, bool | str],
    backend: str,
    code: int,
    cases: Mapping[str, Case],
    tmp_path: Path,
) -> None:
    case, temporary = cases[flavour], tmp_path / "temporary"
    temporary.mkdir()
    options = ["--backend", backend, "--no-interactive", "--batch-size", "4"]
    options += ["--order", "NoiseInspector"]
    found = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), case.har, "-d", case.data, *options],
        env={**environment(flavour, **wrong), "TMPDIR": str(temporary)},
        input="answers to questions of the SDK\n",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == code, found.stdout + found.stderr
    assert found.stderr == ""
    quoted = f"it said: RuntimeError: {MARK}"
    assert MARK not in found.stdout.replace(quoted, "")
    assert os.listdir(temporary) == []
    assert sorted(os.listdir()) == [".diagnostic_tool_debug.log", "diagnostic_tool.log"]
    assert MARK in Path(".diagnostic_tool_debug.log").read_text("utf-8")
    assert MARK not in Path("diagnostic_tool.log").read_text("utf-8")
