"""What is made of a report: the comparison with an earlier run, the script, the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diagnosis.against_baseline import compared
from diagnosis.inputs import Inputs
from diagnosis.output_files import check_writable
from diagnosis.report_files import targets, write_results
from inspectors.base_inspector import BaseInspector, Need
from utils.findings import Severity
from utils.findings.documentation import Documentation
from utils.options.options import Options
from utils.recommendations import left_out_lines, recommended_script
from utils.report import Report
from utils.terminal.logger import to_log
from utils.terminal.phases import timed
from utils.terminal.prompts import Prompter


def check_folders(options: Options) -> None:
    """Refuse what cannot be written: better said before minutes of measuring than after.

    Raises
    ------
    UsageError : a file is to be written where no folder is, or where none can be made.
    """
    for path in targets(options):
        check_writable(path)


def with_baseline(report: Report, inputs: Inputs, chosen: Sequence[type[BaseInspector]]) -> Report:
    """Add the comparison with an earlier run, where one was named."""
    if inputs.earlier is None:
        return report
    static = {cls.name() for cls in chosen if cls.NEEDS is Need.NOTHING}
    return replace(report, baseline=compared(report, inputs.earlier, static))


def with_script(report: Report, inputs: Inputs, options: Options, prompter: Prompter) -> Report:
    """Add the recommended model script, where it is written or shown."""
    if not options.output_model_script and not options.html:
        return report
    if inputs.script is None and report.model.script_text is not None:
        return report  # a script without the archive's own lines would lose them
    if not options.output_model_script:
        prompter = Prompter(False)  # a page is no reason to ask
    merged = recommended_script(
        list(report.findings()), inputs.script, report.model.network, prompter, report.diagnosis
    )
    to_log((Severity.INFO, line) for line in left_out_lines(merged))
    return replace(report, script=merged)


def written(report: Report, options: Options, docs: Documentation, prompter: Prompter) -> Report:
    """Write what was asked for; the report then says what could not be written."""

    def may_overwrite(path: str) -> bool:
        return prompter.confirm(f"{path} exists. Overwrite it?", False)

    with timed("writing the results"):
        unwritten = write_results(options, report, docs, may_overwrite)
    return replace(report, unwritten={**report.unwritten, **unwritten})
