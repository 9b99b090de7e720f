#!/usr/bin/env python3
"""First aid for a network quantized for a Hailo chip: what is wrong with it, and what to do."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and os.path.dirname(os.path.realpath(__file__)) not in sys.path:
    # An interpreter that is isolated (-I), or safe (-P), does not look beside what it runs.
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from utils.options.environment import ensure_packages, ensure_python

if __name__ == "__main__":  # before code that an old Python cannot read
    ensure_python()

from utils.terminal import ends, interruptions

if __name__ == "__main__":  # before imports that take longer
    ends.keep_standard_descriptors()
    ends.leave_things_where_they_are()
    interruptions.end_on_interruption()
    ends.end_on_the_unexpected()

from collections.abc import Sequence
from functools import partial

from utils.options.trial_import import ensure_numpy_loads

if __name__ == "__main__":
    ensure_packages()
    ensure_numpy_loads()

from utils.backends.process.engine import EngineProcess
from utils.backends.process.starting import engine_for, started_early

# Another process imports TensorFlow while this one finds out what it is asked.
EARLY = started_early(sys.argv[1:]) if __name__ == "__main__" else None

from utils.options.fleet_options import WORD, parse_fleet_options
from utils.options.inspector_names import inspector_names
from utils.options.options import Options, parse_options, sentence_on

ENGINE: EngineProcess | None = None
if __name__ == "__main__":
    # Help, and what is wrong with a command line, come before what takes longer.
    with ends.promised_status():
        if sys.argv[1:2] == [WORD]:
            parse_fleet_options(sys.argv[2:])
        else:
            ENGINE = engine_for(parse_options(sys.argv[1:], inspector_names()), EARLY)

import inspectors
from diagnosis.data import bench_for
from diagnosis.diagnosing import diagnose
from diagnosis.fleet.command import run_fleet
from diagnosis.inputs_kept import check_inputs_kept, check_pipes
from diagnosis.refusals import tell_refusal
from diagnosis.report_files import takes_standard_output
from diagnosis.script_lint import lint_scripts
from inspectors.base_inspector import BaseInspector
from inspectors.documentation import documentation
from utils.errors import DiagnosticError
from utils.errors.faults import fault_sentence
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


def main(argv: Sequence[str] | None = None, engine: EngineProcess | None = None) -> int:
    """Run the command; returns its exit code.

    Parameters
    ----------
    engine : the process that is to run the networks; None for this one.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    is_told = False
    try:
        if given[:1] == [WORD]:
            return run_fleet(parse_fleet_options(given[1:]))
        options = parse_options(given, inspector_names())
        available, broken = inspectors.discover(options.inspector_folders)
        if options.explain or options.list_all or options.print_completion:
            return ends.printed(_help_at_hand(options, documentation(available)))
        check_inputs_kept(options)
        check_pipes(options)
        stream = sys.stderr if takes_standard_output(options) else sys.stdout
        with logging_to(options.log_path, not options.no_debug, stream, options.console):
            code = _logged_run(options, available, broken, engine)
            is_told = True
            return code
    except DiagnosticError as error:  # before there is a log
        complain(error.whole)
    except KeyboardInterrupt:
        if not is_told:
            complain("Interrupted before anything was done")
        return INTERRUPTED
    except Exception as error:
        complain(fault_sentence(error))
    finally:
        if engine is not None:
            engine.close()
    return 2


def _help_at_hand(options: Options, docs: Documentation) -> str:
    if options.print_completion:
        names = [inspector.name for inspector in docs.inspectors]
        return completion_script(options.print_completion, names, list(docs.findings))
    width = console_width(sys.stdout, os.environ)
    return explained(docs, options.explain, width) if options.explain else listed_all(docs, width)


def _logged_run(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
    engine: EngineProcess | None,
) -> int:
    report = None
    try:
        if options.lint_scripts:
            return lint_scripts(options, documentation(available))
        if options.without_effect:
            LOGGER.warning("%s", sentence_on(options.without_effect))
        report = diagnose(options, available, broken, partial(bench_for, engine=engine))
        code = report.exit_code(options.fail_on, only_new=options.fail_on_new)
        if code == 1:
            LOGGER.error("Exit code 1: findings at or above --fail-on %s", options.fail_on_choice)
        elif code == 2 and report.is_whole:
            LOGGER.error("Exit code 2: --fail-on %s needs a comparison", options.fail_on_choice)
        return code
    except DiagnosticError as error:
        tell_refusal(error)
    except interruptions.LateInterruption:
        LOGGER.debug("Interrupted by %s, behind what was measured", interruptions.interruption())
        return INTERRUPTED
    except KeyboardInterrupt:
        if report is None:
            LOGGER.error("Interrupted: the diagnosis is incomplete")
        return INTERRUPTED
    except Exception as error:
        LOGGER.debug("The diagnosis ended", exc_info=True)
        log = options.log_path if options.no_debug else debug_log_path(options.log_path)
        LOGGER.error("The diagnosis ended early: %s; details: %s", fault_sentence(error), log)
    return 2


if __name__ == "__main__":
    interruptions.raise_on_interruption()
    sys.exit(ends.last_status(main(engine=ENGINE)))
