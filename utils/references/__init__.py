"""The original model, run by the library that its file belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
OPEN = 0  # a size that the file leaves open
LARGEST_BYTES = 1 << 31  # of a model; what protocol buffers can hold


@dataclass(frozen=True)
class ReferenceInput:
    """One input of the original model.

    Parameters
    ----------
    name : as its file writes it.
    sizes : of one sample, without the batch; 0 where the file leaves one open.
    dtype : what it takes.
    """

    name: str
    sizes: tuple[int, ...]
    dtype: np.dtype[Any]


class Reference(Protocol):
    """The original model.

    Attributes
    ----------
    path : its file, or its files.
    inputs : what it takes.
    outputs : names of the tensors that leave it, in the order of the file.
    tensors : names of all tensors of numbers that can be had, in the order of computing.
    kernels : weights by name of the node that multiplies by them: (height, width, in, out), of
        depthwise layers (height, width, channels, multiplier), of dense ones (in, out). Empty
        where the file does not tell.
    biases : what is added there, (out,), by the same names.
    is_channels_first : whether images lie as (channels, height, width) in it.
    normalizes_batches : whether a batch normalization is computed by itself.
    """

    @property
    def path(self) -> str: ...  # noqa: D102

    @property
    def inputs(self) -> tuple[ReferenceInput, ...]: ...  # noqa: D102

    @property
    def outputs(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def tensors(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def kernels(self) -> Arrays: ...  # noqa: D102

    @property
    def biases(self) -> Arrays: ...  # noqa: D102

    @property
    def is_channels_first(self) -> bool: ...  # noqa: D102

    @property
    def normalizes_batches(self) -> bool: ...  # noqa: D102

    def tensor_of(self, name: str) -> str:
        """The tensor that a node or a tensor of this name gives; "" where there is none."""

    def run(self, samples: Arrays, wanted: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Tensors for some samples.

        Parameters
        ----------
        samples : (samples, *sizes) by name of the input.
        wanted : names of tensors.

        Returns
        -------
        By name; the first axis is that of the samples.

        Raises
        ------
        DiagnosticError : the model cannot be run.
        """
