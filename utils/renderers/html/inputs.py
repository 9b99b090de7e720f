"""What enters the network: statistics by channel, measured and as calibration left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from utils.har.statistics import ChannelStatistics
from utils.renderers.html.layer_charts import kept
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import codes, short_number
from utils.wording import plural

MAX_CHANNELS = 256  # of one input in its chart
MAX_ROWS = 16  # channels of one input in its table


@dataclass(frozen=True)
class InputView:
    """One input of the network.

    Parameters
    ----------
    layer : the input layer.
    described : shape and type of the data.
    rows : channel, then minimum, maximum, mean and standard deviation, measured and calibrated.
    left_out : how many channels have no row.
    """

    layer: NumberedLayer
    described: str
    rows: tuple[tuple[str, ...], ...]
    left_out: int


def input_views(layers: NumberedLayers) -> list[InputView]:
    """All inputs for which anything is known."""
    return [_view(layers, each) for each in _inputs(layers) if any(_statistics(layers, each))]


def input_charts(layers: NumberedLayers) -> list[dict[str, Any]]:
    """The same as the page's script reads it, in the same order."""
    return [_chart(layers, each) for each in _inputs(layers) if any(_statistics(layers, each))]


def _inputs(layers: NumberedLayers) -> list[NumberedLayer]:
    return [layers.by_name[layer.name] for layer in layers.report.model.network.input_layers]


def _statistics(
    layers: NumberedLayers, each: NumberedLayer
) -> tuple[ChannelStatistics | None, ChannelStatistics | None]:
    """What was measured, and what the archive holds; only together if they fit."""
    report = layers.report
    measurement = report.measurements.layers.get(each.layer.name) if report.measurements else None
    measured = measurement.output if measurement else None
    stored = report.model.stored_statistics(each.layer.name, "output_0")
    fits = measured is None or stored is None or measured.channels == stored.channels
    return measured, stored if fits else None


def _view(layers: NumberedLayers, each: NumberedLayer) -> InputView:
    measured, stored = _statistics(layers, each)
    count = max(found.channels for found in (measured, stored) if found)
    rows = tuple(
        (str(channel), *_row(measured, channel), *_row(stored, channel))
        for channel in range(min(count, MAX_ROWS))
    )
    calibration = layers.report.calibration
    info = calibration.inputs.get(each.layer.name) if calibration else None
    described = plural(count, "channel")
    if info is not None:
        described = f"{' × '.join(map(str, info.shape))}, {info.dtype}"
    return InputView(each, described, rows, count - len(rows))


def _row(found: ChannelStatistics | None, channel: int) -> tuple[str, ...]:
    if found is None:
        return ("", "", "", "")
    arrays = (found.minimum, found.maximum, found.mean, found.std)
    return tuple(short_number(float(array[channel])) for array in arrays)


def _chart(layers: NumberedLayers, each: NumberedLayer) -> dict[str, Any]:
    measured, stored = _statistics(layers, each)
    leading = measured or stored
    assert leading is not None
    chosen = kept(leading.maximum - leading.minimum, MAX_CHANNELS)
    entry: dict[str, Any] = {"channels": leading.channels, "at": chosen.tolist()}
    for key, found in (("measured", measured), ("calibrated", stored)):
        if found is not None:
            arrays = (found.minimum, found.maximum, found.mean, found.std)
            entry[key] = [codes(array[chosen]) for array in arrays]
    return entry
