"""The table of all layers: one row a layer, and only columns that hold anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import percent, short_number, snr
from utils.renderers.html.snr_class import snr_class
from utils.wording import short

MAX_NOTE = 200  # characters


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    text : what is shown.
    value : what is sorted by; "" where there is nothing to sort.
    style : class that gives it a mark.
    """

    text: str
    value: str = ""
    style: str = ""


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    heading, unit : what stands above it.
    help : one sentence on what the number means.
    is_number : whether it is sorted as such.
    cell : makes its cell.
    largest_first : whether what is large matters, not what is small.
    is_detail : whether it is shown on demand only, since a window has room for few.
    """

    heading: str
    unit: str
    help: str
    is_number: bool
    cell: Callable[[NumberedLayer], Cell]
    largest_first: bool = False
    is_detail: bool = False


@dataclass(frozen=True)
class LayerTable:
    """Columns that hold anything, and a row of cells for every layer."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[NumberedLayer, tuple[Cell, ...]], ...]
    types: tuple[str, ...]


def layer_table(layers: NumberedLayers) -> LayerTable:
    """All layers in graph order."""
    columns = _columns(layers)
    cells = [[column.cell(each) for column in columns] for each in layers.all]
    used = [i for i in range(len(columns)) if any(row[i].text for row in cells)]
    return LayerTable(
        columns=tuple(columns[i] for i in used),
        rows=tuple(
            (each, tuple(row[i] for i in used)) for each, row in zip(layers.all, cells, strict=True)
        ),
        types=tuple(sorted({_type(each).text for each in layers.all})),
    )


def _columns(layers: NumberedLayers) -> tuple[Column, ...]:
    findings = Counter(
        name for finding in layers.report.findings() for name in dict.fromkeys(finding.layers)
    )
    largest = _largest_shares(layers)
    return (
        # First, so that it stands beside the names where the screen is narrow.
        _snr("SNR at layer", "Everything quantized, at this layer", "snr_db"),
        Column("Type", "", "Kind of layer", False, _type),
        Column("Precision", "", "Bits of inputs, weights and outputs", False, _precision),
        Column(
            "Findings",
            "",
            "Findings that name the layer",
            True,
            lambda x: _number(findings[x.layer.name] or None, str),
            largest_first=True,
        ),
        _snr("SNR local", "What this layer itself adds", "local_snr_db"),
        Column(
            "SNR alone at output",
            "dB",
            "Only this layer quantized, at the output where it does the most",
            True,
            lambda x: _number(_worst(x.entry.get("output_snr_db", {})), snr),
        ),
        Column(
            "Share of noise",
            "%",
            "Of the noise at the output where it is largest",
            True,
            lambda x: _number(largest.get(x.number), percent),
            largest_first=True,
        ),
        _share("Clipped", "Values that the codes do not reach", "clipped_share"),
        Column("Note", "", "Why something was not measured", False, _note),
        *map(
            _as_detail,
            (
                _share("Bias", "Part of the error that is a constant offset", "bias_share"),
                _share("Saturated", "Sums at the limit of the accumulator", "saturated_share"),
                _range("Calibrated low", "Where the calibrated range begins", 0),
                _range("Calibrated high", "Where the calibrated range ends", 1),
                *(_measured(key, label) for key, label in _MEASURED.items()),
            ),
        ),
    )


def _as_detail(column: Column) -> Column:
    return replace(column, is_detail=True)


_MEASURED = {
    "min": "Smallest value",
    "max": "Largest value",
    "mean": "Mean over all channels",
    "std": "Standard deviation over all channels",
}


def _number(value: float | None, shown: Callable[[float], str], style: str = "") -> Cell:
    return Cell("") if value is None else Cell(shown(value), f"{value:.6g}", style)


def _type(each: NumberedLayer) -> Cell:
    return Cell(short(each.layer.type, 40))


def _precision(each: NumberedLayer) -> Cell:
    return Cell(short(each.entry["precision_mode"], 40))


def _snr(heading: str, help: str, key: str) -> Column:
    def cell(each: NumberedLayer) -> Cell:
        value = each.entry.get(key)
        return _number(value, snr, snr_class(value))

    return Column(heading, "dB", help, True, cell)


def _share(heading: str, help: str, key: str) -> Column:
    def cell(each: NumberedLayer) -> Cell:
        return _number(each.entry.get(key), percent)

    return Column(heading, "%", help, True, cell, largest_first=True)


def _range(heading: str, help: str, end: int) -> Column:
    def cell(each: NumberedLayer) -> Cell:
        found = each.entry.get("calibrated_range")
        return _number(found[end] if found else None, short_number)

    return Column(heading, "", help, True, cell)


def _measured(key: str, help: str) -> Column:
    def cell(each: NumberedLayer) -> Cell:
        found: Mapping[str, Any] = each.entry.get("output", {})
        return _number(found.get(key), short_number)

    return Column(f"Measured {key}", "", help, True, cell)


def _worst(by_output: Mapping[str, float]) -> float | None:
    numbers = [value for value in by_output.values() if value == value]
    return min(numbers, default=None)


def _largest_shares(layers: NumberedLayers) -> dict[int, float]:
    sensitivity = layers.report.noise.sensitivity if layers.report.noise else None
    largest: dict[int, float] = {}
    for output in layers.outputs if sensitivity else ():
        assert sensitivity is not None
        for name, share in sensitivity.noise_shares(output).items():
            if name in layers.by_name:
                number = layers.by_name[name].number
                largest[number] = max(share, largest.get(number, 0.0))
    return largest


def _note(each: NumberedLayer) -> Cell:
    reasons = (
        each.entry["not_measured"],
        each.entry.get("noise_not_measured"),
        each.entry.get("run_in_float") and f"run in float: {each.entry['run_in_float']}",
    )
    return Cell(short("; ".join(dict.fromkeys(filter(None, reasons))), MAX_NOTE))
