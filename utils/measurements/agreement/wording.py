"""The measures of agreement in words, for findings, verdict and page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from utils.measurements.agreement.readings import Agreement

SHARE = "{value:.0%}"


@dataclass(frozen=True)
class Words:
    """How one measure is told.

    Parameters
    ----------
    clause : the measure as a clause.
    label : what is counted or measured, as a heading.
    figure : its number alone.
    bound : one end of its interval.
    single : clauses for a count of one thing, where that was kept, and where it was not; empty
        where nothing is counted.
    """

    clause: str
    label: str
    figure: str = "{share}"
    bound: str = SHARE
    single: tuple[str, ...] = ()


_WORDS: Mapping[str, Words] = {
    "same_top1": Words(
        "the same class as in float comes first in {count} of {of} samples",
        "samples whose class stays the same",
        "{count} of {of}",
        single=(
            "the same class as in float comes first in the one sample",
            "another class than in float comes first in the one sample",
        ),
    ),
    "same_place": Words(
        "{share} of {of} places that are no background keep their class",
        "places that keep their class",
        single=("the one place keeps its class", "the one place changes its class"),
    ),
    "same_top5": Words(
        "the class of {share} of {of} samples stays among the first five",
        "class among the first 5",
        single=(
            "the class of the one sample stays among the first five",
            "the class of the one sample leaves the first five",
        ),
    ),
    "same_decision": Words(
        "{share} of {of} scores decide alike",
        "scores that decide alike",
        single=("the one score decides alike", "the one score decides otherwise"),
    ),
    "still_fire": Words(
        "{share} of {of} scores that fire in float still do",
        "scores that still fire",
        single=(
            "the one score that fires in float still does",
            "the one score that fires in float no longer does",
        ),
    ),
    "fired_rightly": Words(
        "{share} of {of} scores that fire on the chip do so in float",
        "scores that fire rightly",
        single=(
            "the one score that fires on the chip does so in float",
            "the one score that fires on the chip does not in float",
        ),
    ),
    "same_class": Words(
        "{share} of {of} pixels keep their class",
        "pixels that keep their class",
        single=("the one pixel keeps its class", "the one pixel changes its class"),
    ),
    "mean_iou": Words(
        "the mean IoU of the classes is {value:.2f}",
        "mean IoU of classes",
        "{value:.2f}",
        "{value:.2f}",
    ),
    "cells_still_fire": Words(
        "{share} of {of} cells that fire in float still do",
        "cells that still fire",
        single=(
            "the one cell that fires in float still does",
            "the one cell that fires in float no longer does",
        ),
    ),
    "cells_fired_rightly": Words(
        "{share} of {of} cells that fire on the chip do so in float",
        "cells that fire rightly",
        single=(
            "the one cell that fires on the chip does so in float",
            "the one cell that fires on the chip does not in float",
        ),
    ),
    "box_iou": Words(
        "the median IoU of the boxes is {value:.2f}",
        "median IoU of boxes",
        "{value:.2f}",
        "{value:.2f}",
    ),
    "box_error_pixels": Words(
        "half of the boxes are off by {value:.2g} pixels of the input or more",
        "median error of boxes",
        "{value:.2g} pixels",
        "{value:.2g}",
    ),
    "same_neighbour": Words(
        "{share} of {of} samples keep their nearest neighbour or get one as near",
        "samples that keep their neighbour",
        single=(
            "the one sample keeps its nearest neighbour",
            "the one sample gets a neighbour that is farther",
        ),
    ),
    "cosine": Words("the mean cosine is {value:.3f}", "mean cosine", "{value:.3f}", "{value:.3f}"),
    "beyond_0.1": Words(
        "{share} of channel {channel} is off by more than 10% of its spread",
        "values off by more than 10% of their spread",
    ),
    "beyond_0.3": Words(
        "{share} of channel {channel} is off by more than 30% of its spread",
        "values off by more than 30% of their spread",
    ),
    "correlation": Words(
        "the correlation is {value:.2f} at channel {channel}",
        "correlation",
        "{value:.2f}",
        "{value:.2f}",
    ),
    "psnr_db": Words("the PSNR is {value:.1f} dB", "PSNR", "{value:.1f} dB", "{value:.1f}"),
    "same_peak": Words(
        "{share} of {of} peaks stay where they are in float",
        "peaks that stay",
        single=("the one peak stays where it is in float", "the one peak moves"),
    ),
}
MEASURES = tuple(_WORDS)
# Of each kind of output, what counts its decisions.
DECIDING = (
    "same_top1",
    "same_place",
    "still_fire",
    "fired_rightly",
    "same_class",
    "cells_still_fire",
    "cells_fired_rightly",
    "same_neighbour",
    "beyond_0.1",
    "psnr_db",
    "same_peak",
)
# What two runs are compared by.
COMPARED = (*DECIDING, "mean_iou", "box_iou", "cosine", "beyond_0.3")


def is_better_low(name: str) -> bool:
    """Whether a lower number is the better one."""
    return name.startswith("beyond") or name == "box_error_pixels"


def in_words(name: str, found: Agreement) -> str:
    """One measure as a clause."""
    words = _WORDS[name]
    if found.of == 1 and words.single and found.value in (0, 1):
        kept, lost = words.single
        return kept if found.value else lost
    return _filled(words.clause, found)


def label(name: str) -> str:
    """What a measure counts, as a heading."""
    return _WORDS[name].label


def measure_name(name: str) -> str:
    """What a measure is, for a number that stands alone."""
    is_share = _WORDS[name].bound == SHARE
    return f"share of {label(name)}" if is_share else label(name)


def figure(name: str, found: Agreement) -> str:
    """The number of a measure, with its unit; "nothing" where there was nothing to decide."""
    return "nothing" if math.isnan(found.value) else _filled(_WORDS[name].figure, found)


def interval(name: str, found: Agreement) -> str:
    """The interval that holds the true number with 95 %; "" where it is not known."""
    if math.isnan(found.low) or math.isnan(found.high):
        return ""
    low, high = (_WORDS[name].bound.format(value=end) for end in (found.low, found.high))
    return f"{low} to {high}"


def _filled(words: str, found: Agreement) -> str:
    return words.format(
        share=f"{found.value:.0%}",
        of=f"{found.of:,}",
        count=f"{found.value * found.of:,.0f}",
        value=found.value,
        channel=found.channel,
    )
