"""Plans: what they mean, and what is wrong with them, with its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.har.samples import ROOT
from utils.errors import UsageError
from utils.findings.ignored import IgnoreRule
from utils.fleet.plan import Plan, plan_of, read_plan
from utils.fleet.plan_check import check_arguments
from utils.fleet.plan_schema import OPTIONS, PLAN
from utils.options.options import build_parser

pytest.importorskip("yaml")


@pytest.fixture(autouse=True)
def archives(tmp_path: Path) -> None:
    for name in ("nets/a.har", "nets/b.har", "other/a.har", "x.npy"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")


def read(folder: Path, text: str, name: str = "fleet.yaml") -> Plan:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    plan = read_plan(str(path))
    check_arguments(plan)
    return plan


WHOLE = """
archives:
  - archive: nets/*.har
    data: x.npy
    options: {quick: true, target-snr: 25}
  - archive: s3://bucket/net.har
    data: s3://bucket/data
    name: far
options:
  "*": {data-count: 7, quick: false}
  "b*": {data-count: 9, output-kind: {"net/fc": classes}, order: [NoiseInspector]}
baseline: before
fail-on: new-error
"""


def test_a_plan_says_which_archives_with_what(tmp_path: Path) -> None:
    plan = read(tmp_path, WHOLE)
    assert [case.name for case in plan.cases] == ["a", "b", "far"]
    a, b, far = plan.cases
    assert (a.archive, a.data) == (str(tmp_path / "nets/a.har"), str(tmp_path / "x.npy"))
    assert a.arguments == ("--data-count=7", "--quick", "--target-snr=25")
    assert b.arguments == (
        "--data-count=9",
        "--quick",
        "--output-kind=net/fc=classes",
        "--order",
        "NoiseInspector",
        "--target-snr=25",
    )
    assert (far.archive, far.data) == ("s3://bucket/net.har", "s3://bucket/data")
    assert far.arguments == ("--data-count=7",)
    assert (plan.baseline, plan.fail_on) == (str(tmp_path / "before"), "new-error")


def test_toml_says_the_same(tmp_path: Path) -> None:
    text = """
fail-on = "error"
data = "x.npy"
[[archives]]
archive = "nets/a.har"
[[archives]]
archive = "nets/b.har"
options = {quick = true}
"""
    plan = read(tmp_path, text, "fleet.toml")
    assert [case.arguments for case in plan.cases] == [(), ("--quick",)]
    assert {case.data for case in plan.cases} == {str(tmp_path / "x.npy")}


IGNORING = """
archives: [{archive: nets/a.har}, {archive: nets/b.har}]
ignore:
  - {id: level-lowered, reason: no GPU, until: 2030-06-30, archives: "b*"}
  - {id: dead-channels, reason: "known "}
"""
IGNORING_TOML = """
[[archives]]
archive = "nets/?.har"
[[ignore]]
id = "level-lowered"
reason = "no GPU"
until = 2030-06-30
archives = "b*"
[[ignore]]
id = "dead-channels"
reason = "known"
"""


@pytest.mark.parametrize(("text", "name"), [(IGNORING, "f.yaml"), (IGNORING_TOML, "f.toml")])
def test_a_plan_says_what_is_ignored_of_which_archives(
    text: str, name: str, tmp_path: Path
) -> None:
    a, b = read(tmp_path, text, name).cases
    everywhere = IgnoreRule("dead-channels", "known")
    assert a.ignored == (everywhere,)
    assert b.ignored == (IgnoreRule("level-lowered", "no GPU", date(2030, 6, 30)), everywhere)


def test_names_tell_archives_apart(tmp_path: Path) -> None:
    quick = "{archive: nets/a.har, options: {quick: true}}"
    text = f"archives: [{{archive: '*/a.har'}}, {{archive: nets/b.har}}, {quick}]"
    names = [case.name for case in read(tmp_path, text).cases]
    assert names == ["nets-a", "other-a", "b", "nets-a-2"]


ANOTHER = [
    "{archive: nets/a.har, options: {quick: true}}",
    "{archive: nets/a.har, data: x.npy}",
    "{archive: nets/a.har, name: one}, {archive: nets/a.har, name: two}",
    "{archive: other/a.har}",
]


@pytest.mark.parametrize("other", ANOTHER)
def test_what_differs_in_data_options_or_names_is_no_repetition(other: str, tmp_path: Path) -> None:
    plan = read(tmp_path, f"archives: [{{archive: nets/a.har, name: here}}, {other}]")
    assert plan.repeated == ()
    assert len(plan.cases) == 1 + other.count("archive:")


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        (
            "archives:\n- archive: nets/a.har\n- archive: ./nets/a.har\n",
            ["a"],
            ["3:3: a.har is listed at 2:3 already, with the same data and options; it is"],
        ),
        (  # a name that somebody asks for is kept
            "archives:\n- archive: nets/*.har\n- {archive: nets/a.har, name: mine}\n",
            ["b", "mine"],
            ["3:4: a.har is listed at 2:3 already"],
        ),
        (
            "archives:\n- archive: nets/*.har\n- archive: '*/*.har'\n- archive: nets/?.har\n",
            ["nets-a", "b", "other-a"],
            ["3:3: a.har and b.har are listed at 2:3 already", "4:3: a.har and b.har are listed"],
        ),
    ],
)
def test_what_is_listed_again_is_told_and_done_once(
    text: str, names: list[str], said: list[str], tmp_path: Path
) -> None:
    plan = read(tmp_path, text)
    assert [case.name for case in plan.cases] == names
    assert len(plan.repeated) == len(said)
    pairs = zip(plan.repeated, said, strict=True)
    assert [told for told, part in pairs if f"fleet.yaml:{part}" not in told] == [], plan.repeated


def test_no_name_of_a_file_leads_out_of_the_folder_of_results(tmp_path: Path) -> None:
    for name in ("...har", "a\\b.har", "a\n.har"):
        (tmp_path / "other" / name).write_bytes(b"")
    names = [case.name for case in read(tmp_path, "archives: [{archive: 'other/*.har'}]").cases]
    assert len(names) == 3  # a file whose name begins with a dot is hidden from patterns
    assert [name for name in names if set(name) & set("/\\\n") or name.startswith(".")] == []


def test_a_pattern_is_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cases = plan_of("nets/*.har", "x.npy").cases
    assert [case.name for case in cases] == ["a", "b"]
    assert {case.data for case in cases} == {str(tmp_path / "x.npy")}
    with pytest.raises(UsageError, match="matches no file"):
        plan_of("none/*.har", "")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("archives:\n  - archive: a\n    dat: x\n", ["3:5: dat is not a key here"]),
        ("archives:\n  - data: x\n", ["2:5: an element of archives has no archive"]),
        ("archives: []\n", ["1:1: archives is empty"]),
        ("archive: a\n", ["1:1: archive is not a key here", "1:1: the plan has no archives"]),
        ("archives:\n  - archive: 7\n", ["2:5: archive has to be a text, not 7"]),
        (
            "archives: [{archive: nets/a.har}]\noptions:\n  '*':\n    resize: big\n",
            ["4:5: resize cannot be 'big'; known are exact"],
        ),
        (
            "archives: [{archive: nets/a.har}]\noptions:\n  '*': {target-snr: -3}\n",
            ["3:9: target-snr has to be above 0, not -3"],
        ),
        ("archives: [{archive: nope/*.har}]\n", ["1:13: nope/*.har matches no file"]),
        ("archives: [{archive: a, archive: b}]\n", ["1:25: archive is given twice"]),
        ("a: &a [1]\nb: *a\n", ["1:4: this is used again by an alias"]),
        ("archives: [\n", ["2:1: this is not YAML"]),
        ("archives: !!python/object:os.system [x]\n", ["1:11: tag:yaml.org,2002:python/object"]),
        ("archives: [{archive: !!python/name:os.system ''}]\n", ["1:22: this is not YAML"]),
        ("archives: [{archive: nets/a.har, name: ../up}]\n", ["1:34: name cannot be '../up'"]),
        ("archives: [{archive: nets/a.har, name: '..'}]\n", ["1:34: name cannot be '..'"]),
        ("archives: [{archive: nets/a.har, name: .hidden}]\n", ["1:34: name cannot be"]),
        ("? [1]\n: 2\n", ["1:3: a key is a text"]),
        ("[" * 60 + "]" * 60, ["this is nested too deep"]),
        ("", ["the plan is empty; it has to be a table"]),
        ("# later\n", ["the plan is empty"]),
        ("archives:\n", ["1:1: archives is empty; it has to be a list"]),
        ("7\n", ["the plan has to be a table of keys and values, not 7"]),
        (
            "archives:\n- archive: nets/a.har\n  options: {quick: true, exact-sensitivity: true}\n",
            ["2:3: the options of a: --quick leaves out what --exact-sensitivity measures"],
        ),
        (
            "archives: [{archive: nets/a.har}]\nignore:\n- id: x\n",
            ["3:3: an element of ignore has"],
        ),
        (
            "archives: [{archive: nets/a.har}]\nignore:\n- {id: x, reason: y, until: later}\n",
            ["3:22: until has to be a day, as in 2030-12-31, not later"],
        ),
        (
            "archives: [{archive: nets/a.har}]\nignore: [{id: x, reason: ' '}]\n",
            ["2:18: reason cannot be ' '"],
        ),
        (
            "archives:\n- archive: nets/*.har\n  name: one\n",
            ["3:3: one name for 2 archives"],
        ),
    ],
)
def test_faults_are_told_with_line_and_column(text: str, faults: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    said = str(caught.value)
    assert "fleet.yaml:" in said
    assert [fault for fault in faults if fault not in said] == [], said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[archives]]\narchive = "nets/a.har"\n[[archives]]\narchive = 3\n', ":4: archive has"),
        ('[[archives]]\narchive = "nets/a.har"\ncolor = 1\n', ":3: color is not a key here"),
        ("[[archives]]\narchive = \n", ":2:11: this is not TOML"),
        ('[[archives]]\narchive = "nets/a.har"\n[options."*"]\ndata-count = 0\n', ":4: data-count"),
    ],
)
def test_faults_of_toml_are_told_with_their_line(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text, "fleet.toml")
    assert f"fleet.toml{fault}" in str(caught.value)


def test_many_faults_are_counted(tmp_path: Path) -> None:
    keys = "".join(f"k{number}: 1\n" for number in range(30))
    with pytest.raises(UsageError, match="20 more faults"):
        read(tmp_path, f"archives: [{{archive: nets/a.har}}]\n{keys}")


def test_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist; pass the plan"):
        read_plan(str(tmp_path / "none.yaml"))
    (tmp_path / "fleet.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_plan(str(tmp_path / "fleet.yaml"))


def test_every_option_of_a_plan_is_one_of_the_command() -> None:
    actions = build_parser(())._option_string_actions
    assert [name for name in OPTIONS if f"--{name}" not in actions] == []


def test_the_schema_of_the_documentation_is_the_one_that_is_checked() -> None:
    text = (ROOT / "docs" / "schemas" / "fleet-plan.schema.json").read_text("utf-8")
    assert json.loads(text) == json.loads(json.dumps(PLAN))
