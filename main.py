#!/usr/bin/env python3
"""First aid for a network quantized for a Hailo chip: what is wrong with it, and what to do."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # Ctrl-C while modules are imported ends the process without a traceback; `main` takes over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from itertools import product
from operator import or_
from typing import TYPE_CHECKING

from utils.environment import ensure_packages

if __name__ == "__main__":
    ensure_packages()

import inspectors
from inspectors.base_inspector import BaseInspector, Context, Need, Question
from utils.backends import embedded
from utils.data_run import run_data
from utils.dfc_log import read_dfc_log
from utils.errors import DiagnosticError, ScriptError, UsageError
from utils.findings import InspectorResult
from utils.har.activation_parameters import check_activation_parameters
from utils.har.model import Model, load_model
from utils.har.model_script import ModelScript, parse_model_script
from utils.logger import LOGGER, debug_log_path, logging_to
from utils.nms_config import read_nms_config
from utils.options import Options, parse_options
from utils.output_files import own_descriptor, write_file
from utils.prompts import Prompter, is_interactive
from utils.range_trial import settled
from utils.recommendations import left_out_lines, recommended_script
from utils.renderers import console, json
from utils.report import Report
from utils.script_lint import lint_scripts

if TYPE_CHECKING:
    from utils.backends.emulation import Emulation

# The inspector that says as a finding why data do not fit; a failure need not repeat it.
EXPLAINS_DATA = "CalibrationInspector"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    try:
        available, broken = inspectors.discover()
        options = parse_options(
            sys.argv[1:] if argv is None else argv,
            {cls.name(): cls.summary() for cls in available},
        )
        _check_log_path(options)
        stream = sys.stderr if _takes_standard_output(options) else sys.stdout
        with logging_to(options.log_path, not options.no_debug, stream):
            return _logged_run(options, available, broken)
    except DiagnosticError as error:  # before there is a log
        sys.stderr.write(f"[error] {error}\n")
    except KeyboardInterrupt:
        sys.stderr.write("[error] Interrupted before anything was done\n")
    return 2


def _takes_standard_output(options: Options) -> bool:
    """Whether a result goes where the console lines would go otherwise."""
    targets = (options.json, options.output_model_script)
    return any(own_descriptor(path) == 1 for path in targets if path)


def _check_log_path(options: Options) -> None:
    logs = [options.log_path]
    if not options.no_debug:
        logs.append(debug_log_path(options.log_path))
    read = (options.har, options.dataset, *options.lint_scripts)
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
        return diagnose(options, available, broken).exit_code(options.fail_on)
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
    logs = tuple(map(read_dfc_log, options.dfc_logs))
    nms_config = read_nms_config(options.nms_config) if options.nms_config else None
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
    results = tuple(_run_and_show(cls, context, data.emulation) for cls in chosen)
    report = Report(model, embedded.NAME, data.calibration, measurements, results, tuple(failures))
    failures += _write_results(options, report, script, prompter)
    report = replace(report, failures=tuple(failures))
    _show(console.summary_lines(report))
    return report


def _answer(question: Question, prompter: Prompter, options: Options) -> str:
    # What goes into the script need not be asked where none is written.
    if options.output_model_script is None:
        return question.default
    return prompter.choose(question.text, question.choices, question.default)


def _check_folders(options: Options) -> None:
    # Better said before minutes of measuring than after.
    wanted = [options.image_dir]
    wanted += [os.path.dirname(p) for p in (options.json, options.output_model_script) if p]
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
    cls: type[BaseInspector], context: Context, emulation: Emulation | None
) -> InspectorResult:
    LOGGER.info("Running inspector module: %s", cls.name())
    result = _tried(inspectors.run(cls, context), emulation)
    _show(console.result_lines(result))
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


def _show(lines: Iterable[console.Line]) -> None:
    for severity, text in lines:
        LOGGER.log(getattr(logging, severity.name), "%s", text)


def _write_results(
    options: Options, report: Report, script: ModelScript | None, prompter: Prompter
) -> list[str]:
    """Write images, script and report; returns what could not be written."""
    failures: list[str] = []

    def write(path: str, data: bytes, what: str) -> None:
        try:
            written = write_file(path, data, _overwrite_question(prompter))
            LOGGER.info("Wrote %s: %s", what, written)
        except DiagnosticError as error:
            LOGGER.error("%s", error)
            failures.append(str(error))

    for finding in report.findings():
        for artifact in finding.artifacts:
            write(os.path.join(options.image_dir, artifact.name), artifact.data, "images")
    if options.output_model_script:
        text = _script_text(report, script, prompter)
        if text is None:
            failures.append("no model script was written, as the archive's own was not understood")
        else:
            write(options.output_model_script, text.encode(), "the model script")
    if options.json:
        whole = replace(report, failures=(*report.failures, *failures))
        write(options.json, json.render(whole).encode(), "the report")
    return failures


def _script_text(report: Report, script: ModelScript | None, prompter: Prompter) -> str | None:
    if script is None and report.model.script_text is not None:
        return None  # a script without the archive's own lines would lose them
    merged = recommended_script(list(report.findings()), script, report.model.network, prompter)
    for line in left_out_lines(merged):
        LOGGER.info("%s", line)
    return merged.text


def _overwrite_question(prompter: Prompter) -> Callable[[str], bool]:
    return lambda path: prompter.confirm(f"{path} exists. Overwrite it?", False)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
