"""What a log tells of the course of a run: random data, cut training, a missing analysis."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.dfc_log.own_runs import OwnRuns
from inspectors.quantizing_again import quantize_again
from utils.facts.log_lines import LogFact
from utils.findings import Finding, Severity


def course_of_the_run(context: Context, own: OwnRuns) -> Iterator[Finding]:
    """What was done otherwise than for a network that is to be used."""
    yield from _random_data(context, own)
    yield from _cut_training(own)
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


def _missing_analysis(context: Context, own: OwnRuns) -> Iterator[Finding]:
    if event := own.one(LogFact.ANALYSIS_FAILED):
        yield Finding(
            id="dfc-analysis-missing",
            severity=Severity.INFO,
            headline="The noise analysis of the logged run failed for want of GPU memory",
            why="The network itself is not concerned.",
            remedy=""
            if context.calibration is not None
            else "Pass the calibration set with -d to measure the noise here.",
            quotation=event.text,
            location=event.location,
        )
