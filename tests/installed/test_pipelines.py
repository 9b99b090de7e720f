"""What pipelines take from the repository, run as they do: the action, the hook, the template."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.har.archives import write_small
from utils.tool import NAME, ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
STEP_SCRIPT = (ROOT / ".ci" / "action_step").read_text("utf-8")
HOOK, SYSTEM_HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / ".ci" / "gitlab.yml").read_text("utf-8"))[NAME]
NEEDS_BASH = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A folder with the command as it is called where it is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / NAME
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "main.py"}" "$@"\n', "utf-8")
    command.chmod(0o755)
    return str(folder)


class Job:
    """Steps of a composite action, one after the other, as a runner of GitHub runs them."""

    def __init__(self, programs: str, **inputs: str) -> None:
        self.inputs = {name: entry["default"] for name, entry in ACTION["inputs"].items()}
        self.inputs |= {name.replace("_", "-"): value for name, value in inputs.items()}
        self.summary, self.output = Path("summary.md"), Path("output.txt")
        self.environ = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.summary.absolute()),
            "GITHUB_OUTPUT": str(self.output.absolute()),
            "GITHUB_RUN_ID": "7",
            "RUNNER_TEMP": str(Path("temp").absolute()),
        }
        self.shown = ""

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text("utf-8").splitlines() if self.output.exists() else []
        return dict(line.split("=", 1) for line in lines)

    def value(self, text: str) -> str:
        """A text with its expressions worked out."""
        known = {f"inputs.{name}": value for name, value in self.inputs.items()}
        known |= {f"steps.run.outputs.{name}": value for name, value in self.outputs.items()}
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known.get(found[1], ""), text)

    def run(self, name: str) -> int:
        (step,) = [step for step in STEPS if step["name"] == name]
        own = {key: self.value(str(value)) for key, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.value(step.get("working-directory", ".")),
            env=self.environ | own,
            capture_output=True,
            text=True,
        )
        self.shown += done.stdout + done.stderr
        return done.returncode

    def whole(self) -> int:
        """Run what needs no network; the code of the last step."""
        assert self.run("Run") == 0, self.shown
        return self.run("Fail where the findings ask for it")


@NEEDS_BASH
def test_findings_fail_the_job_and_are_reported(programs: str, tmp_path: Path) -> None:
    har = write_small(tmp_path / "model.har", precision_modes={"conv2": "a8_w4"})
    job = Job(programs, har=har, fail_on="warning")
    assert job.whole() == 1
    assert job.outputs["exit-code"] == "1"
    assert "::warning title=The compiler chose 4-bit weights" in job.shown
    assert job.summary.read_text("utf-8").startswith("### `net`")
    assert Path(job.outputs["json"]).is_file()
    assert Path(job.outputs["sarif"]).is_file()


@NEEDS_BASH
def test_a_network_without_errors_passes(programs: str, tmp_path: Path) -> None:
    job = Job(programs, har=write_small(tmp_path / "my model.har"), options="--quiet error")
    assert job.whole() == 0
    assert job.summary.exists()


@NEEDS_BASH
def test_what_cannot_be_run_fails_the_job(programs: str) -> None:
    job = Job(programs, har="absent.har")
    assert job.whole() == 2
    assert "::error::" in job.shown
    assert set(job.outputs) == {"exit-code"}


@NEEDS_BASH
def test_scripts_are_checked_by_pattern(programs: str) -> None:
    Path("a.alls").write_text("model_optimization_flavour(optimization_level=2)\n", "utf-8")
    Path("b.alls").write_text("model_optimization_flavor(optimization_level=2)\n", "utf-8")
    job = Job(programs, scripts="*.alls")
    assert job.whole() == 1
    assert "::error file=a.alls,line=1,col=1,title=" in job.shown
    assert job.summary.read_text("utf-8").startswith("### Model scripts")


@NEEDS_BASH
@pytest.mark.parametrize("name", ["har", "dataset", "baseline", "config", "options", "fail_on"])
def test_no_input_becomes_a_part_of_a_script(name: str, programs: str, tmp_path: Path) -> None:
    inputs = {"har": write_small(tmp_path / "model.har"), name: "$(touch trap); touch trap #`x`"}
    job = Job(programs, **inputs)
    assert job.whole() != 0
    assert not Path("trap").exists()


def test_the_action_is_consistent() -> None:
    assert ACTION["runs"]["using"] == "composite"
    text = (ROOT / "action.yml").read_text("utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])
    assert all(entry["description"] and "default" in entry for entry in ACTION["inputs"].values())
    for step in STEPS:
        assert "uses" in step or step["shell"] == "bash"
        assert "${{" not in step.get("run", "")
    (runs,) = [step for step in STEPS if step.get("id") == "run"]
    assert set(re.findall(r"AID_[A-Z_]+", STEP_SCRIPT)) == set(runs["env"])
    outputs = set(re.findall(r"steps\.run\.outputs\.([\w-]+)", text))
    assert outputs == set(ACTION["outputs"]) == set(re.findall(r'echo "([\w-]+)=', STEP_SCRIPT))


@NEEDS_BASH
def test_the_hook_checks_the_files_it_is_given(programs: str) -> None:
    Path("bad one.alls").write_text("model_optimization_flavour(optimization_level=2)\n", "utf-8")
    Path("good.alls").write_text("model_optimization_flavor(optimization_level=2)\n", "utf-8")
    assert re.search(HOOK["files"], "folder/good.alls")
    assert not re.search(HOOK["files"], "good.alls.txt")
    environ = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for names, code in ((["good.alls"], 0), (["good.alls", "bad one.alls"], 1)):
        argv = [*HOOK["entry"].split(), *names]
        done = subprocess.run(argv, env=environ, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
    assert "bad one.alls:1:1: error: " in done.stdout
    assert {path.name for path in Path().iterdir()} == {"bad one.alls", "good.alls", "bin"}


def test_the_hook_may_take_the_command_that_is_there() -> None:
    differing = {key for key in HOOK if HOOK[key] != SYSTEM_HOOK[key]}
    assert differing == {"id", "language"}
    assert (HOOK["language"], SYSTEM_HOOK["language"]) == ("python", "system")


@NEEDS_BASH
def test_the_template_runs_the_command(programs: str, tmp_path: Path) -> None:
    write_small(tmp_path / "model.har", precision_modes={"conv2": "a8_w4"})
    variables = TEMPLATE["variables"]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    (script,) = TEMPLATE["script"]
    for level, code in (("error", 0), ("warning", 1)):
        environ = os.environ | variables | {"PATH": path, "AID_FAIL_ON": level}
        done = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
    artifacts = TEMPLATE["artifacts"]
    for name in (*artifacts["paths"], artifacts["reports"]["junit"]):
        assert Path(name).is_file()


def test_the_template_installs_from_the_kind_of_address_that_the_page_names() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    assert "AID_SOURCE: git+https://" in page
    assert not re.search("slim|alpine", TEMPLATE["image"])  # these hold no git


def test_the_page_names_every_input_with_its_default() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row[0])}
    assert named == set(ACTION["inputs"])
    for row in rows:
        for name in re.findall(r"`([\w-]+)`", row[0]):
            default = ACTION["inputs"][name]["default"]
            assert default == "" or f"`{default}`" == row[-1]
