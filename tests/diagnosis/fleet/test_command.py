"""The command ``fleet`` from its words to its files."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import main
from diagnosis.fleet import command, running
from diagnosis.fleet.cluster import WORKER_BYTES, default_workers
from diagnosis.fleet.judging import Judged, failed
from diagnosis.fleet.pairing import NAME
from diagnosis.fleet.rounds import KILLED, OUT_OF_MEMORY, Left
from diagnosis.fleet.tasks import Workplace
from tests.diagnosis.fleet.fleets import archives, cluster
from tests.har.samples import ROOT
from utils.errors import UsageError
from utils.fleet.plan import Case, read_plan
from utils.fleet.rows import Row

PLAN = """
archives:
  - archive: a.har
    data: x.npy
  - archive: b.har
    data: x.npy
  - archive: c.har
options: {"*": {batch-size: 8, quick: true}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two archives, a damaged one, a plan; workers are threads."""
    archives(tmp_path, "a", "b")
    (tmp_path / "c.har").write_bytes(b"damaged")
    (tmp_path / "fleet.yaml").write_text(PLAN)
    monkeypatch.chdir(tmp_path)

    @contextmanager
    def connected(*_: object) -> Iterator[Any]:
        with cluster() as client:
            yield client

    monkeypatch.setattr(command, "connected", connected)
    return tmp_path


def rows(path: str = "fleet-results/fleet.json") -> dict[str, Any]:
    return {row["name"]: row for row in json.loads(Path(path).read_text("utf-8"))["rows"]}


def test_a_plan_is_run_to_its_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = ["--junit=j.xml", "--sarif=s.sarif", "--html=page.html", "--history=runs"]
    assert main.main(["fleet", "fleet.yaml", *reports]) == 2
    said = capsys.readouterr().out
    assert "3 archives: 1 not diagnosed, 1 with warnings, 1 fine" in said
    assert [name for name, row in rows().items() if row["code"]] == ["c"]
    assert rows()["b"]["cause_id"] == "implicit-compression"
    assert len(ET.parse("j.xml").findall("testsuite")) == 3
    assert len(json.loads(Path("s.sarif").read_text("utf-8"))["runs"]) == 3
    assert 'href="fleet-results/archives/a/report.html"' in Path("page.html").read_text("utf-8")
    assert 'href="archives/a/report.html"' in Path("fleet-results/fleet.html").read_text("utf-8")
    assert Path("fleet-results/archives/a/report.html").exists()
    assert len(list(Path("runs").iterdir())) == 1
    # Against itself as the baseline, nothing is new; b's warnings are old.
    (folder / "c.har").unlink()
    (folder / "fleet.yaml").write_text(PLAN.replace("  - archive: c.har\n", ""))
    again = ["fleet", "fleet.yaml", "--results=again", "--baseline=fleet-results"]
    assert main.main([*again, "--fail-on=new-warning"]) == 0
    assert rows("again/fleet.json")["b"]["against"].startswith("as good as")
    assert "Against the baseline: 2 as good, 1 no longer in the plan (c)" in capsys.readouterr().out
    assert main.main([*again, "--fail-on=warning"]) == 1


def test_a_renamed_archive_is_compared_with_what_it_was(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = "archives: [{archive: a.har}, {archive: b.har}, {archive: ./a.har}]"
    (folder / "fleet.yaml").write_text(plan)
    assert main.main(["fleet", "fleet.yaml"]) == 0
    assert "fleet.yaml:1:49: a.har is listed at 1:13 already" in capsys.readouterr().out
    assert list(rows()) == ["a", "b"]
    (folder / "b.har").rename(folder / "new.har")
    argv = ["fleet", "[an]*.har", "--results=again", "--baseline=fleet-results"]
    assert main.main([*argv, "--fail-on=new-warning"]) == 0
    said = capsys.readouterr().out
    assert "new is compared with b of the baseline, which has the same bytes" in said
    assert "Against the baseline: 2 as good\n" in said
    assert rows("again/fleet.json")["new"]["against"] == "as good as before (named b)"


IGNORED = """
ignore:
  - {id: implicit-compression, reason: as agreed, archives: "b*"}
"""


def test_what_the_plan_ignores_counts_no_more_and_nothing_is_measured_anew(folder: Path) -> None:
    plan = "archives: [{archive: b.har, data: x.npy}]\noptions: {'*': {batch-size: 8, quick: true}}"
    (folder / "fleet.yaml").write_text(plan)
    assert main.main(["fleet", "fleet.yaml"]) == 0
    kept = {path: path.stat().st_mtime_ns for path in Path("fleet-results/slices").rglob("*.npz")}
    assert kept
    (folder / "fleet.yaml").write_text(plan + IGNORED)
    assert main.main(["fleet", "fleet.yaml"]) == 0
    assert rows()["b"]["cause_id"] != "implicit-compression"
    report = json.loads(Path("fleet-results/archives/b/report.json").read_text("utf-8"))
    assert [(each["id"], each["reason"]) for each in report["ignored"]] == [
        ("implicit-compression", "as agreed")
    ]
    now = {path: path.stat().st_mtime_ns for path in Path("fleet-results/slices").rglob("*.npz")}
    assert now == kept


def test_an_id_to_ignore_that_nothing_has_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "fleet.yaml").write_text(PLAN + IGNORED.replace("implicit-", "implicid-"))
    assert main.main(["fleet", "fleet.yaml"]) == 2
    shown = capsys.readouterr()
    assert "fleet.yaml ignores implicid-compression" in shown.out + shown.err
    assert "did you mean implicit-compression?" in shown.out + shown.err


def test_a_pattern_needs_no_plan(folder: Path) -> None:
    assert main.main(["fleet", "[ab].har", "--results=here"]) == 0
    assert list(rows("here/fleet.json")) == ["a", "b"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["fleet.yaml", "--data=x.npy"], "a plan says it itself"),
        (["none.yaml"], "none.yaml does not exist; pass the plan"),
        (["fleet.yaml", "--results=mine"], "holds something else"),
        (["fleet.yaml", "--baseline=none"], "does not exist"),
        (["fleet.yaml", "--baseline=mine"], "holds no report of an earlier fleet"),
        (["--init=none"], "none does not exist"),
        (["--init=a.har"], "a.har is no folder"),
        (["--init=mine"], "holds no archive"),
        (["mine"], "fleet --init mine`, and pass that plan"),
        (["."], "pass its plan: "),
    ],
)
def test_what_is_wrong_is_one_sentence(
    argv: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "letter.txt").write_text("dear")
    assert main.main(["fleet", *argv]) == 2
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


@pytest.mark.parametrize(
    "argv", [[], ["fleet.yaml", "--init=x"], ["p.yaml", "--scheduler=tcp://h:1", "--workers=2"]]
)
def test_words_that_do_not_go_together(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main.main(["fleet", *argv])
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("missing", "way"),
    [
        (["dask", "distributed"], f"`{sys.executable} -m pip install -r "),
        (["dask", "distributed", "pip"], f"`uv pip install --python {sys.executable} -r "),
    ],
)
def test_a_missing_package_is_named_with_how_to_get_it_here(
    missing: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        command, "missing_packages", lambda names: [each for each in names if each in missing]
    )
    with pytest.raises(UsageError, match="dask, distributed, which are not installed") as caught:
        command._check_packages()
    assert way in str(caught.value)
    assert str(caught.value).endswith("requirements-fleet.txt`")


def test_help_imports_no_engine() -> None:
    code = (
        "import sys, runpy\n"
        "sys.argv = ['main.py', 'fleet', '--help']\n"
        "try:\n    runpy.run_path('main.py', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "found = {'tensorflow', 'dask', 'distributed', 'yaml', 'fsspec'} & set(sys.modules)\n"
        "assert not found, found\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--scheduler ADDRESS" in shown.stdout


def test_a_plan_is_written_of_what_lies_there(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "deep").mkdir()
    (folder / "b.har").rename(folder / "deep" / "b.har")
    assert main.main(["fleet", "--init", "."]) == 2
    shown = capsys.readouterr()
    assert "(2 archives, 2 with data; 1 cannot be judged)" in shown.out
    assert "[error] c.har: " in shown.err
    (folder / "c.har").unlink()
    assert main.main(["fleet", "--init", "."]) == 0
    assert "(2 archives, 2 with data)" in capsys.readouterr().out
    text = (folder / NAME.replace(".yaml", "_1.yaml")).read_text("utf-8")
    assert 'archive: "a.har"\n    data: "x.npy"' in text
    assert 'archive: "deep/b.har"\n    data: "x.npy"' in text
    assert "# c.har: " in text
    (folder / "fleet.yaml").write_text(text)
    assert [case.name for case in read_plan("fleet.yaml").cases] == ["a", "b"]


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"), [(1, 64, 1), (2, 24, 2), (64, 24, 8), (8, 1, 1), (4, 0, 4)]
)
def test_workers_suit_cores_and_memory(cores: int, gigabytes: int, workers: int) -> None:
    assert default_workers(cores, gigabytes * WORKER_BYTES // 3) == workers


class Scripted:
    """In the place of rounds on a cluster: what each of them leaves, one after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *left: Left | Exception) -> None:
        self.asked: list[tuple[list[str], int]] = []
        self._left = list(left)
        monkeypatch.setattr(running, "Round", lambda *arguments: self._with(arguments[3]))

    def _with(self, on_row: Any) -> Scripted:
        self.on_row = on_row
        return self

    def run(self, cases: list[Case], at_once: int = 0) -> Left:
        self.asked.append(([case.name for case in cases], at_once))
        left = self._left.pop(0)
        if isinstance(left, Exception):
            raise left
        for case in cases:
            if case not in left.killed and case not in left.lost:
                self.on_row(Row(case.name, case.archive, "", 0))
        return left


def run_scripted(cases: list[Case]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    running.run_cases(
        lambda: cluster_of_nobody(),
        cases,
        Workplace("results"),
        Judged("", "never"),
        lambda row: found.update({row.name: row}),
    )
    return found


@contextmanager
def cluster_of_nobody() -> Iterator[None]:
    yield


A, B, C = (Case(name, f"{name}.har") for name in "abc")


def test_an_archive_is_blamed_only_where_workers_die_of_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = Scripted(monkeypatch, Left({A: KILLED, B: KILLED}), Left({A: OUT_OF_MEMORY}))
    found = run_scripted([A, B, C])
    assert rounds.asked == [(["a", "b", "c"], 0), (["a", "b"], 1)]
    assert found["a"] == failed(A, OUT_OF_MEMORY)
    assert (found["b"].code, found["c"].code) == (0, 0)


def test_what_the_scheduler_forgot_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = Scripted(monkeypatch, Left(lost=[B]), OSError("broken"), Left())
    found = run_scripted([A, B])
    assert [names for names, _ in rounds.asked] == [["a", "b"], ["b"], ["b"]]
    assert {row.code for row in found.values()} == {0}


def test_what_is_forgotten_for_ever_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Scripted(monkeypatch, *(Left(lost=[A]) for _ in range(running.MOST_TIMES)))
    assert run_scripted([A])["a"] == failed(A, running.LOST)
