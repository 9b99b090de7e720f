"""What runs a stage of the archive on samples, and on samples that were changed for a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.har.network import Network

# Values by name of the layer: (samples, height, width, channels).
Tensors = Mapping[str, NDArray[np.float32]]
Samples = Mapping[str, NDArray[Any]]


class StageRun(Protocol):
    """One stage of the archive; the whole set of samples at once, so it has to be a small one.

    Attributes
    ----------
    network : its graph; `layers` are named by it.
    """

    network: Network

    def run(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """What leaves some layers.

        Parameters
        ----------
        samples : by name of the input layer, as that layer takes them.
        layers : names of layers that can be emulated.
        """
