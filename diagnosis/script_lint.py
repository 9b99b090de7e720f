"""The command ``--lint-script``: model scripts checked as text files, without any data."""

from __future__ import annotations

from collections.abc import Sequence

from utils.errors import UsageError
from utils.findings import Finding, Severity
from utils.har.archive import open_archive
from utils.model_script.lint import MAX_PROBLEMS, lint_problems
from utils.model_script.lint.findings import (
    MAX_SCRIPT_CHARACTERS,
    Stages,
    script_finding,
    stages_of,
)
from utils.renderers.terminal.findings import problem_shown
from utils.side_files.input_files import read_bounded
from utils.terminal.logger import LOGGER, show, to_log
from utils.wording import plural


def lint_scripts(paths: Sequence[str], har: str, fail_on: Severity | None) -> int:
    """Check scripts one after the other and print what is wrong with them.

    Parameters
    ----------
    paths : the files.
    har : archive, of any state, of the network that they are for; "" if there is none.
    fail_on : severity from which on the exit code is 1.

    Returns
    -------
    The exit code; 2 if a file could not be read.

    Raises
    ------
    ArchiveError : the archive cannot be read.
    """
    stages = stages_of(open_archive(har)) if har else None
    findings: list[Finding] = []
    unreadable = 0
    for path in paths:
        try:
            found = _checked(path, stages)
        except UsageError as error:
            LOGGER.error("%s", error)
            unreadable += 1
            continue
        to_log((f.severity, f"{f.location}: {f.message} [{f.id}]") for f in found)
        show(map(problem_shown, found))
        findings += found
    _summarize(findings, len(paths), unreadable, is_network_known=stages is not None)
    if unreadable:
        return 2
    return int(fail_on is not None and any(each.severity >= fail_on for each in findings))


def _checked(path: str, stages: Stages | None) -> list[Finding]:
    text = read_script(path)
    problems = lint_problems(text) if stages is None else stages.problems(text)
    if len(problems) == MAX_PROBLEMS:
        LOGGER.warning("%s: only the first %d problems are shown", path, MAX_PROBLEMS)
    return [script_finding(problem, path) for problem in problems]


def _summarize(
    findings: Sequence[Finding], scripts: int, unreadable: int, *, is_network_known: bool
) -> None:
    counts = ", ".join(
        f"{sum(each.severity == severity for each in findings)} {severity.label}"
        for severity in sorted(Severity, reverse=True)
    )
    LOGGER.info("Summary: %s in %s", counts, plural(scripts - unreadable, "script"))
    if not is_network_known:
        LOGGER.info("Not checked: whether the layers exist; pass the network with --har model.har")


def read_script(path: str) -> str:
    """Read a model script.

    Raises
    ------
    UsageError : it cannot be read, is too large, or is no text.
    """
    data = read_bounded(path, MAX_SCRIPT_CHARACTERS, "model script")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no model script: it is not UTF-8 text") from error
    if "\0" in text:
        raise UsageError(f"{path} is no model script: it is binary")
    return text
