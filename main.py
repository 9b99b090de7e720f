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

from utils.options.fleet_options import WORD, parse_fleet_options
from utils.options.inspector_names import inspector_names
from utils.options.options import Options, parse_options, sentence_on

if __name__ == "__main__":
    # Help, and what is wrong with a command line, come before imports that take longer.
    if sys.argv[1:2] == [WORD]:
        parse_fleet_options(sys.argv[2:])
    else:
        parse_options(sys.argv[1:], inspector_names())

import inspectors
from diagnosis.diagnosing import diagnose
from diagnosis.fleet.command import run_fleet
from diagnosis.refusals import tell_refusal
from diagnosis.report_files import takes_standard_output
from diagnosis.script_lint import lint_scripts
from inspectors.base_inspector import BaseInspector
from inspectors.documentation import documentation
from utils.errors import DiagnosticError, UsageError
from utils.findings.documentation import Documentation
from utils.options.completion import completion_script
from utils.renderers.explanation import explained, listed_all
from utils.report import INTERRUPTED
from utils.terminal.logger import (
    LOGGER,
    complain,
    console_width,
    debug_log_path,
    logging_to,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        if given[:1] == [WORD]:
            return run_fleet(parse_fleet_options(given[1:]))
        options = parse_options(given, inspector_names())
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


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
