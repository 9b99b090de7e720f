"""How many samples there are, and what the compiler leaves undone for want of more."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.optimization_flow.remedies import larger_calibration
from inspectors.optimization_flow.requests import requested_calibration_size, requested_flavor
from utils.findings import Finding, Recommendation, Severity
from utils.model_script import ModelScript
from utils.wording import plural


def too_few_samples(context: Context, few: int, recommended: int) -> Iterator[Finding]:
    """A warning below the compiler's default number, an info below the recommended one.

    Parameters
    ----------
    few : how many the compiler calibrates on, if it is not told otherwise.
    recommended : with fewer it lowers its optimization level.
    """
    if context.calibration is None or context.calibration.samples >= recommended:
        return
    number = context.calibration.samples
    is_few = number < few
    ranges = (
        f"ranges calibrated on fewer than {few} are left to chance, so add more; " if is_few else ""
    )
    yield Finding(
        id="calibration-too-few",
        severity=Severity.WARNING if is_few else Severity.INFO,
        headline=f"The set holds {plural(number, 'sample')}, {recommended:,} are recommended; "
        f"{ranges}{_what_is_skipped(context.script, recommended)}",
        layers=tuple(context.calibration.inputs),
        measured={"samples": float(number)},
        recommendation=_all_samples(context.script, number),
    )


def _what_is_skipped(script: ModelScript | None, recommended: int) -> str:
    """What the compiler does with fewer than the recommended number."""
    if requested_flavor(script, "optimization_level") is not None:
        return (
            f"with fewer than {recommended:,} the compiler would lower its default optimization "
            "level, but the model script sets one, and that is kept; finetune and AdaRound train "
            "on these samples alone"
        )
    return (
        f'with "less data than the recommended amount ({recommended})" the compiler lowers its '
        "default optimization level from 2 to 1, without a GPU to 0, and skips finetune and "
        "AdaRound, at 0 bias correction as well; an optimization_level in the model script is kept"
    )


def _all_samples(script: ModelScript | None, number: int) -> Recommendation | None:
    """The line that lets calibration see all of them; None where it does already."""
    seen = requested_calibration_size(script)
    if seen >= number:
        return None
    return larger_calibration(number)
