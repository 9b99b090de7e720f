"""Changes that findings recommend, tried by emulation before anybody spends an hour on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from utils.backends.bench import Bench
from utils.findings import InspectorResult
from utils.findings.ignored import Ignored
from utils.jobs.range_trial import RangeRequest, RangeTrials
from utils.measurements.left_out import INTERRUPTED
from utils.recommendations.tried_ranges import settled, untried_eased
from utils.terminal.interruptions import interruptible, interruption
from utils.terminal.logger import LOGGER
from utils.wording import listed


@dataclass(frozen=True)
class Tried:
    """What became of an inspector's findings.

    Parameters
    ----------
    result : with its findings proven, refuted, or as they were where nothing was tried.
    assumptions : sentences on what the trials rest on.
    is_interrupted : whether somebody ended the trials early.
    ignored : findings that the configuration ignores; nothing is tried for them.
    """

    result: InspectorResult
    assumptions: tuple[str, ...] = ()
    is_interrupted: bool = False
    ignored: tuple[Ignored, ...] = ()


def tried(result: InspectorResult, bench: Bench | None) -> Tried:
    """Try the ranges that findings recommend; without data there is nothing to try them on."""
    recommended = [f.recommendation for f in result.findings if f.recommendation]
    ranges = {layer: span for r in recommended for layer, span in r.ranges.items()}
    if not ranges or bench is None:
        return Tried(result)
    together = tuple(tuple(r.ranges) for r in recommended if len(r.ranges) > 1)
    found = _trials(bench, RangeRequest(ranges, together))
    if found.failure:
        LOGGER.warning("The recommended ranges could not be tried: %s", found.failure)
        return Tried(result)
    if found.left_out:
        LOGGER.info("Recommended ranges that were not tried: %s", _not_tried(ranges, found))
    findings = tuple(settled(finding, found.trials) for finding in result.findings)
    if found.left_out != INTERRUPTED:
        findings = untried_eased(result.findings, findings)
    interrupted = found.left_out == INTERRUPTED
    return Tried(replace(result, findings=findings), found.assumptions, interrupted)


def _trials(bench: Bench, request: RangeRequest) -> RangeTrials:
    try:
        with interruptible():
            return bench.try_ranges(request)
    except KeyboardInterrupt:
        return RangeTrials(left_out=INTERRUPTED)


def interrupted_trials(found: Iterable[Tried]) -> str:
    """What to say of trials that somebody ended early; "" if nobody did."""
    if not any(each.is_interrupted for each in found):
        return ""
    return f"interrupted by {interruption()}; cut off: trials of the recommended ranges"


def _not_tried(ranges: Mapping[str, object], found: RangeTrials) -> str:
    names = [name for name in ranges if name not in found.trials]
    return f"{listed(names)}: {found.left_out}"
