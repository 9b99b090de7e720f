"""The samples on which stages are compared: as many as their outputs leave room for."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from utils.dataset.calibration_set import CalibrationSet
from utils.har.network import Network
from utils.stages import STAGES
from utils.stages.runs import Samples

# Bytes that the outputs of all stages, and the samples, may take together.
MOST_BYTES = 256 << 20
# First differences are found on so few.
FEWEST = 8


def samples_for(network: Network) -> int:
    """How many samples there is room for.

    Parameters
    ----------
    network : the optimized graph, or the parsed one where there is no other.
    """
    outputs = sum(math.prod(layer.output_shape) for layer in network.output_layers)
    # Each sample is held as it is in the file, and as it enters the parsed graph.
    inputs = sum(math.prod(layer.output_shape) for layer in network.input_layers)
    values = len(STAGES) * outputs + 2 * inputs
    return max(MOST_BYTES // (np.dtype(np.float32).itemsize * max(values, 1)), FEWEST)


def positions_of(calibration: CalibrationSet, network: Network, most: int) -> NDArray[np.int64]:
    """Places in the file of the chosen samples, ascending: of those that are used, evenly spread.

    Parameters
    ----------
    most : no more are taken, whatever the room.
    """
    indices = calibration.indices
    count = min(len(indices), most, samples_for(network))
    chosen: NDArray[np.int64] = indices[np.linspace(0, len(indices) - 1, count).round().astype(int)]
    return chosen


def read(calibration: CalibrationSet, positions: NDArray[np.int64]) -> Samples:
    """The samples themselves, (samples, height, width, channels) by input.

    Raises
    ------
    DatasetError : the file is damaged.
    """
    size = calibration.bounded_batch_size
    batches: list[Mapping[str, NDArray[np.generic]]] = list(calibration.batches(size, positions))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
