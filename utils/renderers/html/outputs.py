"""How noisy every output of the network is."""

from __future__ import annotations

from dataclasses import dataclass

from utils.renderers.decided import instead_of_ratio
from utils.renderers.html.layers import NumberedLayer, NumberedLayers
from utils.renderers.html.numbers import percent, snr
from utils.renderers.html.snr_class import UNKNOWN, snr_class


@dataclass(frozen=True)
class OutputRow:
    """One output: its layers, SNR in dB, share of the error that is bias in percent."""

    layer: NumberedLayer
    sources: tuple[NumberedLayer, ...]
    snr: str
    style: str
    bias: str


def output_rows(layers: NumberedLayers) -> list[OutputRow]:
    """Outputs at which noise was measured, in the order of the network."""
    network, noise = layers.report.model.network, layers.report.noise
    rows = []
    for output in network.output_layers:
        if noise is not None and output.name in noise.layers:
            found = noise.layers[output.name].output
            word = instead_of_ratio(layers.report, output.name)
            sources = tuple(layers.by_name[each.name] for each in network.producers(output))
            rows.append(
                OutputRow(
                    layers.by_name[output.name],
                    sources,
                    word or snr(found.snr_db) or "no number",
                    UNKNOWN if word else snr_class(found.snr_db),
                    percent(found.bias_share),
                )
            )
    return rows
