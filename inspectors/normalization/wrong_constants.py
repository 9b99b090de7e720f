"""What is wrong with the constants of a normalization, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.normalization.channel_bounds import means_and_stds, varying_range
from inspectors.normalization.judged_input import NormalizedInput
from inspectors.normalization.recipes import TOLERANCE
from inspectors.normalization.remedy import corrected_line, line_for_doubled, line_in_grey_levels
from inspectors.normalization.steps import Complaint, NormalizationStep
from utils.findings import Finding, Recommendation, Severity

ALMOST_CONSTANT = "After two normalizations the values are almost constant."


def malformed(
    step: NormalizationStep,
    wrong: Complaint,
    names: Iterator[str],
    channels: frozenset[int] = frozenset(),
    layers: tuple[str, ...] = (),
) -> Finding:
    """Constants that cannot be meant.

    Parameters
    ----------
    names : free names for a layer that a line inserts.
    channels : what the number of constants may be; empty if that is not known.
    layers : the input, and the layers that normalize it.
    """
    line = corrected_line(step, channels, names)
    shown = f"{wrong.remedy.removesuffix(',')}, as in this line," if line else wrong.remedy
    return Finding(
        id="normalization-malformed",
        severity=Severity.ERROR,
        headline="The constants of a normalization are malformed",
        evidence=f"{step.place}, {step.constants}: {wrong.reason}",
        remedy=f"{shown} and quantize again.",
        layers=layers,
        measured={"means": float(len(step.mean)), "standard_deviations": float(len(step.std))},
        recommendation=Recommendation((line,)) if line else None,
    )


def normalized_twice(
    entry: NormalizedInput,
    first: NormalizationStep,
    second: NormalizationStep,
    names: Iterator[str],
) -> Finding:
    """Two normalizations on the chip that follow each other."""
    line = line_for_doubled(first, second, names)
    number = max(first.line, second.line)
    change = f"Replace line {number} of the model script by this line"
    seen = means_and_stds(entry.values)
    return Finding(
        id="data-normalized-twice",
        severity=Severity.ERROR,
        headline="The chip normalizes an input twice",
        evidence=f"{entry.layer.described()} by {first.place}, {first.constants}, and by "
        f"{second.place}, {second.constants}{f'; {seen}' if seen else ''}",
        why=ALMOST_CONSTANT,
        remedy=f"{change if line else f'Remove line {number} of the model script'} and quantize "
        "again.",
        layers=entry.layers,
        measured={"first_std": first.std[0], "second_std": second.std[0]},
        holds_for_any_calibration=True,
        recommendation=Recommendation((line,)) if line else None,
    )


def in_unit_range(entry: NormalizedInput, step: NormalizationStep, names: Iterator[str]) -> Finding:
    """Constants for 0..1 before pixels of 0..255."""
    line = line_in_grey_levels(entry, step, names)
    low, high = varying_range(entry.values)
    change = "Use the constants for 0..255" if step.line else "Divide the data by 255 on the chip"
    return Finding(
        id="normalization-in-unit-range",
        severity=Severity.WARNING,
        headline="The normalization is meant for values from 0 to 1, but the data are pixels",
        evidence=f"{step.place}, {step.constants}; {entry.layer.described()} reaches from "
        f"{low:.4g} to {high:.4g}, {entry.source}",
        why="The network sees values that are 255 times too large.",
        remedy=f"{change} with this line and quantize again.",
        layers=(entry.layer.name, *step.layers),
        measured={"low": low, "high": high, "mean": step.mean[0], "std": step.std[0]},
        recommendation=Recommendation((line,)),
    )


def unusual(entry: NormalizedInput, step: NormalizationStep) -> Finding:
    """Constants of no recipe that is known."""
    return Finding(
        id="normalization-unusual",
        severity=Severity.INFO,
        headline="The constants of the normalization are unusual",
        evidence=f"{step.place} for {entry.layer.described()}, {step.constants}: no recipe of "
        f"Hailo's model zoo is within {TOLERANCE:.0%}",
        remedy="Compare the constants with those of the training.",
        layers=(entry.layer.name, *step.layers),
        measured={"mean": step.mean[0], "std": step.std[0]},
    )
