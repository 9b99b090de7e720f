"""Changes that findings recommend, tried by emulation before anybody spends an hour on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from utils.backends.bench import Bench
from utils.findings import InspectorResult
from utils.jobs.range_trial import RangeRequest
from utils.recommendations.tried_ranges import settled
from utils.terminal.logger import LOGGER


@dataclass(frozen=True)
class Tried:
    """What became of an inspector's findings.

    Parameters
    ----------
    result : with its findings proven, refuted, or as they were where nothing was tried.
    assumptions : sentences on what the trials rest on.
    """

    result: InspectorResult
    assumptions: tuple[str, ...] = ()


def tried(result: InspectorResult, bench: Bench | None) -> Tried:
    """Try the ranges that findings recommend; without data there is nothing to try them on."""
    recommended = [f.recommendation for f in result.findings if f.recommendation]
    ranges = {layer: span for r in recommended for layer, span in r.ranges.items()}
    if not ranges or bench is None:
        return Tried(result)
    found = bench.try_ranges(RangeRequest(ranges))
    if found.failure:
        LOGGER.warning("The recommended ranges could not be tried: %s", found.failure)
        return Tried(result)
    findings = tuple(settled(finding, found.trials) for finding in result.findings)
    return Tried(replace(result, findings=findings), found.assumptions)
