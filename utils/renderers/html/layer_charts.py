"""What the charts of one chosen layer show: histogram, ranges and weight codes by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.har.statistics import ChannelStatistics
from utils.har.weight_codes import ChannelCodes, channel_codes
from utils.measurements import Histogram, LayerMeasurement
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import code, codes

# Channels of all layers together that the page holds, at about 40 bytes each.
CHANNEL_BUDGET = 40_000
MOST_CHANNELS = 4096  # of one layer
# Layers up to which all bins of a histogram are kept; beyond, neighbours are put together.
MANY_LAYERS = 600
FEWER_BINS = 25

Array = NDArray[Any]


def layer_charts(layers: NumberedLayers) -> list[dict[str, Any]]:
    """Data of every layer, in their order; empty where nothing is known of a layer."""
    counts = [_channels(layers, each) for each in layers.all]
    limit = channel_limit(counts, CHANNEL_BUDGET)
    bins = FEWER_BINS if len(counts) > MANY_LAYERS else None
    return [_charts(layers, each, limit, bins) for each in layers.all]


def channel_limit(counts: Sequence[int], budget: int) -> int:
    """How many channels a layer may show so that all together stay within a budget."""
    limit = MOST_CHANNELS
    while limit > 1 and sum(min(count, limit) for count in counts) > budget:
        limit //= 2
    return limit


def kept(weights: Array, limit: int) -> NDArray[np.int64]:
    """Positions that are kept: of every few neighbours the one with the largest weight."""
    size = len(weights)
    if not size:
        return np.zeros(0, dtype=np.int64)
    step = -(-size // limit)
    padded = np.full(step * -(-size // step), -np.inf)
    padded[:size] = np.where(np.isnan(weights), -np.inf, weights)
    groups = padded.reshape(-1, step)
    return np.asarray(groups.argmax(axis=1) + step * np.arange(len(groups)), dtype=np.int64)


def _measured(layers: NumberedLayers, each: NumberedLayer) -> LayerMeasurement | None:
    measurements = layers.report.measurements
    return measurements.layers.get(each.layer.name) if measurements else None


def _calibrated(layers: NumberedLayers, each: NumberedLayer) -> ChannelStatistics | None:
    return layers.report.model.stored_statistics(each.layer.name, "output_0")


def _channels(layers: NumberedLayers, each: NumberedLayer) -> int:
    measured = _measured(layers, each)
    found = measured.output if measured else _calibrated(layers, each)
    return found.channels if found else 0


def _charts(
    layers: NumberedLayers, each: NumberedLayer, limit: int, bins: int | None
) -> dict[str, Any]:
    measured, calibrated = _measured(layers, each), _calibrated(layers, each)
    weights = channel_codes(layers.report.model, each.layer)
    entry: dict[str, Any] = {}
    if measured is not None and measured.histogram is not None:
        entry["histogram"] = _histogram(measured.histogram, bins)
    if measured is not None or calibrated is not None:
        entry["ranges"] = _ranges(measured.output if measured else None, calibrated, limit)
    if weights is not None:
        entry["codes"] = _codes(weights, limit)
    return entry


def _histogram(histogram: Histogram, bins: int | None) -> dict[str, Any]:
    counts, joined = histogram.counts, {}
    if bins is not None and counts.size % bins == 0:
        counts, joined = counts.reshape(bins, -1).sum(axis=1), {"joined": 1}
    return {
        **joined,
        "low": code(histogram.low),
        "high": code(histogram.high),
        "counts": counts.tolist(),
        "below": histogram.below,
        "above": histogram.above,
    }


def _ranges(
    measured: ChannelStatistics | None, calibrated: ChannelStatistics | None, limit: int
) -> dict[str, Any]:
    leading = measured or calibrated
    assert leading is not None
    spans = leading.maximum - leading.minimum
    chosen = kept(spans, limit)
    entry: dict[str, Any] = {"channels": leading.channels}
    if len(chosen) < leading.channels:
        entry["at"] = chosen.tolist()
    for key, found in (("measured", measured), ("calibrated", calibrated)):
        if found is not None and found.channels == leading.channels:
            entry[key] = [codes(found.minimum[chosen]), codes(found.maximum[chosen])]
    return entry


def _codes(weights: ChannelCodes, limit: int) -> dict[str, Any]:
    # Channels with few codes are what one looks for.
    chosen = kept(-weights.used.astype(np.float64), limit)
    entry: dict[str, Any] = {"channels": len(weights.used), "limit": weights.limit}
    if len(chosen) < len(weights.used):
        entry["at"] = chosen.tolist()
    entry["low"], entry["high"] = codes(weights.lowest[chosen]), codes(weights.highest[chosen])
    entry["used"] = weights.used[chosen].tolist()
    return entry
