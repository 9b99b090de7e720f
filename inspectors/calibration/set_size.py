"""How many samples there are, and what the compiler leaves undone for want of more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from inspectors.base_inspector import Context
from inspectors.calibration.other_samples import is_calibrated_on_others
from inspectors.optimization_flow.remedies import larger_calibration
from inspectors.quantizing_again import quantize_again
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, Recommendation, Severity
from utils.model_script import ModelScript
from utils.model_script.calibration_size import requested_calibration_size
from utils.model_script.optimization_requests import requested_flavor
from utils.wording import plural


def too_few_samples(context: Context, few: int, recommended: int) -> Iterator[Finding]:
    """A warning below the compiler's default number, an info below the recommended one.

    The calibration was not short of samples where it took others than those that are given.

    Parameters
    ----------
    few : how many the compiler calibrates on, if it is not told otherwise.
    recommended : with fewer it lowers its optimization level.
    """
    if context.calibration is None or context.calibration.samples >= recommended:
        return
    number = context.calibration.samples
    is_few = number < few
    is_pinned = requested_flavor(context.script, "optimization_level") is not None
    line = _all_samples(context.script, number)
    skipped = _what_is_skipped(recommended, is_pinned)
    finding = partial(
        Finding,
        id="calibration-too-few",
        evidence=f"{plural(number, 'sample')}, {recommended:,} are recommended",
        quotation="" if is_pinned else f"less data than the recommended amount ({recommended})",
        layers=tuple(context.calibration.inputs),
        measured={"samples": float(number)},
        recommendation=line,
    )
    if is_few and is_calibrated_on_others(context):
        yield finding(
            severity=Severity.WARNING if number == 1 else Severity.INFO,
            headline="Few samples were given, and the archive was calibrated on others",
            evidence=f"{plural(number, 'sample')}; calibration stored other ends or means",
            why="What is measured holds for these samples.",
            remedy=f"Pass at least {few} samples with -d.",
            quotation="",
            recommendation=None,
        )
    elif is_few:
        yield finding(
            # From a single sample nothing can be concluded, neither by the compiler nor here.
            severity=Severity.ERROR if number == 1 else Severity.WARNING,
            headline="The calibration set holds one sample only"
            if number == 1
            else "The calibration set holds very few samples",
            why=f"Ranges from so few samples are left to chance. {skipped}",
            remedy=f"Add samples, best {recommended:,} in all, and quantize again.",
            command=quantize_again(context, CHANGED),
        )
    else:
        yield finding(
            severity=Severity.INFO,
            headline="The calibration set holds fewer samples than recommended",
            why=skipped,
            remedy=_remedy(recommended, line is not None, is_pinned),
        )


def _what_is_skipped(recommended: int, is_pinned: bool) -> str:
    """What the compiler does with fewer than the recommended number.

    Parameters
    ----------
    is_pinned : whether the model script sets an optimization level.
    """
    if is_pinned:
        return (
            "The compiler keeps the optimization level that the model script sets, but finetuning "
            "and AdaRound train on these samples alone."
        )
    return (
        f"With fewer than {recommended:,} samples the compiler lowers its default optimization "
        "level from 2 to 1, and to 0 without a GPU. Level 1 skips finetuning and AdaRound, level 0 "
        "skips bias correction as well."
    )


def _remedy(recommended: int, has_line: bool, is_pinned: bool) -> str:
    """What to do with enough samples to calibrate on; "" where nothing would change."""
    if has_line:
        return "Let calibration see all samples with this line and quantize again."
    if is_pinned:
        return ""
    return (
        f"Add samples, best {recommended:,} in all, or set optimization_level in the model script, "
        "which the compiler then keeps."
    )


def _all_samples(script: ModelScript | None, number: int) -> Recommendation | None:
    """The line that lets calibration see all of them; None where it does already."""
    seen = requested_calibration_size(script)
    if seen >= number:
        return None
    return larger_calibration(number)
