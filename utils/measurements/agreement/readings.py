"""The measures of agreement, with their intervals, in the unit of the kind of output.

====================  ==============================================================================
`same_top1`           the same class as in float comes first
`same_place`          likewise, of several places, apart from background that both see
`same_top5`           what comes first in float is among the first five on the chip
`same_decision`       a score fires on both sides, or on neither
`still_fire`          of the scores that fire in float, those that do on the chip
`fired_rightly`       of the scores that fire on the chip, those that do in float
`same_class`          pixels of the same class
`mean_iou`            intersection over union of the pixels of a class, mean of the classes
`cells_still_fire`    the same as of scores, for cells of a detector
`cells_fired_rightly` likewise
`box_iou`             median IoU of the boxes where a cell fires in float
`box_error_pixels`    median error of their sides in pixels of the input, mean of the four of a box
`same_neighbour`      whose nearest other sample stays the same, or is as near
`cosine`              between the vectors about their mean, mean of the samples
`beyond_0.1`          share of values whose error exceeds 0.1 of the spread, in the worst channel
`beyond_0.3`          likewise
`correlation`         R in the worst channel
`psnr_db`             of the chip against float, whose values span the peak
`same_peak`           peaks that stay where they are, of those that rise above their map in float
====================  ==============================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.batch import IMAGE_CHANNELS
from utils.measurements.agreement.decisions import Decisions
from utils.measurements.agreement.intervals import (
    QUANTILE,
    UNKNOWN,
    Interval,
    bootstrap,
    in_blocks,
    ratio_interval,
    wilson,
)
from utils.measurements.output_kind import OutputKind

# Error, as a share of the spread of the values, from which on a value counts as off.
NOTICEABLE, SEVERE = 0.1, 0.3


@dataclass(frozen=True)
class Agreement:
    """One measure.

    Parameters
    ----------
    value : a share between 0 and 1, or as its name says; NaN where nothing was to be decided.
    low, high : 95 % interval; NaN where there is none.
    of : how many samples, pixels, cells or values it rests on.
    undecided : how many of those that changed were undecided in float, by less than one code.
    channel : the worst channel, where channels are measured one by one.
    """

    value: float
    low: float
    high: float
    of: int
    undecided: int = 0
    channel: int | None = None


Agreements = dict[str, Agreement]


def readings(output: OutputAgreement) -> dict[OutputKind, Agreements]:
    """All that was measured, by the kind of output that it is for."""
    found = {kind: dict(of_kind(output)) for kind, of_kind in _BY_KIND.items()}
    return {kind: measures for kind, measures in found.items() if measures}


def agreement(output: OutputAgreement) -> Agreements:
    """The measures of the kind of an output; none where it is unknown."""
    of_kind = _BY_KIND.get(output.settled.kind)
    return dict(of_kind(output)) if of_kind is not None else {}


def _counted(output: OutputAgreement, *names: str) -> Iterator[tuple[str, Agreement]]:
    for name in names:
        if name in output.samples.decisions:
            yield name, of_decisions(output.samples.decisions[name])


def of_decisions(decisions: Decisions) -> Agreement:
    """The share of decisions that are the same."""
    low, high = ratio_interval(decisions.same, decisions.of)
    undecided = int(decisions.undecided.sum())
    return Agreement(decisions.share, low, high, int(decisions.of.sum()), undecided)


def _classes(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    yield from _counted(output, "same_top1", "same_place", "same_top5")


def _scores(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    yield from _counted(output, "same_decision", "still_fire", "fired_rightly")


def _segmentation(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    yield from _counted(output, "same_class")
    if output.classes is not None:
        pixels = int(output.classes.floats.sum())
        yield "mean_iou", Agreement(output.classes.mean_iou, *output.classes.interval, pixels)


def _detection(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    yield from _counted(output, "cells_still_fire", "cells_fired_rightly")
    if output.boxes is not None:
        boxes = output.boxes
        yield "box_iou", Agreement(boxes.median, *boxes.interval, boxes.boxes)
    if output.box_errors is not None:
        errors = output.box_errors
        yield "box_error_pixels", Agreement(errors.median, *errors.interval, errors.boxes)


def _embedding(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    if output.embedding is None:
        return
    yield "same_neighbour", of_decisions(output.embedding.same_neighbour())
    cosines = output.embedding.cosines
    known = cosines[~np.isnan(cosines)]
    if known.size:
        interval = bootstrap(len(known), lambda drawn: _quotients(drawn @ known, drawn.sum(axis=1)))
        yield "cosine", Agreement(float(known.mean()), *interval, len(known))


def _regression(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    found = output.regression
    if found is None:
        return
    samples = len(output.samples.positions)
    for limit in (NOTICEABLE, SEVERE):
        shares = found.beyond(limit)
        yield (
            f"beyond_{limit}",
            _worst(
                shares, np.nanargmax, found.count, lambda share: wilson(share * samples, samples)
            ),
        )
    correlations = found.correlation
    yield (
        "correlation",
        _worst(correlations, np.nanargmin, found.count, lambda r: _interval_of_r(r, samples)),
    )


def _image(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    if not _may_be_image(output):
        return
    spans, noise = output.codes.floats, output.samples.noise
    peak = float(spans.high.max() - spans.low.min())
    units = in_blocks(np.stack([noise, np.full(len(noise), float(output.values))], axis=1))

    def ratios(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = drawn @ units
        decibels: NDArray[np.float64] = 10 * np.log10(peak**2 / (sums[:, 0] / sums[:, 1]))
        return decibels

    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(ratios(np.ones((1, len(units))))[0])
    values = output.values * len(noise)
    yield "psnr_db", Agreement(value, *bootstrap(len(units), ratios), values)


def _may_be_image(output: OutputAgreement) -> bool:
    if output.settled.kind != "unknown":
        return output.settled.kind == "image"
    channels = len(output.codes.floats.low)
    is_numbered = output.regression is None
    return channels in IMAGE_CHANNELS and output.values > channels and not is_numbered


def _heatmap(output: OutputAgreement) -> Iterator[tuple[str, Agreement]]:
    yield from _counted(output, "same_peak")


_BY_KIND: dict[OutputKind, Callable[[OutputAgreement], Iterator[tuple[str, Agreement]]]] = {
    "classes": _classes,
    "scores": _scores,
    "segmentation": _segmentation,
    "detection": _detection,
    "embedding": _embedding,
    "regression": _regression,
    "image": _image,
    "heatmap": _heatmap,
}


def _worst(
    by_channel: NDArray[np.float64],
    worst: Callable[[NDArray[np.float64]], np.intp],
    count: int,
    interval: Callable[[float], Interval],
) -> Agreement:
    """The worst channel; its values of one sample count as one decision, as they go together."""
    if np.isnan(by_channel).all():
        return Agreement(math.nan, *UNKNOWN, 0)
    channel = int(worst(by_channel))
    value = float(by_channel[channel])
    return Agreement(value, *interval(value), count, channel=channel)


def _interval_of_r(r: float, samples: int) -> Interval:
    """Fisher's interval of a correlation."""
    if samples <= 3 or abs(r) >= 1:
        return (r, r) if abs(r) >= 1 else UNKNOWN
    reach = QUANTILE / math.sqrt(samples - 3)
    middle = math.atanh(r)
    return math.tanh(middle - reach), math.tanh(middle + reach)


def _quotients(
    numerators: NDArray[np.float64], denominators: NDArray[np.float64]
) -> NDArray[np.float64]:
    return numerators / denominators
