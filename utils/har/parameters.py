"""Arrays of one npz member, sorted by layer.

Keys are ``scope/layer/suffix:0``; suffixes contain slashes themselves, so the layer is the
longest prefix that is a layer of the graph. Compilers differ in the tensor index at the end
(``:0``, ``:0:0``, none), so it is dropped once, here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from utils.har.network import Network
from utils.har.npz import NpzMember

# ":0" is the tensor, a second number the index of the layer's input or output; 0 is implied.
_TENSOR_INDEX = re.compile(r":0(:0)?$")


class LayerParameters(Mapping[str, NDArray[Any]]):
    """Arrays of one layer by suffix without tensor index; decoded when they are asked for."""

    def __init__(self, member: NpzMember | None, keys: Mapping[str, str]) -> None:
        """Map suffixes to the keys of the npz member."""
        self._member = member
        self._keys = keys

    def __getitem__(self, suffix: str) -> NDArray[Any]:
        """The array under this suffix, with or without ``:0``."""
        key = self._keys[_TENSOR_INDEX.sub("", suffix)]
        if self._member is None:
            raise KeyError(suffix)
        return self._member[key]

    def checksum(self, suffix: str) -> tuple[int, int]:
        """Size and checksum of an array; see `NpzMember.checksum`."""
        if self._member is None:
            raise KeyError(suffix)
        return self._member.checksum(self._keys[_TENSOR_INDEX.sub("", suffix)])

    def __contains__(self, suffix: object) -> bool:
        """Whether there is an array under this suffix; it is not read."""
        return isinstance(suffix, str) and _TENSOR_INDEX.sub("", suffix) in self._keys

    def __iter__(self) -> Iterator[str]:
        """Suffixes, in file order."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Number of arrays."""
        return len(self._keys)


class Parameters:
    """Arrays of an npz member by layer; empty if the archive has no such member."""

    def __init__(self, member: NpzMember | None, network: Network) -> None:
        """Take the member and the graph; nothing is read before a layer is asked for."""
        self._member = member
        self._network = network

    @cached_property
    def _by_layer(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for key in self._member or ():
            layer, suffix = _split_key(key, self._network)
            if layer is not None:
                found.setdefault(layer, {})[_TENSOR_INDEX.sub("", suffix)] = key
        return found

    def __bool__(self) -> bool:
        """Whether there is any array that belongs to a layer."""
        return bool(self._by_layer)

    def layer(self, name: str) -> LayerParameters:
        """Arrays of one layer; empty for a layer without any."""
        return LayerParameters(self._member, self._by_layer.get(name, {}))


def _split_key(key: str, network: Network) -> tuple[str | None, str]:
    parts = key.split("/")
    for end in range(len(parts) - 1, 0, -1):
        layer = network.resolve("/".join(parts[:end]))
        if layer is not None:
            return layer, "/".join(parts[end:])
    return None, key
