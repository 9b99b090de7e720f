"""Stand-in for contract tests: arrays of an archive by layer and key, as the runner gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.sdk_standin.flavours import Flavour
from utils.har.archive import Archive
from utils.har.network import network_from_hn
from utils.har.parameters import Parameters

IS_STAND_IN = True
_TENSOR_INDEX = re.compile(r":0$")


class LayerArrays(Mapping[str, Any]):
    """Arrays of one layer under the one spelling that a version has."""

    def __init__(self, arrays: Mapping[str, Any], suffix: str) -> None:
        self._arrays = arrays
        self._suffix = suffix

    def __getitem__(self, key: str) -> Any:
        if not key.endswith(self._suffix) or (not self._suffix and _TENSOR_INDEX.search(key)):
            raise KeyError(key)
        return self._arrays[key.removesuffix(self._suffix) if self._suffix else key]

    def __iter__(self) -> Iterator[str]:
        return (f"{key}{self._suffix}" for key in self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def parameters_by_layer(
    archive: Archive, key: str, flavour: Flavour
) -> Mapping[str, Mapping[str, Any]]:
    """Arrays of one member by layer."""
    network = network_from_hn(archive.json["hn"], "the graph")
    parameters = Parameters(archive.arrays.get(key), network)
    suffix = ":0" if flavour.tensor_index and key != "params_statistics" else ""
    return {
        layer.name: LayerArrays(parameters.layer(layer.name), suffix)
        for layer in network
        if flavour.io_parameters or layer.type not in ("input_layer", "output_layer")
    }
