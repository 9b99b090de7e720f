"""One run over one archive, from its options to its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import inspectors
from diagnosis.conclusion import check_folders, with_baseline, with_script, written
from diagnosis.console import report_shown
from diagnosis.data import bench_for, measured_by, tell_time
from diagnosis.ignoring import check_ignored, tell_ended
from diagnosis.inputs import Inputs, read_inputs
from diagnosis.judging import (
    context_of,
    diagnosed,
    judged,
    look_ahead,
    needs_of,
    tells_refusals,
    told_as_offered,
)
from diagnosis.placed_step import placed
from diagnosis.saved_dataset import check_saved_path, with_saved_dataset
from diagnosis.trials import interrupted_trials
from inspectors.base_inspector import BaseInspector, Need
from inspectors.documentation import documentation
from utils.backends.bench import Bench
from utils.findings.documentation import Documentation
from utils.har.model import Model
from utils.options.options import Options
from utils.renderers.comparison_lines import comparison_lines
from utils.renderers.log import model_line, summary_lines
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.interruptions import first_interruption_held_back
from utils.terminal.logger import LOGGER, show, tell, to_log
from utils.terminal.prompts import Prompter, is_interactive
from utils.terminal.shown import BLANK

BenchOf = Callable[[Options, Inputs, Need], "Bench | None"]


def diagnose(
    options: Options,
    available: Sequence[type[BaseInspector]],
    broken: Sequence[inspectors.BrokenModule],
    bench_of: BenchOf = bench_for,
    known: Model | None = None,
) -> Report:
    """Read the archive once, measure the data once, let the inspectors judge, then show.

    Parameters
    ----------
    bench_of : who is to measure.
    known : the archive, where it was read before.

    Raises
    ------
    DiagnosticError : a file cannot be used, or an option names what does not exist.
    LateInterruption : somebody interrupted it, and all was judged, written and shown all the same.
    """
    chosen = inspectors.select(available, options.order)
    check_folders(options)
    docs = documentation(available)
    check_ignored(options, docs)
    inputs = read_inputs(options, broken, known)
    LOGGER.info("%s", model_line(inputs.model))
    check_saved_path(options, inputs)

    bench = bench_of(options, inputs, needs_of(chosen))
    look_ahead(chosen, inputs.model)
    # What was measured took minutes. To judge it takes a moment, so that is not lost.
    with first_interruption_held_back():
        return _measured_and_judged(options, inputs, bench, chosen, available, docs)


def _measured_and_judged(
    options: Options,
    inputs: Inputs,
    bench: Bench | None,
    chosen: Sequence[type[BaseInspector]],
    available: Sequence[type[BaseInspector]],
    docs: Documentation,
) -> Report:
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
    if not options.is_brief:
        show([BLANK])
    judgements = [judged(cls, context, bench, names, options) for cls in chosen]
    if bench is not None:
        bench.close()

    results, diagnosis = told_as_offered(
        [judgement.result for judgement in judgements],
        lambda some: diagnosed(some, inputs.model.network, chosen, measured.refusal),
    )
    network, script = inputs.model.network, inputs.script
    diagnosis = replace(diagnosis, next=placed(diagnosis.next, script, network))
    tell_ended(options, [finding for result in results for finding in result.findings])
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
        diagnosis=diagnosis,
        is_interrupted=measured.is_interrupted or bool(cut_off),
        not_chosen=tuple(cls.name() for cls in available if cls not in chosen),
        ignored=tuple(ignored for j in judgements for ignored in j.ignored),
        stages=measured.stages,
    )
    report = with_baseline(report, inputs, chosen)
    report = with_script(report, inputs, options, prompter)
    report = with_saved_dataset(report, inputs, options, prompter)
    report = written(report, options, docs, prompter)
    to_log(summary_lines(report))
    show(report_shown(report, names, options))
    return report
