"""What a log tells of the course of a run: random data, cut training, a missing analysis."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.dfc_log.own_runs import OwnRuns
from inspectors.quantizing_again import quantize_again
from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import FINETUNE, WITHOUT_GPU
from utils.findings import Finding, Recommendation, Severity
from utils.model_script import ModelScript
from utils.model_script.tokens import is_number

LOW_RATE = 0.00001  # the second most frequent of the lowered rates in Hailo's own scripts
FINETUNE_AT_RATE = "post_quantization_optimization(finetune, policy=enabled, learning_rate={:.5f})"
_QUESTION = "Train less boldly? Measure whether it helps."


def course_of_the_run(context: Context, own: OwnRuns) -> Iterator[Finding]:
    """What was done otherwise than for a network that is to be used."""
    yield from _random_data(context, own)
    yield from _cut_training(own)
    yield from _diverged_training(context, own)
    yield from _missing_analysis(context, own)


def _random_data(context: Context, own: OwnRuns) -> Iterator[Finding]:
    if event := own.one(LogFact.RANDOM_DATA):
        yield Finding(
            id="dfc-random-calibration",
            severity=Severity.ERROR,
            headline="The logged command calibrated on random numbers, not on data",
            why="The ranges in the archive do not fit what the network will see.",
            remedy="Quantize again on real samples, prepared as for inference.",
            quotation=event.text,
            command=quantize_again(context),
            location=event.location,
        )


def _cut_training(own: OwnRuns) -> Iterator[Finding]:
    if event := own.one(LogFact.TRAINING_CUT):
        yield Finding(
            id="dfc-training-cut",
            severity=Severity.WARNING,
            headline="Finetuning was cut short in the logged run",
            why="The weights are those of the moment when it was cut. They can be worse than "
            "without finetuning.",
            remedy="Let finetuning run to its end, and compare the accuracy.",
            quotation=event.text,
            location=event.location,
        )


def _diverged_training(context: Context, own: OwnRuns) -> Iterator[Finding]:
    if event := own.one(LogFact.LOSS_NOT_FINITE):
        lines = _gentler_training(context.script)
        yield Finding(
            id="dfc-training-diverged",
            severity=Severity.ERROR,
            headline="Finetuning diverged in the logged run",
            evidence="a loss was NaN",
            why="A step with such a loss turns weights into NaN.",
            remedy="Optimize again with this line, and compare the accuracy.",
            quotation=event.text,
            recommendation=Recommendation(lines, _QUESTION, default=False),
            location=event.location,
        )


def _gentler_training(script: ModelScript | None) -> tuple[str, ...]:
    """Finetuning with a low rate; no training where the script asks for one that is as low."""
    statements = script.commands("post_quantization_optimization") if script else ()
    rates = [
        statement.keywords.get("learning_rate")
        for statement in statements
        if FINETUNE.feature in statement.positional
    ]
    numbers = [rate for rate in rates if is_number(rate)]
    if numbers and numbers[-1] <= LOW_RATE:
        return (WITHOUT_GPU,)
    return (FINETUNE_AT_RATE.format(LOW_RATE),)


def _missing_analysis(context: Context, own: OwnRuns) -> Iterator[Finding]:
    if event := own.one(LogFact.ANALYSIS_FAILED):
        yield Finding(
            id="dfc-analysis-missing",
            severity=Severity.INFO,
            headline="The noise analysis of the logged run failed because the GPU's memory was "
            "full",
            why="This does not change the network.",
            remedy=""
            if context.calibration is not None
            else "Pass the calibration set with -d to measure the noise here.",
            quotation=event.text,
            location=event.location,
        )
