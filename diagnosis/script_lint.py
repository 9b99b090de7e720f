"""The command ``--lint-script``: model scripts checked as text files, without any data."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import replace
from json import dumps

from diagnosis.conclusion import check_folders
from diagnosis.console import lint_shown
from diagnosis.ignoring import check_ignored, tell_ended, today
from diagnosis.output_files import write_file
from diagnosis.refusals import tell_refusal
from utils.errors import UsageError
from utils.files.typed import PYTHON, typed
from utils.files.wanted import Wanted
from utils.files.ways_on import refuse_foreign
from utils.findings import Finding
from utils.findings.documentation import Documentation
from utils.findings.ignored import parted
from utils.har.archive import open_archive
from utils.model_script.lint import MAX_PROBLEMS, lint_problems
from utils.model_script.lint.findings import (
    MAX_SCRIPT_CHARACTERS,
    Stages,
    script_finding,
    stages_of,
)
from utils.options.options import Options
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.scripts import json, junit, markdown, sarif
from utils.renderers.scripts.wording import counted
from utils.renderers.terminal.findings import problem_shown
from utils.report.linted import LintedScript, LintRun
from utils.side_files.input_files import read_bounded
from utils.terminal.logger import LOGGER, show, to_log
from utils.terminal.prompts import Prompter, is_interactive


def lint_scripts(options: Options, documentation: Documentation) -> int:
    """Check scripts one after the other, show what is wrong with them, and write reports.

    Parameters
    ----------
    documentation : of the findings, for the reports that hold it.

    Returns
    -------
    The exit code; 2 if a file could not be read or written.

    Raises
    ------
    ArchiveError : the archive cannot be read.
    UsageError : a report is to be written where no folder is.
    """
    check_folders(options)
    check_ignored(options, documentation)
    stages = stages_of(open_archive(options.har)) if options.har else None
    run = LintRun(
        tuple(_linted(path, stages, options) for path in options.lint_scripts), options.har
    )
    LOGGER.info("Summary: %s", counted(run))
    show(lint_shown(run, options))
    if stages is None:
        LOGGER.info("Not checked: whether the layers exist; pass the network with --har model.har")
    run = replace(run, failures=tuple(_written(run, options, documentation)))
    code = run.exit_code(options.fail_on)
    if code == 1:
        LOGGER.error("Exit code 1: findings at or above --fail-on %s", options.fail_on_choice)
    return code


def _linted(path: str, stages: Stages | None, options: Options) -> LintedScript:
    try:
        made = _checked(path, stages)
    except UsageError as error:
        tell_refusal(error)
        return LintedScript(path, failure=error.whole)
    findings, ignored = parted(made, options.ignored, today())
    tell_ended(options, findings)
    to_log((f.severity, f"{f.location}: {f.message} [{f.id}]") for f in findings)
    if not options.is_brief:
        show(map(problem_shown, findings))
    if not findings:
        LOGGER.info("%s: nothing found", path)
    for line in ignored_lines(ignored):
        LOGGER.info("%s: ignored: %s", path, line)
    return LintedScript(path, findings, ignored=ignored)


def _checked(path: str, stages: Stages | None) -> list[Finding]:
    text = read_script(path)
    problems = lint_problems(text) if stages is None else stages.problems(text)
    if len(problems) == MAX_PROBLEMS:
        LOGGER.warning("%s: only the first %d problems are shown", path, MAX_PROBLEMS)
    return [script_finding(problem, path) for problem in problems]


def _written(run: LintRun, options: Options, documentation: Documentation) -> Iterator[str]:
    """Write the reports that were asked for; yields sentences on what could not be written."""
    prompter = Prompter(is_interactive(options.no_interactive))
    wanted: list[tuple[str | None, str, Callable[[], str]]] = [
        (options.json, "the report", lambda: json.render(run)),
        (options.junit, "the JUnit report", lambda: junit.render(run, options.fail_on)),
        (options.sarif, "the SARIF report", lambda: sarif.render(run, documentation)),
        (options.markdown, "the comment", lambda: markdown.render(run)),
    ]
    for path, what, render in wanted:
        if not path:
            continue
        try:
            target = write_file(
                path,
                render().encode(),
                lambda path: prompter.confirm(f"{path} exists. Overwrite it?", False),
            )
            LOGGER.info("Wrote %s: %s", what, target)
        except UsageError as error:
            LOGGER.error("%s", error)
            yield str(error)


def read_script(path: str) -> str:
    """Read a model script.

    Raises
    ------
    UsageError : it cannot be read, is too large, or is no text.
    """
    refuse_foreign(path, Wanted.SCRIPT, UsageError)
    data = read_bounded(path, MAX_SCRIPT_CHARACTERS, "model script")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not a model script: it is not UTF-8 text", *_as_utf_8(path, data)
        ) from error
    if "\0" in text:
        raise UsageError(f"{path} is not a model script: it is binary")
    return text


def _as_utf_8(path: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """What to do with a text in another encoding, and what to type for it."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "Save it as UTF-8 text.", ()
    code = (
        f"from pathlib import Path; p = Path({dumps(path)}); "
        'p.with_stem(p.stem + "_utf8").write_text(p.read_text("utf-16"), encoding="utf-8")'
    )
    return "Write it as UTF-8 into a file beside it, and pass that.", (typed(PYTHON, "-c", code),)
