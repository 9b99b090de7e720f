"""Values that stand for none, and take the range from all others."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.preparation.sentinels import Sentinel, sentinel_of
from inspectors.quantizing_again import quantize_again
from utils.dataset.sample_digests import SampleDigests
from utils.facts.optimize_command import CHANGED
from utils.findings import Finding, Severity
from utils.wording import plural, rounded


def sentinel_values(context: Context, digests: SampleDigests) -> Iterator[Finding]:
    """One finding for each input that holds a value for what could not be measured."""
    for name, seen in digests.inputs.items():
        found = sentinel_of(seen)
        if found is None:
            continue
        value = f"{found.value:.6g}"
        yield Finding(
            id="calibration-sentinel",
            severity=Severity.WARNING,
            headline="A value far from all others is padding, or stands for what was not measured",
            evidence=f"{found.share:.1%} of the values of {context.model.network[name].described()}"
            f" are exactly {value}, all others lie between {rounded(found.low)} and "
            f"{rounded(found.high)}, of those looked at in {plural(digests.samples, 'sample')}",
            why="It takes most of the range, so that few codes are left for all other values.",
            remedy=f"Replace {value} by a value in the range of the others, such as "
            f"{_replacement(found)}, in the calibration data and on the device alike, and "
            "quantize again.",
            command=quantize_again(context, CHANGED),
            layers=(name,),
            measured={
                "value": found.value,
                "share": found.share,
                "low": found.low,
                "high": found.high,
            },
        )


def _replacement(found: Sentinel) -> str:
    text = rounded(found.replacement)
    return text if found.in_their_unit is None else f"{text}, which is {found.value:g} of 255"
