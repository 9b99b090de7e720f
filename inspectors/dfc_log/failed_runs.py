"""Runs that died: what stopped them, and what helps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.dfc_log.belonging import layer_of
from inspectors.dfc_log.own_runs import FailedRun, OwnRuns
from utils.dataset.shapes import mending_lines
from utils.facts.log_lines import LogFact
from utils.facts.machine_failures import HOST_MEMORY
from utils.facts.optimization_levels import FINETUNE, NOISE_ANALYSIS, leaving_out
from utils.facts.run_failure import SEARCH
from utils.facts.run_failures import (
    AT_LEVEL_1,
    DATA_SHAPE,
    FINETUNE_IN_BATCHES,
    GPU_MEMORY,
    INTERRUPTED,
    SMALLER_BATCHES,
)
from utils.findings import Finding, Recommendation, Severity
from utils.model_script import ModelScript, holds_lines
from utils.side_files.log_events import LogEvent
from utils.side_files.log_failures import names_exception

_UNKNOWN = "This message is not known to this tool."
_MEMORIES = (GPU_MEMORY, HOST_MEMORY)  # which the analysis fills when all else is done
_MORE_MEMORY = "Compile the archive again on a computer with more memory."
_OTHER_ARCHIVE = "A run that died made no archive, so another run made this one."
_FINETUNE_STEPS = frozenset(FINETUNE.log_names)
_QUESTION = "Add these lines? They are for a run that failed, not for the archive at hand."


@dataclass(frozen=True)
class _Advice:
    """What to do about a death."""

    remedy: str
    commands: tuple[str, ...] = ()


def failed_runs(context: Context, own: OwnRuns) -> Iterator[Finding]:
    """One finding for each log whose last run of this network died."""
    for failed in own.failed:
        yield _finding(context, failed)


def _finding(context: Context, failed: FailedRun) -> Finding:
    death, failure = failed.death, failed.death.failure
    advice = _advice(context, failed)
    layer = layer_of(context.model, death.subject) if death.subject else None
    return Finding(
        id="dfc-run-failed",
        severity=_severity(failed),
        headline=failure.headline if failure and not _is_unclear(failed) else _unknown(failed),
        evidence=", ".join(filter(None, _circumstances(context, failed))),
        why=" ".join(filter(None, (failure.why if failure else _UNKNOWN, _archive(failed)))),
        remedy=advice.remedy,
        quotation=death.text,
        layers=(layer,) if layer else (),
        recommendation=Recommendation(advice.commands, _QUESTION, default=False)
        if advice.commands
        else None,
        location=death.location,
    )


def _severity(failed: FailedRun) -> Severity:
    failure = failed.death.failure
    if failure is not None and failure.name == INTERRUPTED:
        return Severity.INFO if failed.was_finished else Severity.WARNING
    return Severity.WARNING if _is_unclear(failed) else Severity.ERROR


def _is_unclear(failed: FailedRun) -> bool:
    """Whether it may be no concern of the network what a script does behind the optimization."""
    failure = failed.death.failure
    return failed.is_behind_the_end and (failure is None or failure.is_of_any_program)


def _unknown(failed: FailedRun) -> str:
    if failed.is_behind_the_end:
        return "What followed the optimization in the log ended in an error"
    return "The logged run of the compiler ended in an error"


def _circumstances(context: Context, failed: FailedRun) -> Iterator[str]:
    death = failed.death
    if failed.run.step_at_death:
        yield f"during {failed.run.step_at_death}"
    if death.subject:
        layer = layer_of(context.model, death.subject)
        yield f"at {context.model.network[layer].described() if layer else death.subject}"
    if failed.is_behind_the_end:
        yield "when the optimization was done"
    elif failed.was_finished:
        yield "an earlier run was done"
    if first := _first_error(failed):
        yield f'first error: "{first}"'


def _first_error(failed: FailedRun) -> str:
    """What was logged as an error before the run died of another; "" for nothing."""
    first = next(e for e in failed.run.events if e.fact is LogFact.RUN_FAILED)
    return "" if first is failed.death or names_exception(first) else first.text


def _archive(failed: FailedRun) -> str:
    failure = failed.death.failure
    is_kept = failed.was_finished or (failure is not None and failure.is_of_compilation)
    return "" if is_kept else _OTHER_ARCHIVE


def _advice(context: Context, failed: FailedRun) -> _Advice:
    failure = failed.death.failure
    step = failed.run.step_at_death
    if failure is None or (step == NOISE_ANALYSIS and failure.name in _MEMORIES):
        return _without_the_step(context.script, step)
    if failure.name == GPU_MEMORY and _is_finetuning(failed):
        return _smaller_batches(context.script)
    if failure.name == HOST_MEMORY and _is_compiling(failed):
        return _Advice(_MORE_MEMORY)
    if failure.name == DATA_SHAPE:
        return _Advice(_same_shape(failed.death) or failure.remedy)
    if failure.commands and holds_lines(context.script, failure.commands):
        return _Advice(failure.otherwise)
    return _Advice(failure.remedy, failure.commands)


def _without_the_step(script: ModelScript | None, step: str) -> _Advice:
    """To leave out what the run died of, where optimization goes on without it."""
    line = leaving_out(step)
    if not line or holds_lines(script, [line]):
        return _Advice(SEARCH)
    then = ", a step that only measures" if step == NOISE_ANALYSIS else ", and compare the accuracy"
    return _Advice(f"Optimize again with this line, which leaves out {step}{then}.", (line,))


def _is_compiling(failed: FailedRun) -> bool:
    """Whether the optimization was done, and it died of what came then."""
    return failed.is_behind_the_end or (failed.was_finished and not failed.run.is_marked)


def _is_finetuning(failed: FailedRun) -> bool:
    named = (failed.death.reason, failed.run.step_at_death)
    return not any(named) or not _FINETUNE_STEPS.isdisjoint(named)


def _smaller_batches(script: ModelScript | None) -> _Advice:
    """The next smaller batch than the script asks for; after the smallest, no training."""
    batch = _batch_size(script)
    smaller = [size for size in SMALLER_BATCHES if batch is None or size < batch]
    if not smaller:
        return _Advice(
            "Optimize again at level 1 with this line, which trains nothing.", (AT_LEVEL_1,)
        )
    then = f"with batch_size={smaller[1]}" if len(smaller) > 1 else "at level 1"
    return _Advice(
        f"Optimize again with this line, and {then} if that fails, too.",
        (FINETUNE_IN_BATCHES.format(smaller[0]),),
    )


def _batch_size(script: ModelScript | None) -> int | None:
    sizes = [
        statement.keywords.get("batch_size")
        for statement in (script.commands("post_quantization_optimization") if script else ())
        if FINETUNE.feature in statement.positional
    ]
    numbers = [size for size in sizes if type(size) is int]
    return numbers[-1] if numbers else None


def _same_shape(death: LogEvent) -> str:
    """How to bring samples into the shape of the input; "" where axes alone do not do it."""
    given = tuple(map(int, re.findall(r"\d+", death.reason)))
    due = tuple(map(int, death.numbers))
    if len(due) != 3:
        return ""
    lines = mending_lines((1, *given), (due[0], due[1], due[2]))
    return f"Save the calibration set after `{lines[0]}`, and optimize again." if lines else ""
