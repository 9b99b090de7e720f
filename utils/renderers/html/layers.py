"""The layers of a report in the order in which data pass them, numbered and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from utils.har.network import Layer
from utils.outputs.producers import class_number_layers
from utils.renderers.json.noise_entries import layer_entry
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.wording import short

MAX_LABEL = 40  # characters of a name in a chart or a list
MAX_NAME = 160  # characters of a name where there is room


@dataclass(frozen=True)
class NumberedLayer:
    """A layer as all parts of the page refer to it.

    Parameters
    ----------
    number : position, from 0; what scripts and links use in place of the name.
    layer : the layer.
    label : short name, unique within its network wherever names are not extremely long.
    entry : its numbers, under the names of the JSON report; there may be infinite ones.
    """

    number: int
    layer: Layer
    label: str
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Whole name, without control characters."""
        return short(self.layer.name, MAX_NAME)

    @property
    def original(self) -> str:
        """Nodes of the original model that became this layer; "" if none are recorded."""
        return short(", ".join(self.layer.original_names), MAX_NAME)


@dataclass(frozen=True)
class NumberedLayers:
    """All layers of both graphs: those of the quantized one first, in graph order."""

    report: Report

    @cached_property
    def all(self) -> tuple[NumberedLayer, ...]:
        """Every layer."""
        network, floats = self.report.model.network, self.report.model.float_network
        layers = [*network, *(layer for layer in floats if layer.name not in network)]
        times = Counter(layer.base_name for layer in layers)
        numbers = class_number_layers(network)
        return tuple(
            NumberedLayer(number, layer, _label(layer, times), _entry(self.report, layer, numbers))
            for number, layer in enumerate(layers)
        )

    @cached_property
    def names(self) -> ShortNames:
        """Makes names within sentences short."""
        return ShortNames(self.report.model)

    @cached_property
    def by_name(self) -> Mapping[str, NumberedLayer]:
        """Every layer by its full name."""
        return {each.layer.name: each for each in self.all}

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """Output layers that single layers were measured against."""
        noise = self.report.noise
        alone = noise.sensitivity.output_snr_db if noise and noise.sensitivity else {}
        reached = {output for by_output in alone.values() for output in by_output}
        return tuple(
            layer.name for layer in self.report.model.network.output_layers if layer.name in reached
        )


def _entry(report: Report, layer: Layer, numbers: Collection[str]) -> dict[str, Any]:
    mode = report.model.precision_mode(layer.name)
    measurements = report.measurements
    measured = measurements.layers.get(layer.name) if measurements else None
    entry: dict[str, Any] = {
        "precision_mode": mode.text if mode else "",
        "not_measured": measurements.not_measured.get(layer.name, "") if measurements else "",
        "calibrated_range": report.model.calibrated_range(layer.name),
        **layer_entry(report, layer),
    }
    if layer.name in numbers:
        entry.pop("snr_db", None)  # of numbers of classes it says nothing
    if measured is not None:
        output = measured.output
        entry["output"] = {
            "min": output.low,
            "max": output.high,
            "mean": output.pooled_mean,
            "std": output.pooled_std,
        }
    return entry


def _label(layer: Layer, times: Counter[str]) -> str:
    unique = times[layer.base_name] == 1 and layer.base_name
    return short(layer.base_name if unique else layer.name, MAX_LABEL)
