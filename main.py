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
from itertools import product

from utils.options.environment import ensure_packages

if __name__ == "__main__":
    ensure_packages()

from utils.options.inspector_names import inspector_names
from utils.options.options import Options, parse_options, sentence_on

if __name__ == "__main__":
    # Help, and what is wrong with a command line, come before imports that take longer.
    parse_options(sys.argv[1:], inspector_names())

import inspectors
from diagnosis.conclusion import check_folders, with_baseline, with_script, written
from diagnosis.data import bench_for, measured_by, tell_time
from diagnosis.inputs import read_inputs
from diagnosis.judging import context_of, diagnosed, judged, needs_of, tells_refusals
from diagnosis.refusals import tell_refusal
from diagnosis.report_files import takes_standard_output
from diagnosis.saved_dataset import check_saved_path, with_saved_dataset
from diagnosis.script_lint import lint_scripts
from diagnosis.trials import interrupted_trials
from inspectors.base_inspector import BaseInspector
from inspectors.documentation import documentation
from utils.errors import DiagnosticError, UsageError
from utils.findings.documentation import Documentation
from utils.options.completion import completion_script
from utils.renderers.comparison_lines import comparison_lines
from utils.renderers.explanation import explained, listed_all
from utils.renderers.log import model_line, summary_lines
from utils.renderers.terminal.summary import summary_shown
from utils.renderers.terminal.wording import ShortNames
from utils.report import INTERRUPTED, Report
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
from utils.terminal.prompts import Prompter, is_interactive
from utils.terminal.shown import BLANK


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
        complain(error.whole)
    except KeyboardInterrupt:
        complain("Interrupted before anything was done")
        return INTERRUPTED
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
    single = (options.har, options.dataset, options.baseline, options.nms_config)
    read = (*single, *options.lint_scripts, *options.dfc_logs)
    stages = (*options.stages.references, *options.stages.device_outputs)
    for log, path in product(logs, filter(None, (*read, *stages))):
        if os.path.exists(log) and os.path.exists(path) and os.path.samefile(log, path):
            raise UsageError(f"the log would be appended to {path}; choose another --log-path")


def _logged_run(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
) -> int:
    try:
        if options.lint_scripts:
            return lint_scripts(options, documentation(available))
        if options.without_effect:
            LOGGER.warning("%s", sentence_on(options.without_effect))
        report = diagnose(options, available, broken)
        code = report.exit_code(options.fail_on, only_new=options.fail_on_new)
        if code == 1:
            LOGGER.error("Exit code 1: findings at or above --fail-on %s", options.fail_on_choice)
        elif code == 2 and report.is_whole:
            LOGGER.error("Exit code 2: --fail-on %s needs a comparison", options.fail_on_choice)
        return code
    except DiagnosticError as error:
        tell_refusal(error)
    except KeyboardInterrupt:
        LOGGER.error("Interrupted: the diagnosis is incomplete")
        return INTERRUPTED
    return 2


def diagnose(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
) -> Report:
    """Read the archive once, measure the data once, let the inspectors judge, then show."""
    chosen = inspectors.select(available, options.order)
    check_folders(options)
    docs = documentation(available)
    inputs = read_inputs(options, broken)
    LOGGER.info("%s", model_line(inputs.model))
    check_saved_path(options, inputs)

    bench = bench_for(options, inputs, needs_of(chosen))
    measured = measured_by(bench)
    inputs.model.archive.check_reads()
    told = measured.all_failures(is_explained=tells_refusals(chosen))
    failures = (*inputs.failures, *told)
    for failure in failures:
        LOGGER.error("%s", failure)
    tell_time(inputs, measured, is_verbose=options.verbose)
    if measured.sdk is not None and measured.sdk.comparison is not None:
        tell(comparison_lines(measured.sdk.comparison, inputs.model.float_network))

    prompter = Prompter(is_interactive(options.no_interactive))
    context = context_of(options, inputs, measured, prompter)
    names = ShortNames(inputs.model)
    show([BLANK])
    judgements = [judged(cls, context, bench, names, is_verbose=options.verbose) for cls in chosen]

    results = tuple(judgement.result for judgement in judgements)
    if cut_off := interrupted_trials(judgements):
        LOGGER.error("%s", cut_off)
        failures = (*failures, cut_off)
    report = Report(
        model=inputs.model,
        backend=measured.backend,
        calibration=measured.dataset,
        measurements=measured.measurements,
        results=results,
        failures=failures,
        sdk=measured.sdk,
        trial_assumptions=tuple(dict.fromkeys(a for j in judgements for a in j.assumptions)),
        diagnosis=diagnosed(results, inputs.model.network, chosen, measured.refusal),
        is_interrupted=measured.is_interrupted or bool(cut_off),
        not_chosen=tuple(cls.name() for cls in available if cls not in chosen),
        stages=measured.stages,
    )
    report = with_baseline(report, inputs, chosen)
    report = with_script(report, inputs, options, prompter)
    report = with_saved_dataset(report, inputs, options, prompter)
    report = written(report, options, docs, prompter)
    to_log(summary_lines(report))
    show(summary_shown(report, names, options.verbose))
    return report


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
