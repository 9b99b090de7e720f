"""Ranges widened for the layers behind them.

Where no shift is large enough for an accumulator, its weights would have to be shrunk. Half of
the bits that are missing are taken over by the range of what it reads, if the channels there
have scales of their own (equalization). So giving a layer other bits changes the scales of the
layer in front of it, too.
"""

from __future__ import annotations

from utils.har.network import Layer, Network
from utils.har.quantization import HIGHEST_CODE, Encoding
from utils.quantizer.archive_facts import ArchiveFacts
from utils.quantizer.calibrated_encoding import narrowed, widened
from utils.quantizer.changed_graph import same_mode
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.stored_layers import StoredLayers


class Widening:
    """By how much the ranges of an archive are widened, and have to be after a change."""

    def __init__(self, stored: StoredLayers, facts: ArchiveFacts, network: Network) -> None:
        """Take an archive and the graph with the modes that its layers are to have."""
        self._stored = stored
        self._facts = facts
        self._readers = self._readers_of(network)
        self._stored_readers = self._readers_of(stored.network)

    def _readers_of(self, network: Network) -> dict[str, list[Layer]]:
        """Layers that multiply what another layer made, by the name of the latter."""
        readers: dict[str, list[Layer]] = {}
        for layer in network:
            if layer.inputs and self._facts.multiplies(layer):
                for producer in network.producers(network[layer.inputs[0]]):
                    readers.setdefault(producer.name, []).append(layer)
        return readers

    def renewed(self, layer: Layer, encoding: Encoding) -> Encoding:
        """The stored encoding of a layer's output, widened as the layers behind it need it now.

        Parameters
        ----------
        encoding : at the width that the output is to have.
        """
        if self._is_settled(layer) or self._stored.equalization(layer.name) is None:
            return encoding
        readers = self._stored_readers.get(layer.name, [])
        before = max((self._stored.lost_bits(reader.name) for reader in readers), default=0.0)
        return self.fitted(layer, widened(encoding, -before))

    def fitted(self, layer: Layer, encoding: Encoding) -> Encoding:
        """An encoding that calibration made, widened as the layers behind it need it."""
        lacking = [self._lacking(layer, encoding, r) for r in self._readers.get(layer.name, [])]
        return widened(encoding, max(lacking, default=0.0) / 2)

    def _is_settled(self, layer: Layer) -> bool:
        """Whether neither the layer's output nor what reads it has other widths than before."""
        if precision_mode(layer).output_bits != self._stored.mode(layer.name).output_bits:
            return False
        return all(
            same_mode(reader, precision_mode(reader), self._stored.mode(reader.name))
            for reader in self._readers.get(layer.name, [])
        )

    def _lacking(self, layer: Layer, encoding: Encoding, reader: Layer) -> float:
        """Bits that the accumulator of a reader lacks if it reads this encoding."""
        mode = precision_mode(reader)
        if mode.input_bits != precision_mode(layer).output_bits:
            highest = HIGHEST_CODE[mode.input_bits]
            encoding = narrowed(encoding, encoding.low, encoding.high, highest)
        return self._facts.lost_bits(reader, mode, encoding)
