"""The samples of an input in every order of their values that can be meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.dataset.layouts import hidden_layouts
from utils.dataset.sample_digests import InputDigests, Reading
from utils.har.image_like import is_image_shaped
from utils.har.statistics import ChannelStatistics

COLOURS = 3
REVERSED = "x[..., ::-1]"
# How unusual an order is, in the unit of the distance.
REVERSED_PENALTY, LAYOUT_PENALTY = 0.1, 0.2
LEAST_CORRELATION = 0.6  # of neighbours, in the order that is meant
# Of what neighbours lack to be equal, what may be left in the order that is meant. Pictures that
# were reshaped instead of transposed keep 0.2 to 0.5 of it; right ones have several times more
# of it in any other order.
LEFT_SHARE = 0.6
# Pictures in order have uneven steps and planes without likeness, if read as if they were reshaped:
# with horizontal bands neighbours alone do not tell them. Raw frames of NV12 have even steps, and
# planes that show different things.
LEAST_EVENNESS, LEAST_LIKENESS = 0.8, 0.5
# Small pictures of many colours have 0.5 to 0.6 in the order that is meant, and some sets less.
# With steps as even as below, other data have next to none.
LIKENESS_OF_EVEN = 0.3
# Noise of a camera leaves 0.7 to 0.9 of it in both orders, which is enough where steps are even in
# the order that is tried. There pictures in order have steps of 0.5 to 0.85, and more left.
NEARLY_EVEN, LEFT_OF_EVEN = 0.95, 0.95
# Of axes that changed places one holds neighbours, the other channels. Where both hold some, as
# in spectra of pictures, nobody can tell which is which.
ONE_AXIS = 0.55


@dataclass(frozen=True, eq=False)
class View:
    """The samples in one order.

    Parameters
    ----------
    expression : of numpy, that puts an array x into this order.
    done : what was done to the array, if this is the order that is meant; "" for nothing.
    penalty : how unusual that is.
    statistics : by channel.
    values : thinned out, (values, channels).
    is_layout : whether values change their channels, other than by an exchange of channels.
    is_joined : whether it mixes all channels, as a reshape does.
    """

    expression: str
    done: str
    penalty: float
    statistics: ChannelStatistics
    values: NDArray[np.float32]
    is_layout: bool = False
    is_joined: bool = False


def views(seen: InputDigests) -> Iterator[View]:
    """As they are first, then with colours reversed, then in what orders the shape hides."""
    yield View("x", "", 0.0, seen.statistics, seen.values)
    if seen.shape[2] == COLOURS:
        yield View(
            REVERSED,
            "in the opposite order of colours (RGB or BGR)",
            REVERSED_PENALTY,
            _reversed(seen.statistics),
            seen.values[:, ::-1],
        )
    for layout in hidden_layouts(seen.shape):
        reading = seen.readings.get(layout.expression)
        if reading is not None:
            yield View(
                layout.expression,
                layout.done,
                LAYOUT_PENALTY,
                reading.statistics,
                reading.values,
                is_layout=True,
                is_joined=bool(layout.split or layout.joined),
            )


def _reversed(statistics: ChannelStatistics) -> ChannelStatistics:
    return ChannelStatistics(
        statistics.minimum[::-1],
        statistics.maximum[::-1],
        statistics.mean[::-1],
        statistics.energy[::-1],
        statistics.count,
        statistics.non_zero_share,
    )


@dataclass(frozen=True)
class Neighbours:
    """An order in which neighbouring values are far more alike than as they are.

    Parameters
    ----------
    expression, done : as of `View`.
    correlation, as_is : of neighbours in the median sample, in this order and as they are.
    samples : that were looked at.
    """

    expression: str
    done: str
    correlation: float
    as_is: float
    samples: int


def order_of_neighbours(seen: InputDigests) -> Neighbours | None:
    """The order that the neighbours tell to be meant; None where that is the one at hand."""
    if "x" not in seen.readings:
        return None
    as_is = seen.readings["x"].median_correlation
    found = [
        Neighbours(
            layout.expression,
            layout.done,
            seen.readings[layout.expression].median_correlation,
            as_is,
            len(seen.readings[layout.expression].correlation),
        )
        for layout in hidden_layouts(seen.shape)
        if layout.is_mended
        and layout.expression in seen.readings
        and (not layout.split or _was_reshaped(seen.readings[layout.expression]))
    ]
    better = [each for each in found if _is_meant(each, seen.readings[each.expression])]
    if as_is > ONE_AXIS and not is_image_shaped(seen.shape):
        return None
    return max(better, key=lambda each: each.correlation, default=None)


def _was_reshaped(moved: Reading) -> bool:
    """Whether pictures are runs of planes of one scene, by the reading that undoes it."""
    is_even = moved.median_evenness >= NEARLY_EVEN
    least = LIKENESS_OF_EVEN if is_even else LEAST_LIKENESS
    return moved.median_evenness >= LEAST_EVENNESS and moved.median_likeness >= least


def _is_meant(found: Neighbours, moved: Reading) -> bool:
    left, before = 1.0 - found.correlation, 1.0 - found.as_is
    share = LEFT_OF_EVEN if moved.median_evenness >= NEARLY_EVEN else LEFT_SHARE
    return found.correlation >= LEAST_CORRELATION and left <= share * before
