"""The measures of agreement in words, for findings, verdict and page."""

from __future__ import annotations

from collections.abc import Mapping

from utils.measurements.agreement.readings import Agreement

_WORDS: Mapping[str, str] = {
    "same_top1": "the same class comes first in {count} of {of} samples",
    "still_fire": "{share} of {of} scores that fire in float still do",
    "fired_rightly": "{share} of {of} scores that fire on the chip do so in float",
    "same_class": "{share} of {of} pixels keep their class",
    "mean_iou": "the mean IoU of the classes is {value:.2f}",
    "cells_still_fire": "{share} of {of} cells that fire in float still do",
    "cells_fired_rightly": "{share} of {of} cells that fire on the chip do so in float",
    "box_iou": "the median IoU of the boxes is {value:.2f}",
    "same_neighbour": "{share} of {of} samples keep their nearest neighbour",
    "cosine": "the mean cosine is {value:.3f}",
    "beyond_0.1": "{share} of channel {channel} is off by more than 10% of its spread",
    "beyond_0.3": "{share} of channel {channel} is off by more than 30% of its spread",
    "psnr_db": "the PSNR is {value:.1f} dB",
}
# How much of it, where that is no share.
_AMOUNTS: Mapping[str, str] = {
    "same_top1": "{count} of {of}",
    "mean_iou": "{value:.2f}",
    "box_iou": "{value:.2f}",
    "cosine": "{value:.3f}",
    "psnr_db": "{value:.1f} dB",
}
# What is counted, as a heading.
_NAMES: Mapping[str, str] = {
    "same_top1": "share of samples whose class stays the same",
    "still_fire": "share of scores that still fire",
    "fired_rightly": "share of scores that fire rightly",
    "same_class": "share of pixels that keep their class",
    "mean_iou": "mean IoU of the classes",
    "cells_still_fire": "share of cells that still fire",
    "cells_fired_rightly": "share of cells that fire rightly",
    "box_iou": "median IoU of the boxes",
    "same_neighbour": "share of samples that keep their nearest neighbour",
    "cosine": "mean cosine",
    "beyond_0.1": "share of values that are off by more than 10% of their spread",
    "beyond_0.3": "share of values that are off by more than 30% of their spread",
    "psnr_db": "PSNR in dB",
}
# Of each kind of output, what counts its decisions.
DECIDING = (
    "same_top1",
    "still_fire",
    "fired_rightly",
    "same_class",
    "cells_still_fire",
    "cells_fired_rightly",
    "same_neighbour",
    "beyond_0.1",
    "psnr_db",
)


def in_words(name: str, found: Agreement) -> str:
    """One measure as a clause."""
    return _filled(_WORDS[name], found)


def amount_in_words(name: str, found: Agreement) -> str:
    """How much it is, without what is counted."""
    return _filled(_AMOUNTS.get(name, "{share}"), found)


def measure_name(name: str) -> str:
    """What a measure counts."""
    return _NAMES[name]


def _filled(template: str, found: Agreement) -> str:
    return template.format(
        share=f"{found.value:.0%}",
        of=f"{found.of:,}",
        count=f"{found.value * found.of:,.0f}",
        value=found.value,
        channel=found.channel,
    )
