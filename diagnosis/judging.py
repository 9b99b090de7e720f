"""The inspectors, one after the other, each shown as soon as it has judged."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from operator import or_

import inspectors
from diagnosis.ignoring import today
from diagnosis.inputs import Inputs
from diagnosis.report_files import own_place
from diagnosis.trials import Tried, tried
from inspectors.base_inspector import BaseInspector, Context, Need, Question
from utils.backends.bench import Bench
from utils.causes import Diagnosis
from utils.causes.explanations import without_refused
from utils.causes.folding import diagnosis_of
from utils.causes.next_step import mended_first
from utils.causes.offers import as_offered
from utils.causes.pairs import EXPLANATIONS
from utils.findings import InspectorResult, Severity
from utils.findings.ignored import IgnoreRule, without_ignored
from utils.har.model import Model
from utils.har.network import Network
from utils.jobs.measured import Measured, Refusal
from utils.options.options import Options
from utils.renderers import log
from utils.renderers.terminal.findings import result_shown
from utils.renderers.terminal.wording import ShortNames
from utils.terminal.logger import show, tell, to_log
from utils.terminal.phases import timed
from utils.terminal.prompts import Prompter


def needs_of(chosen: Sequence[type[BaseInspector]]) -> Need:
    """What has to be measured for these inspectors."""
    return reduce(or_, (cls.NEEDS for cls in chosen), Need.NOTHING)


def look_ahead(chosen: Sequence[type[BaseInspector]], model: Model) -> None:
    """Find out what needs no data; what goes wrong does so again where it is told."""
    for cls in chosen:
        with suppress(Exception):
            cls.look_ahead(model)


def tells_refusals(chosen: Sequence[type[BaseInspector]]) -> bool:
    """Whether one of them says as a finding why data cannot be used."""
    return any(cls.TELLS_REFUSALS for cls in chosen)


def context_of(options: Options, inputs: Inputs, measured: Measured, prompter: Prompter) -> Context:
    """The facts that every inspector judges."""
    return Context(
        model=inputs.model,
        script=inputs.script,
        calibration=measured.dataset,
        measurements=measured.measurements,
        ask=lambda question: _answer(question, prompter, options),
        target=options.hw_arch or inputs.model.hw_arch,
        data_failed=measured.has_failed,
        data_error=_with_free_name(measured.refusal, options),
        samples=measured.samples,
        dfc_logs=inputs.dfc_logs,
        nms_config=inputs.nms_config,
        stages=measured.stages,
    )


def _with_free_name(refusal: Refusal | None, options: Options) -> Refusal | None:
    """A refusal that names its sheet as it will be written: beside a picture of somebody else."""
    if refusal is None or refusal.sheet is None:
        return refusal
    path = own_place(os.path.join(options.image_dir, refusal.sheet.name))
    return replace(refusal, sheet=replace(refusal.sheet, name=os.path.basename(path)))


def _answer(question: Question, prompter: Prompter, options: Options) -> str:
    # What goes into the script need not be asked where none is written.
    if options.output_model_script is None:
        return question.default
    return prompter.choose(question.text, question.choices, question.default)


def judged(
    cls: type[BaseInspector],
    context: Context,
    bench: Bench | None,
    names: ShortNames,
    options: Options,
) -> Tried:
    """Run one inspector, set apart what is ignored, try what it recommends, show what it found.

    Raises
    ------
    DamagedMemberError : the archive is damaged where this inspector read it first.
    """
    opening = (Severity.INFO, f"Running inspector module: {cls.name()}")
    with timed(cls.name()):
        result = inspectors.run(cls, context, on_start=lambda: tell([opening]))
        result, ignored = without_ignored(result, _rules(options, context), today())
        found = replace(tried(result, bench), ignored=ignored)
    # Damage is no crash of the inspector, nor a layer that cannot be judged: nothing goes on.
    context.model.archive.check_reads()
    to_log(log.result_lines(found.result))
    if not options.is_brief:
        show(result_shown(found.result, names, options.verbose))
    return found


def _rules(options: Options, context: Context) -> list[IgnoreRule]:
    """What is ignored; what keeps data from being measured is not, whatever somebody decided."""
    refused = context.data_error.finding_id if context.data_error else ""
    return [rule for rule in options.ignored if rule.id != refused]


def told_as_offered(
    results: Sequence[InspectorResult], diagnose: Callable[[Sequence[InspectorResult]], Diagnosis]
) -> tuple[tuple[InspectorResult, ...], Diagnosis]:
    """The results as they are told, and their diagnosis: no remedy points to lines withheld.

    Which lines are withheld says a diagnosis, and one holds the very findings that it is about,
    so they are diagnosed once more.

    Parameters
    ----------
    diagnose : makes a diagnosis of results.
    """
    first = diagnose(results)
    told = tuple(
        replace(result, findings=tuple(as_offered(each, first) for each in result.findings))
        for result in results
    )
    return told, diagnose(told)


def diagnosed(
    results: Sequence[InspectorResult],
    network: Network,
    chosen: Sequence[type[BaseInspector]],
    refusal: Refusal | None = None,
) -> Diagnosis:
    """The findings of all inspectors, sorted into causes and what they explain.

    Parameters
    ----------
    refusal : why data that were given cannot be used, which has to be mended first.
    """
    own = [entry for cls in chosen for entry in cls.EXPLANATIONS]
    table = without_refused((*EXPLANATIONS, *own), refusal.finding_id if refusal else "")
    findings = [finding for result in results for finding in result.findings]
    diagnosis = diagnosis_of(findings, network, table)
    if refusal is None or tells_refusals(chosen):
        return diagnosis
    return replace(diagnosis, next=mended_first(refusal.remedy, refusal.command))
