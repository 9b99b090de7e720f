#!/usr/bin/env python3
"""First aid for a network quantized for a Hailo chip: what is wrong with it, and what to do."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # Ctrl-C while modules are imported ends the process without a traceback; `main` takes over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import product
from operator import or_
from typing import TYPE_CHECKING

from utils.options.environment import ensure_packages

if __name__ == "__main__":
    ensure_packages()

from utils.options.inspector_names import inspector_names
from utils.options.options import Options, parse_options, sentence_on

if __name__ == "__main__":
    # Help, and what is wrong with a command line, come before imports that take longer.
    parse_options(sys.argv[1:], inspector_names())

import inspectors
from diagnosis.against_baseline import compared
from diagnosis.data_run import run_data
from diagnosis.report_files import takes_standard_output, targets, write_results
from diagnosis.script_lint import lint_scripts
from inspectors.base_inspector import BaseInspector, Context, Need, Question
from inspectors.documentation import documentation
from utils.baseline.earlier_report import read_earlier_report
from utils.baseline.run_facts import RunFacts
from utils.errors import DiagnosticError, ScriptError, UsageError
from utils.findings import InspectorResult, Severity
from utils.findings.documentation import Documentation
from utils.har.activation_parameters import check_activation_parameters
from utils.har.model import Model, load_model
from utils.model_script import ModelScript, parse_model_script
from utils.options.completion import completion_script
from utils.recommendations import left_out_lines, recommended_script
from utils.recommendations.range_trial import settled
from utils.renderers import log as console
from utils.renderers.comparison_lines import comparison_lines
from utils.renderers.explanation import explained, listed_all
from utils.renderers.terminal.baseline_lines import baseline_lines
from utils.renderers.terminal.findings import result_shown
from utils.renderers.terminal.summary import summary_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.side_files.dfc_log import read_dfc_log
from utils.side_files.nms_config import read_nms_config
from utils.terminal.logger import (
    LOGGER,
    complain,
    console_width,
    debug_log_path,
    logging_to,
    show,
    tell,
    to_log,
)
from utils.terminal.phases import timed
from utils.terminal.prompts import Prompter, is_interactive
from utils.terminal.shown import BLANK

if TYPE_CHECKING:
    from utils.backends.emulation import Emulation

# The inspector that says as a finding why data do not fit; a failure need not repeat it.
EXPLAINS_DATA = "CalibrationInspector"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    try:
        options = parse_options(sys.argv[1:] if argv is None else argv, inspector_names())
        available, broken = inspectors.discover()
        if options.explain or options.list_all or options.print_completion:
            sys.stdout.write(_help_at_hand(options, documentation(available)))
            return 0
        _check_log_path(options)
        stream = sys.stderr if takes_standard_output(options) else sys.stdout
        with logging_to(options.log_path, not options.no_debug, stream):
            return _logged_run(options, available, broken)
    except DiagnosticError as error:  # before there is a log
        complain(str(error))
    except KeyboardInterrupt:
        complain("Interrupted before anything was done")
    return 2


def _help_at_hand(options: Options, docs: Documentation) -> str:
    if options.print_completion:
        names = [inspector.name for inspector in docs.inspectors]
        return completion_script(options.print_completion, names, list(docs.findings))
    width = console_width(sys.stdout, os.environ)
    return explained(docs, options.explain, width) if options.explain else listed_all(docs, width)


def _check_log_path(options: Options) -> None:
    logs = [options.log_path]
    if not options.no_debug:
        logs.append(debug_log_path(options.log_path))
    read = (options.har, options.dataset, options.baseline, *options.lint_scripts)
    for log, path in product(logs, filter(None, read)):
        if os.path.exists(log) and os.path.exists(path) and os.path.samefile(log, path):
            raise UsageError(f"the log would be appended to {path}; choose another --log-path")


def _logged_run(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
) -> int:
    try:
        if options.lint_scripts:
            return lint_scripts(options.lint_scripts, options.har, options.fail_on)
        if options.without_effect:
            LOGGER.warning("%s", sentence_on(options.without_effect))
        report = diagnose(options, available, broken)
        code = report.exit_code(options.fail_on, only_new=options.fail_on_new)
        if code == 1:
            LOGGER.error("Exit code 1: findings at or above --fail-on %s", options.fail_on_choice)
        return code
    except DiagnosticError as error:
        LOGGER.error("%s", error)
    except KeyboardInterrupt:
        LOGGER.error("Interrupted: the diagnosis is not whole")
    return 2


def diagnose(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
) -> Report:
    """Read the archive, measure the data, let the inspectors judge, write what was asked for."""
    chosen = inspectors.select(available, options.order)
    check_activation_parameters(options.activation_parameters)
    _check_folders(options)
    docs = documentation(available)
    earlier = read_earlier_report(options.baseline) if options.baseline else None
    logs = tuple(map(read_dfc_log, options.dfc_logs))
    nms_config = read_nms_config(options.nms_config) if options.nms_config else None
    with timed("reading the archive"):
        model = load_model(options.har)
    LOGGER.info("%s", console.model_line(model))
    script, failures = _parsed_script(model)
    failures += [f"inspectors/{b.name}.py cannot be imported: {b.reason}" for b in broken]
    needs = reduce(or_, (cls.NEEDS for cls in chosen), Need.NOTHING)
    data = run_data(options, model, script, needs)
    measurements = data.emulation.measurements if data.emulation else None
    is_explained = EXPLAINS_DATA in {cls.name() for cls in chosen}
    failures += data.all_failures(is_explained=is_explained)
    for failure in failures:
        LOGGER.error("%s", failure)
    if data.sdk is not None and data.sdk.comparison is not None:
        tell(comparison_lines(data.sdk.comparison, model.float_network))

    prompter = Prompter(is_interactive(options.no_interactive))
    context = Context(
        model=model,
        script=script,
        calibration=data.calibration,
        measurements=measurements,
        ask=lambda question: _answer(question, prompter, options),
        target=options.hw_arch or model.hw_arch,
        data_failed=data.has_failed,
        data_error=data.error,
        samples=data.samples,
        dfc_logs=logs,
        nms_config=nms_config,
    )
    names = ShortNames(model)
    show([BLANK])
    results = tuple(
        _run_and_show(cls, context, data.emulation, names, options.verbose) for cls in chosen
    )
    # Trials of ranges, which inspectors recommend, may have added what had to be assumed.
    measurements = data.emulation.measurements if data.emulation else None
    report = Report(
        model, data.backend, data.calibration, measurements, results, tuple(failures), sdk=data.sdk
    )
    report = _with_baseline(report, earlier, chosen)
    report = _with_script(report, options, script, prompter)
    report = _written(report, options, docs, prompter)
    if report.baseline is not None:
        tell(baseline_lines(report.baseline, names))
    to_log(console.summary_lines(report))
    show(summary_shown(report, names, options.verbose))
    return report


def _written(report: Report, options: Options, docs: Documentation, prompter: Prompter) -> Report:
    """Write what was asked for; the report then tells what could not be written."""

    def may_overwrite(path: str) -> bool:
        return prompter.confirm(f"{path} exists. Overwrite it?", False)

    with timed("writing the results"):
        failures = write_results(options, report, docs, may_overwrite)
    return replace(report, failures=(*report.failures, *failures))


def _answer(question: Question, prompter: Prompter, options: Options) -> str:
    # What goes into the script need not be asked where none is written.
    if options.output_model_script is None:
        return question.default
    return prompter.choose(question.text, question.choices, question.default)


def _check_folders(options: Options) -> None:
    # Better said before minutes of measuring than after.
    wanted = [options.image_dir, *map(os.path.dirname, targets(options))]
    for folder in wanted:
        if folder and not os.path.isdir(folder):
            raise UsageError(f"the folder {folder} does not exist; create it or name another one")


def _parsed_script(model: Model) -> tuple[ModelScript | None, list[str]]:
    if model.script_text is None:
        return None, []
    try:
        return parse_model_script(model.script_text), []
    except ScriptError as error:
        return None, [f"The archive's own model script was not checked: {error}"]


def _run_and_show(
    cls: type[BaseInspector],
    context: Context,
    emulation: Emulation | None,
    names: ShortNames,
    is_verbose: bool,
) -> InspectorResult:
    opening = (Severity.INFO, f"Running inspector module: {cls.name()}")
    with timed(cls.name()):
        found = inspectors.run(cls, context, on_start=lambda: tell([opening]))
        result = _tried(found, emulation)
    to_log(console.result_lines(result))
    show(result_shown(result, names, is_verbose))
    return result


def _tried(result: InspectorResult, emulation: Emulation | None) -> InspectorResult:
    """Try the ranges that findings recommend; without data there is nothing to try them on."""
    recommended = [f.recommendation for f in result.findings if f.recommendation]
    ranges = {layer: span for r in recommended for layer, span in r.ranges.items()}
    if not ranges or emulation is None:
        return result
    try:
        trials = emulation.try_ranges(ranges)
    except DiagnosticError as error:
        LOGGER.warning("The recommended ranges could not be tried: %s", error)
        return result
    return replace(result, findings=tuple(settled(f, trials) for f in result.findings))


def _with_baseline(
    report: Report, earlier: RunFacts | None, chosen: Sequence[type[BaseInspector]]
) -> Report:
    """Add the comparison with an earlier run, where one was named."""
    if earlier is None:
        return report
    static = {cls.name() for cls in chosen if cls.NEEDS is Need.NOTHING}
    return replace(report, baseline=compared(report, earlier, static))


def _with_script(
    report: Report, options: Options, script: ModelScript | None, prompter: Prompter
) -> Report:
    """Add the recommended model script, where it is written or shown."""
    if not options.output_model_script and not options.html:
        return report
    if script is None and report.model.script_text is not None:
        return report  # a script without the archive's own lines would lose them
    if not options.output_model_script:
        prompter = Prompter(False)  # a page is no reason to ask
    merged = recommended_script(list(report.findings()), script, report.model.network, prompter)
    to_log((Severity.INFO, line) for line in left_out_lines(merged))
    return replace(report, script=merged)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
