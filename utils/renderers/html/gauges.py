"""How good the outputs are, as gauges: a number on a scale with marks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from utils.findings import Severity
from utils.measurements.agreement.limits import LIMITS
from utils.measurements.agreement.readings import Agreement
from utils.renderers.decided import instead_of_ratio, kept, worst_decided
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.noise_charts import ERROR_DB, WARNING_DB
from utils.renderers.html.numbers import snr_with_unit
from utils.renderers.html.snr_class import GOOD_DB, snr_class

MAX_GAUGES = 3  # the worst outputs; all are in the table of noise
FULL_DB = 40.0  # where the scale of an SNR ends
STYLES = {Severity.ERROR: "snr-bad", Severity.WARNING: "snr-low", None: "snr-good"}
SNR_MARKS = (ERROR_DB, WARNING_DB, GOOD_DB)


@dataclass(frozen=True)
class Gauge:
    """One number on a scale.

    Parameters
    ----------
    label, value : what it is of, and the number with its unit.
    percent : how far the scale is filled, 0 to 100.
    marks : places on the scale in percent, each with what stands there.
    style : class of its colour.
    """

    label: str
    value: str
    percent: float
    marks: tuple[tuple[float, str], ...]
    style: str


def gauges(layers: NumberedLayers) -> list[Gauge]:
    """What the outputs decide, as far as it was counted, and the SNR of the worst of them."""
    return [*_decided(layers), *_ratios(layers)]


def _decided(layers: NumberedLayers) -> Iterator[Gauge]:
    found = worst_decided(layers.report)
    if found is None:
        return
    output, measure, counted = found
    if measure == "psnr_db":
        return
    yield decision_gauge(f"Decides as in float at {layers.by_name[output].label}", measure, counted)


def decision_gauge(label: str, measure: str, counted: Agreement) -> Gauge:
    """The share that is decided as in float, with the limits of its measure."""
    share = kept(measure, counted)
    interval = f" ({counted.low:.0%} to {counted.high:.0%})" if counted.low <= counted.high else ""
    return Gauge(
        label,
        f"{share:.0%}{interval if not measure.startswith('beyond') else ''}",
        100 * min(max(share, 0.0), 1.0),
        tuple((100 * mark, f"{100 * mark:g}") for mark in LIMITS[measure].marks),
        STYLES[LIMITS[measure].severity_of(counted.value)],
    )


def _ratios(layers: NumberedLayers) -> list[Gauge]:
    noise = layers.report.noise
    if noise is None:
        return []
    report = layers.report
    outputs = [
        layer.name
        for layer in report.model.network.output_layers
        if not instead_of_ratio(report, layer.name)
    ]
    measured = {name: noise.layers[name].output.snr_db for name in outputs if name in noise.layers}
    return [
        snr_gauge(f"SNR at {layers.by_name[name].label}, all samples together", measured[name])
        for name in worst_first(measured.items())[:MAX_GAUGES]
    ]


def worst_first(measured: Iterable[tuple[str, float]]) -> list[str]:
    """Names by their number, the lowest first; what is no number is worse than any."""
    ranked = sorted(measured, key=lambda pair: -math.inf if math.isnan(pair[1]) else pair[1])
    return [name for name, _ in ranked]


def snr_gauge(label: str, value: float) -> Gauge:
    """An SNR in dB on a scale from 0 to 40."""
    return Gauge(
        label,
        snr_with_unit(value) or "no number",
        0.0 if math.isnan(value) else 100 * min(max(value / FULL_DB, 0.0), 1.0),
        tuple((100 * mark / FULL_DB, f"{mark:g}") for mark in SNR_MARKS),
        snr_class(value),
    )
