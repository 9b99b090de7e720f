"""A model that was split into parts: what leaves one enters another, by the tensors' names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.errors import UsageError
from utils.references import Arrays, Reference, ReferenceInput
from utils.wording import listed, printable


class ChainedModel:
    """Several parts as one model; see `utils.references.Reference`."""

    def __init__(self, parts: Sequence[Reference]) -> None:
        """Order the parts.

        Raises
        ------
        UsageError : parts have nothing to do with one another, or feed one another in a circle.
        """
        self.path = ", ".join(part.path for part in parts)
        self._parts = _ordered(parts)
        self.is_channels_first = all(part.is_channels_first for part in parts)
        self.normalizes_batches = any(part.normalizes_batches for part in parts)
        made = {name for part in parts for name in part.tensors}
        taken = {each.name for part in parts for each in part.inputs}
        entering = {e.name: e for part in self._parts for e in part.inputs if e.name not in made}
        self.inputs: tuple[ReferenceInput, ...] = tuple(entering.values())
        self.tensors = tuple(dict.fromkeys(t for part in self._parts for t in part.tensors))
        self.outputs = tuple(
            name for part in self._parts for name in part.outputs if name not in taken
        )

    @cached_property
    def kernels(self) -> Arrays:
        """See `Reference`."""
        return {name: kernel for part in self._parts for name, kernel in part.kernels.items()}

    @cached_property
    def biases(self) -> Arrays:
        """See `Reference`."""
        return {name: bias for part in self._parts for name, bias in part.biases.items()}

    def tensor_of(self, name: str) -> str:
        """See `Reference`."""
        return next((found for part in self._parts if (found := part.tensor_of(name))), "")

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """See `Reference`."""
        known: dict[str, NDArray[Any]] = dict(samples)
        found: dict[str, NDArray[np.float32]] = {}
        for index, part in enumerate(self._parts):
            later = {each.name for other in self._parts[index + 1 :] for each in other.inputs}
            names = [n for n in part.tensors if n in later or n in wanted]
            given = {each.name: known[each.name].astype(each.dtype) for each in part.inputs}
            if names:
                found |= part.run(given, names)
                known |= found
        return {name: np.asarray(known[name], np.float32) for name in wanted if name in known}


def _ordered(parts: Sequence[Reference]) -> tuple[Reference, ...]:
    maker = {name: index for index, part in enumerate(parts) for name in part.tensors}
    needs = {
        index: {maker[e.name] for e in part.inputs if e.name in maker}
        for index, part in enumerate(parts)
    }
    if not any(needs.values()):
        raise UsageError(
            f"no tensor that leaves one of {printable(listed([p.path for p in parts]))} enters "
            "another, so they are not parts of one model",
            "Give the parts as they were cut out of one model, with the names of their tensors.",
        )
    try:
        return tuple(parts[index] for index in TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise UsageError(
            f"{printable(listed([part.path for part in parts]))} feed one another in a circle",
            "Give the parts as they were cut out of one model.",
        ) from error
