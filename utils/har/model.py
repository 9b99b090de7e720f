"""The facts of a quantized archive, as inspectors ask for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.facts.optimize_command import DATASET
from utils.har.archive import Archive, open_archive
from utils.har.found_once import FoundOnce
from utils.har.network import Layer, Network, network_from_hn
from utils.har.parameters import Parameters
from utils.har.quantization import (
    HIGHEST_CODE,
    Encoding,
    PrecisionMode,
    output_encoding,
    parse_precision_mode,
)
from utils.har.states import PARSED_STATE, QUANTIZED_STATES, UNQUANTIZED_STATES, check_quantized
from utils.har.statistics import ChannelStatistics

Fact = TypeVar("Fact")

_NUMBERS = "fiub"  # kinds of dtype; anything else where numbers belong counts as absent
# Layers that multiply by trained weights.
WEIGHT_TYPES = ("conv", "dw", "deconv", "dense")
_FARTHEST_LEVEL = 1_000  # the compiler knows -100 to 4; anything beyond is no level


@dataclass(frozen=True, eq=False)
class Model:
    """A HAR: graphs, parameters, encodings, stored statistics.

    Of an archive that is not quantized, both graphs are the same, and all parameters but the float
    ones are empty.

    Parameters
    ----------
    archive : the members it was read from.
    network : the quantized graph, with precision modes.
    float_network : the graph after model modification (normalization, ...), to be emulated.
    float_parameters : float32 weights of `float_network`.
    quantized : integers as the hardware uses them.
    optimized : state of the optimizer, with the calibration statistics.
    analysis : flags of the optimization algorithms and stored noise analysis.
    """

    archive: Archive
    network: Network
    float_network: Network
    float_parameters: Parameters
    quantized: Parameters
    optimized: Parameters
    analysis: Parameters
    _known: FoundOnce = field(default_factory=FoundOnce, init=False, repr=False)

    def known(self, fact: Callable[[Model], Fact]) -> Fact:
        """What a function makes of this archive, found out once for all who ask."""
        return self._known.of(self, fact)

    @property
    def name(self) -> str:
        """Name of the network."""
        return str(self.archive.metadata["model_name"])

    @property
    def state(self) -> str:
        """One of `QUANTIZED_STATES` or `UNQUANTIZED_STATES`."""
        return str(self.archive.metadata["state"])

    @property
    def is_quantized(self) -> bool:
        """Whether there are integers."""
        return self.state in QUANTIZED_STATES

    @property
    def sdk_version(self) -> str:
        """Version of the Dataflow Compiler that wrote the archive; "" if not recorded."""
        return str(self.archive.metadata.get("sdk_version") or "")

    @property
    def hw_arch(self) -> str:
        """Chip for which the archive was made; "" if not recorded."""
        return str(self.archive.metadata.get("hw_arch") or "")

    @property
    def optimization_level(self) -> int | None:
        """Optimization level that really ran; None if not recorded."""
        return self._flavor("optimization_level")

    @property
    def compression_level(self) -> int | None:
        """Compression level that really ran; None if not recorded."""
        return self._flavor("compression_level")

    def _flavor(self, key: str) -> int | None:
        flavor = self.archive.metadata.get("mo_flavor")
        value = flavor.get(key) if isinstance(flavor, dict) else None
        if type(value) is not int or abs(value) > _FARTHEST_LEVEL:  # True is an int, too
            return None
        return value

    @property
    def script_text(self) -> str | None:
        """The model script that the archive was optimized with; None if there was none."""
        return self.archive.texts.get("model_script")

    def precision_mode(self, name: str) -> PrecisionMode | None:
        """Bit widths of a layer; None where the archive records none."""
        if name not in self.network:
            return None
        text = self.network[name].quantization_params.get("precision_mode")
        return parse_precision_mode(text) if isinstance(text, str) else None

    def encoding(self, name: str) -> Encoding | None:
        """Encoding of a layer's output; None where the archive records none."""
        return output_encoding(self.quantized.layer(name))

    def highest_code(self, name: str) -> int:
        """Largest code of a layer's output, 255 unless the archive says 16 bit."""
        mode = self.precision_mode(name)
        return HIGHEST_CODE.get(mode.output_bits if mode else 8, HIGHEST_CODE[8])

    def stored(self, name: str, suffix: str) -> NDArray[Any] | None:
        """An array of a layer, from the translated parameters or else the optimizer's."""
        for parameters in (self.quantized, self.optimized):
            layer = parameters.layer(name)
            if suffix in layer:
                array = layer[suffix]
                return array if array.dtype.kind in _NUMBERS else None
        return None

    def shift_delta(self, name: str) -> float | None:
        """Bits by which a layer's weights were shrunk to fit the accumulator; None if unknown."""
        found = self.stored(name, "conv_op/shift_delta")
        if found is None or found.size != 1 or not np.isfinite(found).all():
            return None
        return float(found.ravel()[0])

    def stored_statistics(self, name: str, place: str) -> ChannelStatistics | None:
        """Statistics that calibration left in the archive.

        Parameters
        ----------
        name : scoped layer name.
        place : ``input_<i>``, ``preact`` or ``output_<i>``.
        """
        found = [
            self.stored(name, f"stats/{place}/{key}") for key in ("min", "max", "mean", "energy")
        ]
        values = [np.asarray(v, dtype=np.float64).ravel() for v in found if v is not None]
        if len(values) != len(found) or len({v.size for v in values}) != 1 or not values[0].size:
            return None
        low, high, mean, energy = values
        # The key says percent; the value is a fraction.
        share = self.stored(name, f"stats/{place}/non_zero_percent")
        non_zero = None if share is None or not share.size else float(np.ravel(share)[0])
        return ChannelStatistics(low, high, mean, energy, non_zero_share=non_zero)

    def calibrated_range(self, name: str) -> tuple[float, float] | None:
        """Range (low, high) of a layer's output that calibration provided for.

        What was seen, extended to 0, which is always a code, and cut where the codes end:
        codes reach further than the data when scales are shared with other layers, and less
        far when the range was clipped. None where the archive records neither.
        """
        encoding = self.encoding(name)
        seen = self.stored_statistics(name, "output_0")
        if seen is None:
            return None if encoding is None else (encoding.low, encoding.high)
        low, high = min(seen.low, 0.0), max(seen.high, 0.0)
        if encoding is not None:
            low, high = max(low, encoding.low), min(high, encoding.high)
        return low, high

    def calibrated_ranges(self) -> dict[str, tuple[float, float]]:
        """Range of every layer of the float network for which the archive records one."""
        ranges = {layer.name: self.calibrated_range(layer.name) for layer in self.float_network}
        return {name: found for name, found in ranges.items() if found is not None}

    def weight_count(self, layer: Layer) -> int:
        """Number of weights of a layer; 0 for layers without any."""
        if layer.type not in WEIGHT_TYPES:
            return 0
        for parameters in (self.quantized, self.float_parameters):
            arrays = parameters.layer(layer.name)
            if "kernel" in arrays:
                return int(arrays["kernel"].size)
        shape = layer.params.get("kernel_shape")
        if not isinstance(shape, list) or not all(type(size) is int for size in shape):
            return 0
        return math.prod(shape) if shape and min(shape) > 0 else 0

    def stored_snr(self, name: str) -> float | None:
        """SNR in dB that the compiler's own noise analysis stored for a layer; None if absent.

        The full analysis wins over the simple one.
        """
        full = self.stored_output_snr(name)
        return self.stored_layer_snr(name) if full is None else full

    def stored_output_snr(self, name: str) -> float | None:
        """What the full analysis stored: only this layer quantized, at the worst output, in dB."""
        return self._lowest_analysed(name, "layer_noise_analysis/snr")

    def stored_layer_snr(self, name: str) -> float | None:
        """What the simple analysis stored: everything quantized, at the layer, in dB."""
        return self._lowest_analysed(name, "layer_noise_analysis/partial_snr")

    def _lowest_analysed(self, name: str, suffix: str) -> float | None:
        arrays = self.analysis.layer(name)
        if suffix not in arrays or arrays[suffix].dtype.kind not in _NUMBERS:
            return None
        values = np.asarray(arrays[suffix], dtype=np.float64).ravel()
        values = values[~np.isnan(values)]
        return float(values.min()) if values.size else None

    def algorithm_ran(self, name: str, algorithm: str) -> bool | None:
        """Whether an optimization algorithm did its work at a layer; None if not recorded.

        Parameters
        ----------
        name : scoped layer name.
        algorithm : e.g. ``bias_correction``, ``adaround``, ``finetune_encoding``.
        """
        arrays, suffix = self.analysis.layer(name), f"{algorithm}/successfully_run"
        if suffix not in arrays or arrays[suffix].dtype.kind not in _NUMBERS:
            return None
        return bool(arrays[suffix].size) and bool(arrays[suffix].all())


def load_model(path: str, *, may_be_unquantized: bool = False, dataset: str = DATASET) -> Model:
    """Open a HAR and read its graphs; its arrays are read when they are asked for.

    Parameters
    ----------
    may_be_unquantized : whether archives in a state before quantization are taken.
    dataset : the calibration set, for the command that quantizes one that is refused.

    Raises
    ------
    ArchiveError : the archive is truncated or contradicts itself.
    DamagedMemberError : a graph is damaged.
    NotQuantizedError : the archive is in a state before quantization.
    """
    archive = open_archive(path)
    if may_be_unquantized and archive.metadata["state"] in UNQUANTIZED_STATES:
        return _unquantized(archive)
    check_quantized(archive, dataset)
    try:
        network = network_from_hn(archive.json["hn"], "the quantized graph (.hn)")
        float_network = network_from_hn(
            archive.json.get("fp_hn", archive.json["hn"]), "the float graph (.fp.hn)"
        )
        for layer in (*network.input_layers, *float_network.input_layers):
            _ = layer.output_shape  # without which nothing can be judged
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}") from error
    arrays = archive.arrays
    return Model(
        archive=archive,
        network=network,
        float_network=float_network,
        float_parameters=Parameters(arrays.get("params_fp_opt"), float_network),
        quantized=Parameters(arrays.get("params_translated"), network),
        optimized=Parameters(arrays.get("params_hailo_optimized"), network),
        analysis=Parameters(arrays.get("params_statistics"), network),
    )


def _unquantized(archive: Archive) -> Model:
    is_parsed = archive.metadata["state"] == PARSED_STATE
    graph = "hn" if is_parsed or "fp_hn" not in archive.json else "fp_hn"
    try:
        network = network_from_hn(archive.json[graph], "the graph (.hn)")
    except ArchiveError as error:
        raise ArchiveError(f"{archive.path}: {error}") from error
    weights = archive.arrays.get("params" if is_parsed else "params_fp_opt")
    if weights is None:
        raise ArchiveError(
            f"{archive.path} holds no weights, so its network cannot be run; save it again with "
            "runner.save_har(path)"
        )
    none = Parameters(None, network)
    return Model(archive, network, network, Parameters(weights, network), none, none, none)
