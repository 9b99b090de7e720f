"""An archive's layers at other precision or range, as the compiler would quantize them.

Everything starts from what is stored: scales keep their proportions (equalization), zero points
follow from the stored ranges, weights are the optimizer's own, accumulators stay scaled for what
calibration saw. Only what a change reaches is made anew. All layers of an 8-bit archive at 16
bit have the integers that the compiler gave them at 16 bit, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError, DiagnosticError
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.quantization import Encoding
from utils.quantizer.archive_facts import ArchiveFacts, fitting_grid
from utils.quantizer.calibrated_encoding import widened
from utils.quantizer.changed_graph import changed_graph, same_weights
from utils.quantizer.channel_scales import missing_equalization, output_scales
from utils.quantizer.float_layers import precision_mode
from utils.quantizer.kept_encodings import KeptEncodings, proportional
from utils.quantizer.multiplication import Multiplication, multiplied
from utils.quantizer.quantized_layers import QuantizedLayer
from utils.quantizer.stored_layers import LARGEST, StoredLayers
from utils.quantizer.widening import Widening

INT32 = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Requantized:
    """A quantized network in which some layers were changed.

    Parameters
    ----------
    network : the graph with the new modes, and precision_change layers where they need them.
    layers : the layers whose mode or encodings, of an input or the output, differ from what the
        archive stores; all others run as stored.
    kept_float : the changed layers that are to multiply by integers, but for which none can be
        made, with the reason.
    """

    network: Network
    layers: Mapping[str, QuantizedLayer]
    kept_float: Mapping[str, str] = field(default_factory=dict)


class Requantizer:
    """Quantizes layers of an archive anew; what was made last for a layer is kept."""

    def __init__(self, model: Model) -> None:
        """Take an archive; its arrays are read when they are needed."""
        self._stored = StoredLayers(model)
        self._facts = ArchiveFacts(self._stored)
        self._made: dict[str, tuple[tuple[object, ...], Multiplication | None]] = {}

    def missing_equalization(self) -> dict[str, NDArray[np.float64]]:
        """Relative scales by layer that equalization would give, where the archive has none."""
        return missing_equalization(self._stored, self._facts)

    def output_scales(self) -> dict[str, NDArray[np.float64]]:
        """Relative scales by layer that feeds an output, with one for each channel."""
        return output_scales(self._stored, self._facts)

    def apply(
        self,
        modes: Mapping[str, str] | None = None,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        vectors: Mapping[str, NDArray[np.float64]] | None = None,
    ) -> Requantized:
        """The network with other precision modes, output ranges and scales of channels.

        Parameters
        ----------
        modes : precision mode by layer name, with or without scope, on top of the archive's own.
        ranges : (low, high) that the codes of a layer's output are to span. Its accumulator
            stays scaled for what calibration saw.
        vectors : relative scales (channels,) of a layer's output, by scoped layer name.

        Raises
        ------
        ArchiveError : an unknown layer, a mode whose arithmetic is not known, a range that is
            none, or a graph that contradicts itself.
        """
        network = self._stored.network
        if modes:
            network = changed_graph(network, modes)
        encodings = KeptEncodings(
            self._stored,
            Widening(self._stored, self._facts, network),
            _resolved(network, ranges or {}),
            vectors,
        )
        layers: dict[str, QuantizedLayer] = {}
        kept_float: dict[str, str] = {}
        for layer in network:
            wanted = encodings.wanted(layer)
            if encodings.keeps_everything(layer, wanted):
                encodings.settle(layer, self._stored.encoding(layer.name))
                continue
            made = None
            try:
                made = self._multiplication(layer, encodings, wanted)
            except DiagnosticError as error:
                kept_float[layer.name] = str(error)
            if made is not None and wanted is not None:
                wanted = widened(wanted, made.correction)
            encodings.settle(layer, wanted)
            if wanted is not None:
                layers[layer.name] = self._quantized(layer, encodings, wanted, made)
        return Requantized(network, layers, kept_float)

    def _quantized(
        self,
        layer: Layer,
        encodings: KeptEncodings,
        output: Encoding,
        made: Multiplication | None,
    ) -> QuantizedLayer:
        inputs = tuple(encoding for encoding in encodings.entering(layer) if encoding is not None)
        is_stored = encodings.before(layer) is not None
        return QuantizedLayer(
            layer,
            precision_mode(layer),
            self._stored.statistics(layer.name) if is_stored else None,
            inputs if len(inputs) == len(layer.inputs) else (),
            output,
            self._stored.equalization(layer.name) if is_stored else None,
            made,
        )

    def _multiplication(
        self, layer: Layer, encodings: KeptEncodings, wanted: Encoding | None
    ) -> Multiplication | None:
        """Integers of a layer; None if it does not multiply.

        Raises
        ------
        DiagnosticError : it does, but there is no way to its integers.
        """
        if not layer.inputs or not (layer.type == "activation" or self._facts.multiplies(layer)):
            return None
        entering = encodings.entering(layer)[0]
        if entering is None or wanted is None:
            side = "input" if entering is None else "output"
            raise ArchiveError(f"the archive does not say how its {side} is coded")
        reference = self._reference(layer, encodings, wanted)
        params = layer.quantization_params
        key = (
            params["precision_mode"],
            params["bias_mode"],
            *(_fingerprint(encoding) for encoding in (entering, wanted, reference)),
        )
        if layer.name not in self._made or self._made[layer.name][0] != key:
            self._check_fit(layer, entering, wanted)
            made = multiplied(layer, self._facts, entering, wanted, reference)
            if made is not None and reference is not None:
                made = self._with_stored_weights(layer, made)
            self._made[layer.name] = key, _checked(made)
        return self._made[layer.name][1]

    def _check_fit(self, layer: Layer, entering: Encoding, wanted: Encoding) -> None:
        if layer.type != "activation":
            kernel, _ = self._facts.live_weights(layer)
            fitting_grid(layer, kernel, entering.scales, wanted.scales)
        elif not proportional(entering, wanted):
            raise ArchiveError("its channels are scaled otherwise than those of its input")

    def _reference(
        self, layer: Layer, encodings: KeptEncodings, wanted: Encoding
    ) -> Encoding | None:
        """Stored encoding of the output if the weights can stay as they are."""
        before, stored = encodings.before(layer), self._stored.uncorrected_encoding(layer.name)
        if before is None or stored is None or not encodings.keeps_inputs(layer):
            return None
        mode, was = precision_mode(layer), precision_mode(before)
        if mode.input_bits != was.input_bits or not same_weights(mode, was):
            return None
        return stored if proportional(stored, wanted) else None

    def _with_stored_weights(self, layer: Layer, made: Multiplication) -> Multiplication:
        """The same with weights and bias as stored, which differ by no more than rounding."""
        kernel, bias = made.quantized_kernel, made.quantized_bias
        stored, stored_bias = (
            self._stored.kernel_codes(layer.name),
            self._stored.bias_codes(layer.name),
        )
        if stored is not None and stored[0].shape == kernel.codes.shape:
            difference = (stored[0] - stored[1]) - (kernel.codes.astype(int) - kernel.zero_point)
            if np.abs(difference).max() <= 1:
                codes = stored[0].astype(kernel.codes.dtype)
                kernel = replace(kernel, codes=codes, zero_point=stored[1])
        if stored_bias is not None and stored_bias[0].shape == bias.codes.shape:
            codes, factor = stored_bias
            step = max(factor, bias.factor)
            if np.abs(codes * factor - bias.codes.astype(int) * bias.factor).max() <= step:
                bias = replace(bias, codes=codes.astype(np.int32), factor=factor)
        return replace(made, quantized_kernel=kernel, quantized_bias=bias)


def _resolved(
    network: Network, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    found = {}
    for name, (low, high) in ranges.items():
        resolved = network.resolve(name)
        if resolved is None:
            raise ArchiveError(f"a range is given for layer {name!r}, which does not exist")
        if not -LARGEST < low <= high < LARGEST:
            raise ArchiveError(f"({low:g}, {high:g}) is no range for the output of {name}")
        found[resolved] = (float(low), float(high))
    return found


def _fingerprint(encoding: Encoding | None) -> tuple[bytes, ...]:
    if encoding is None:
        return ()
    return encoding.scales.tobytes(), encoding.zero_points.tobytes()


def _checked(made: Multiplication | None) -> Multiplication | None:
    """The same, if the table of its output stage fits in the hardware's integers."""
    if made is not None and not (np.abs(made.stage.offsets) <= INT32).all():
        raise ArchiveError("the scales around it are too far apart for its output stage")
    return made
