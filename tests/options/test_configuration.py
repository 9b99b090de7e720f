"""Options from a file: found or named, checked, and below what the command line says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs.configuration_schema import configuration_schema
from utils.findings import Severity
from utils.findings.ignored import IgnoreRule
from utils.options.configuration import read_configuration
from utils.options.options import Options, parse_options
from utils.tool import ROOT

SCHEMA = json.loads(configuration_schema())
OWN = "hailo-first-aid.toml"
WHOLE = """
fail-on = "warning"
hw-arch = "hailo8l"
data-count = 7
target-snr = 25.5
quick = true
order = ["NormInspector", "ImageInspector"]
output-kind = ["a=classes"]
activation-parameter = ["leaky=0.1"]
json = "report.json"

[[ignore]]
id = "level-lowered"
reason = "there is no GPU here"
until = "2031-01-31"

[[ignore]]
id = "runtime-pair"
reason = "known"
"""


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def parse(*argv: str) -> Options:
    return parse_options([*argv, "m.har"], ["NormInspector"])


def write(text: str, path: str = OWN) -> str:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return path


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    with pytest.raises(SystemExit) as stop:
        parse(*argv)
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    return said


def test_without_a_file_nothing_is_set() -> None:
    options = parse()
    assert (options.configuration, options.ignored, options.fail_on) == ("", (), None)


def test_options_go_by_their_long_names() -> None:
    write(WHOLE)
    options = parse()
    assert options.configuration == OWN
    assert (options.fail_on, options.hw_arch) == (Severity.WARNING, "hailo8l")
    assert (options.data_count, options.target_snr, options.quick) == (7, 25.5, True)
    assert options.order == ("NormInspector", "ImageInspector")
    assert options.output_kinds == (("a", "classes"),)
    assert options.activation_parameters == {"leaky": 0.1}
    assert options.json == "report.json"
    assert options.ignored == (
        IgnoreRule("level-lowered", "there is no GPU here", date(2031, 1, 31)),
        IgnoreRule("runtime-pair", "known"),
    )
    jsonschema.validate(dict(read_configuration(None).table), SCHEMA)


def test_the_command_line_wins_and_lists_grow() -> None:
    write(WHOLE)
    options = parse(
        "--fail-on", "error", "-c", "9", "--output-kind", "b=scores", "--order", "X", "-v"
    )
    assert (options.fail_on, options.data_count, options.order) == (Severity.ERROR, 9, ("X",))
    assert options.output_kinds == (("a", "classes"), ("b", "scores"))


def test_what_a_file_sets_is_not_said_to_be_without_effect() -> None:
    write('target-snr = 25\ndataset = "x.npy"\n')
    assert parse_options(["--lint-script", "a.alls"], []).lint_scripts == ("a.alls",)
    write("target-snr = 25\n")
    assert parse().without_effect == ()
    assert parse("--batch-size", "3").without_effect == ("--batch-size",)


def test_a_table_of_a_project_file_serves_as_well() -> None:
    write('[tool.other]\nx = 1\n[tool.hailo-first-aid]\ncolour = "bgr"\n', "pyproject.toml")
    assert parse().read_as.colour == "bgr"
    assert parse().configuration == "pyproject.toml"
    write('colour = "rgb"\n')
    assert parse().configuration == OWN


@pytest.mark.parametrize("text", ["[tool.other]\nx = 1\n", "[project\nbroken", ""])
def test_project_files_of_others_do_not_matter(text: str) -> None:
    write(text, "pyproject.toml")
    assert parse().configuration == ""


def test_a_named_file_counts_alone_and_its_paths_start_at_its_folder() -> None:
    write("data-count = 3\n")
    named = write('json = "report.json"\nhtml = "-"\ndfc-log = ["/a.log"]\n', "ci/aid.toml")
    options = parse("--config", named)
    assert options.configuration == named
    assert (options.data_count, options.json) == (None, "ci/report.json")
    assert (options.html, options.dfc_logs) == ("/dev/stdout", ("/a.log",))
    assert parse(f"--config={named}").json == "ci/report.json"
    assert parse("--config", "/dev/null").data_count is None


def test_code_is_run_only_where_the_file_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    path = write('inspectors = ["own"]\n')
    assert "sets inspectors, which counts only in a file that you name" in refused(capsys)
    assert parse("--config", path).inspector_folders == ("own",)
    write('log-path = "/etc/profile"\n')
    assert "sets log-path" in refused(capsys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = [", f"{OWN} is not a TOML file ("),
        ('fail_on = "error"', "unknown key fail_on; did you mean fail-on?"),
        ('color = "bgr"', "unknown key color; did you mean colour?"),
        ('explain = "x"', "explain counts on the command line only; take it out of the file"),
        ('har = "m.har"', "har counts on the command line only"),
        ('lint_script = ["a"]', "lint_script counts on the command line only"),
        ('"a\\u001b[31m" = 1', "unknown key a\\x1b[31m"),
        ('fail-on = "sometimes"', "fail-on: 'sometimes' is not one of never, warning"),
        ("data-count = 0", "data-count: '0' is not a positive whole number"),
        ("quick = 1", "quick: it has to be true or false"),
        ('order = "NormInspector"', "order: it has to be a list"),
        ("json = true", "json: it has to be a text or a number"),
        ("json = {}", "json: it has to be a text or a number"),
        ('ignore = ["low-snr"]', "ignore has to be a list of tables"),
        ('[[ignore]]\nid = "a-b"', "an entry of ignore for a-b has no reason; add it"),
        ('[[ignore]]\nreason = "x"', "an entry of ignore has no id; add it"),
        ('[[ignore]]\nid = "a-b"\nreason = " "', "an entry of ignore for a-b has no reason"),
        ('[[ignore]]\nid = 3\nreason = "x"', "id of an entry of ignore has to be a text"),
        ('[[ignore]]\nid = "a"\nreasons = "x"', "unknown key reasons; did you mean reason?"),
        ('[[ignore]]\nid = "a"\nreason = "x"\nuntil = "soon"', "until has to be a day, as in"),
        (
            '[[ignore]]\nid = "a"\nreason = "x"\nuntil = 2030-01-01T00:00:00',
            "until has to be a day",
        ),
        ('[[ignore]]\nid = "a"\nreason = "x"\n' * 2, "a is ignored twice; keep one entry"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(text)
    assert said in refused(capsys)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("absent.toml", "absent.toml does not exist; pass the configuration"),
        (".", "The configuration . cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    path: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(capsys, "--config", path)


def test_a_named_project_file_needs_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    path = write("[tool.other]\n", "sub/pyproject.toml")
    assert "has no table [tool.hailo-first-aid]" in refused(capsys, "--config", path)


def test_help_does_not_wait_for_a_file_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    write("x = [")
    with pytest.raises(SystemExit) as stop:
        parse("--help")
    assert stop.value.code == 0


@pytest.mark.parametrize(
    "wrong",
    [{"fail_on": "error"}, {"quick": 1}, {"order": "A"}, {"ignore": [{"id": "a"}]}, {"quiet": 1}],
)
def test_the_schema_refuses_what_the_command_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_a_rule_holds_up_to_its_last_day() -> None:
    rule = IgnoreRule("a", "b", date(2030, 1, 31))
    assert rule.holds_on(date(2030, 1, 31))
    assert not rule.holds_on(date(2030, 2, 1))
    assert IgnoreRule("a", "b").holds_on(date.max)


def test_the_example_of_the_page_is_taken() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    write(page.partition("```toml\n")[2].partition("```")[0])
    options = parse()
    assert (options.dataset, options.data_count) == ("calibset.npy", 256)
    assert [(rule.id, rule.until) for rule in options.ignored] == [
        ("level-lowered", date(2030, 6, 30))
    ]


def test_what_is_refused_is_said_in_the_readers_own_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write('[[ignore]]\nid = "a\\u001b[2J"\nreason = "x"\nuntil = "\\u001b[2J"\n')
    assert "\x1b" not in refused(capsys)


@pytest.mark.parametrize(
    ("text", "argv", "quiet", "verbose"),
    [
        ("verbose = true", ["-q"], Severity.WARNING, False),
        ('quiet = "error"', ["-v"], None, True),
        ('quiet = "error"', [], Severity.ERROR, False),
        ("quiet = true", [], Severity.WARNING, False),
        ("quiet = true", ["-v"], None, True),
        ("quiet = false", [], None, False),
    ],
)
def test_of_two_that_exclude_each_other_the_command_line_wins(
    text: str, argv: list[str], quiet: Severity | None, verbose: bool
) -> None:
    write(text)
    options = parse(*argv)
    assert (options.quiet, options.verbose) == (quiet, verbose)
    jsonschema.validate(dict(read_configuration(None).table), SCHEMA)


def test_a_file_that_contradicts_itself_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    write('verbose = true\nquiet = "error"\n')
    with pytest.raises(SystemExit):
        parse()
    assert "--quiet leaves out what --verbose shows" in capsys.readouterr().err
