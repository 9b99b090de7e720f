"""Tables of the noise: at the outputs, and at the layers that do the worst to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from utils.har.network import Layer
from utils.measurements import Measurements
from utils.measurements.noise import NoiseMeasurements, Sensitivity
from utils.renderers.decided import instead_of_ratio, median_snr_db
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.terminal.shown import BLANK, Column, Shown, Table, Text
from utils.wording import listed, percentage, plural, tenths

MAX_ROWS = 8
BIAS_AND_CLIPPED = (
    "bias: part of the error that is the same for all samples; clipped: values cut off at the ends "
    "of the codes"
)
QUIET_DB = 100.0  # no 8-bit or 16-bit code is as good: such layers only hand values on


def noise_shown(report: Report, names: ShortNames) -> Iterator[Shown]:
    """Both tables; nothing where no noise was measured."""
    if report.measurements is None or report.noise is None:
        return
    yield from _outputs(report, report.measurements, report.noise, names)
    yield from _worst_layers(report, report.noise, names)


def _outputs(
    report: Report, measurements: Measurements, noise: NoiseMeasurements, names: ShortNames
) -> Iterator[Shown]:
    network = report.model.network
    outputs = [layer for layer in network.output_layers if layer.name in noise.layers]
    if not outputs:
        return
    if len(outputs) > MAX_ROWS:
        outputs = sorted(outputs, key=lambda o: _badness(noise.layers[o.name].output.snr_db))
    shown = outputs[:MAX_ROWS]
    tensors = [noise.layers[output.name].output for output in shown]
    ratios = [
        instead_of_ratio(report, output.name) or decibels(tensor.snr_db)
        for output, tensor in zip(shown, tensors, strict=True)
    ]
    medians = [median_snr_db(report, output.name) for output in shown]
    feeds = [listed([names.of(p.name) for p in network.producers(o)], 2) for o in shown]
    yield BLANK
    has_medians = any(median is not None for median in medians)
    of = " of all together and of the median sample" if has_medians else ""
    heading = f"Outputs over {plural(measurements.samples, 'sample')}, SNR in dB{of}"
    yield Text(heading, is_heading=True)
    yield Table(
        (
            Column("output", [names.of(output.name) for output in shown], is_number=False),
            Column("all" if has_medians else "SNR", ratios),
            *([Column("median", [_known(median) for median in medians])] if has_medians else []),
            Column("bias", [f"{tensor.bias_share:.0%}" for tensor in tensors]),
            Column("fed by", feeds, rank=1, is_number=False),
        )
    )
    yield from _rest(len(outputs) - len(shown), "output")


@dataclass(frozen=True)
class _Row:
    """A layer, with the lowest SNR that it alone causes at an output."""

    layer: Layer
    alone: float

    @property
    def name(self) -> str:
        return self.layer.name


def _worst_layers(report: Report, noise: NoiseMeasurements, names: ShortNames) -> Iterator[Shown]:
    rows = _ranked(report, noise)
    if not rows:
        return
    yield BLANK
    yield Text("Worst layers, SNR in dB", is_heading=True)
    yield Table(tuple(_columns(report, noise, names, rows[:MAX_ROWS])))
    yield from _rest(len(rows) - MAX_ROWS, "layer")
    yield Text(_legend(noise.sensitivity), indent=2)
    yield Text(BIAS_AND_CLIPPED, indent=2)


def _legend(sensitivity: Sensitivity | None) -> str:
    if sensitivity is None:
        return "here: all layers quantized"
    return (
        "here: all layers quantized; local: the layer by itself; alone: at the worst output, only "
        "this layer quantized; share: the layer's part of the noise there"
    )


def _ranked(report: Report, noise: NoiseMeasurements) -> list[_Row]:
    """Layers that add noise; those first that harm an output most, else those with the most."""
    alone = _alone(noise.sensitivity)
    rows = []
    for layer in report.model.network:
        if layer.name in noise.layers and layer.type != "output_layer":
            row = _Row(layer, alone.get(layer.name, math.nan))
            here = noise.layers[layer.name].output.snr_db
            if min(_badness(here), _badness(alone.get(layer.name, here))) < QUIET_DB:
                rows.append(row)
    if alone:
        rows = [row for row in rows if row.name in alone]
    return sorted(
        rows,
        key=lambda row: (
            _badness(row.alone) if alone else 0,
            _badness(noise.layers[row.name].output.snr_db),
        ),
    )


def _alone(sensitivity: Sensitivity | None) -> Mapping[str, float]:
    found = sensitivity.output_snr_db if sensitivity else {}
    return {name: min(by.values(), key=_badness) for name, by in found.items() if by}


def _badness(snr: float) -> float:
    return -math.inf if math.isnan(snr) else snr


def _columns(
    report: Report, noise: NoiseMeasurements, names: ShortNames, rows: list[_Row]
) -> Iterator[Column]:
    def column(heading: str, cell: Callable[[Layer], str], rank: int = 0) -> Column:
        return Column(heading, [cell(row.layer) for row in rows], rank)

    def text(heading: str, cell: Callable[[Layer], str], rank: int = 0) -> Column:
        return Column(heading, [cell(row.layer) for row in rows], rank, is_number=False)

    def clipped(layer: Layer) -> str:
        found = noise.layers[layer.name].clipped
        return percentage(found.share) if found else ""

    yield text("layer", lambda layer: names.of(layer.name))
    yield column("here", lambda layer: decibels(noise.layers[layer.name].output.snr_db))
    if noise.sensitivity is not None:
        yield from _single(noise.sensitivity, rows)
    yield column("bias", lambda layer: f"{noise.layers[layer.name].output.bias_share:.0%}", 2)
    yield column("clipped", clipped, 3)
    yield column("calibrated", lambda layer: span(report.model.calibrated_range(layer.name)), 1)
    yield column("measured", lambda layer: span(_measured(report, layer)), 6)
    yield text("precision", lambda layer: _mode(report, layer), 5)
    yield text("original name", lambda layer: ", ".join(layer.original_names[:1]), 4)


def _single(sensitivity: Sensitivity, rows: list[_Row]) -> Iterator[Column]:
    local = [sensitivity.local.get(row.name) for row in rows]
    yield Column("local", [decibels(tensor.snr_db) if tensor else "" for tensor in local])
    alone = [decibels(row.alone) if row.name in sensitivity.output_snr_db else "" for row in rows]
    yield Column("alone", alone)
    shares = _shares(sensitivity)
    yield Column(
        "share", [percentage(shares[row.name]) if row.name in shares else "" for row in rows]
    )


def _shares(sensitivity: Sensitivity) -> Mapping[str, float]:
    """The largest share that a layer has in all layers' noise at any output."""
    outputs = {output for by in sensitivity.output_snr_db.values() for output in by}
    largest: dict[str, float] = {}
    for output in outputs:
        for name, value in sensitivity.noise_shares(output).items():
            largest[name] = max(value, largest.get(name, 0.0))
    return largest


def _measured(report: Report, layer: Layer) -> tuple[float, float] | None:
    found = report.measurements.layers.get(layer.name) if report.measurements else None
    return (found.output.low, found.output.high) if found else None


def _mode(report: Report, layer: Layer) -> str:
    mode = report.model.precision_mode(layer.name)
    return mode.text if mode else ""


def _rest(count: int, noun: str) -> Iterator[Shown]:
    if count > 0:
        yield Text(f"and {plural(count, f'more {noun}')} (all are in the --json report)", indent=2)


def decibels(value: float) -> str:
    """An SNR to a tenth; in words where it is no finite number."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "exact" if value > 0 else "no signal"
    return tenths(value)


def _known(value: float | None) -> str:
    return "" if value is None else decibels(value)


def span(limits: tuple[float, float] | None) -> str:
    """A range, to three digits."""
    return "" if limits is None else f"{limits[0]:.3g} to {limits[1]:.3g}"
