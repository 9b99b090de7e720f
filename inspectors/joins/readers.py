"""What the layers behind a concat make of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.network import Layer

Array = NDArray[np.float64]

# Share of a reader's channels that have to suffer: one of many may be an exception.
SHARE_OF_CHANNELS = 0.1


@dataclass(frozen=True, eq=False)
class Readers:
    """What the layers behind a concat make of its inputs.

    Parameters
    ----------
    strengths : for every reader, weight of each input in each channel that the reader computes
        (inputs, channels); None where a reader's weights are not known, or are not laid over the
        channels of the concat.
    """

    strengths: Sequence[Array] | None

    def ratio(self, widths: Sequence[float | None], index: int, step: float) -> float:
        """Step of one input of the concat, relative to all that its readers compute from it.

        A shared step costs an input nothing where the next layer makes little of that input: it
        then matters as little as what is rounded away.

        Parameters
        ----------
        widths : ranges of all inputs.
        index, step : the input, and what one code of it is worth.

        Returns
        -------
        Of the worst reader, exceeded in a tenth of its channels; infinite where not known.
        """
        if self.strengths is None:
            return np.inf
        known = np.array([[width or 0.0] for width in widths])
        worst = 0.0
        for strengths in self.strengths:
            spans = (strengths * known).max(axis=0)
            counts = spans > 0
            if counts.any():
                relative = strengths[index][counts] * step / spans[counts]
                worst = max(worst, float(np.quantile(relative, 1 - SHARE_OF_CHANNELS)))
        return worst


def readers_of(model: Model, concat: Layer, places: Sequence[slice]) -> Readers:
    """The layers behind a concat.

    Parameters
    ----------
    places : channels of its inputs.
    """
    found = []
    for reader in model.network.successors(concat):
        kernel = _weights_by_channel(model, reader, places[-1].stop)
        if kernel is None:
            return Readers(None)
        found.append(np.stack([np.sqrt((kernel[place] ** 2).sum(axis=0)) for place in places]))
    return Readers(found)


def _weights_by_channel(model: Model, reader: Layer, channels: int) -> Array | None:
    """Size of a kernel as (input channels, output channels), over its window; None without."""
    stored = model.float_parameters.layer(reader.name)
    if reader.type not in ("conv", "dense") or "kernel" not in stored or len(reader.inputs) != 1:
        return None
    kernel = stored["kernel"]
    if kernel.dtype.kind != "f" or kernel.ndim not in (2, 4) or kernel.shape[-2] != channels:
        return None
    window = np.asarray(kernel, dtype=np.float64).reshape(-1, channels, kernel.shape[-1])
    with np.errstate(all="ignore"):  # damaged weights are of no use here
        # Strengths are root sums of squares, so the window may be summed up at once.
        strengths: Array = np.sqrt((window**2).sum(axis=0))
    return strengths if np.isfinite(strengths).all() else None
