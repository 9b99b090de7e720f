"""Steps between neighbouring pixels of 16 bit, as they are and with the bytes of each exchanged.

Network formats, PNG and many sensors put the high byte first, most computers the low one. Read in
the wrong order, a smooth picture is noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIGHEST_BYTE = 255
# Mean step over the mean distance from the mean: of pictures 0.1 to 0.6, of noise 1.4, and of
# these bytes between 0.8 and 1.3.
ROUGH = 0.7
SMOOTHER = 0.5  # of the roughness as it is, once the bytes are exchanged


@dataclass(frozen=True)
class ByteOrders:
    """Sums over some samples, in either order of the bytes.

    Parameters
    ----------
    steps, spread : absolute differences of neighbours, and from the mean of each sample.
    swapped_steps, swapped_spread : the same with the bytes exchanged.
    """

    steps: float = 0.0
    spread: float = 0.0
    swapped_steps: float = 0.0
    swapped_spread: float = 0.0

    def merged(self, other: ByteOrders) -> ByteOrders:
        """Both sets of samples."""
        return ByteOrders(
            self.steps + other.steps,
            self.spread + other.spread,
            self.swapped_steps + other.swapped_steps,
            self.swapped_spread + other.swapped_spread,
        )

    @property
    def roughness(self) -> float:
        """Mean step in units of the spread; 0 where nothing was seen."""
        return self.steps / self.spread if self.spread else 0.0

    @property
    def swapped_roughness(self) -> float:
        """The same with the bytes exchanged."""
        return self.swapped_steps / self.swapped_spread if self.swapped_spread else 0.0

    @property
    def are_swapped(self) -> bool:
        """Whether the samples are noise as they are, and pictures with the bytes exchanged."""
        is_known = self.spread > 0 and self.swapped_spread > 0
        is_smoother = self.swapped_roughness <= SMOOTHER * self.roughness
        return is_known and self.roughness >= ROUGH and is_smoother


def byte_orders(samples: NDArray[Any]) -> ByteOrders:
    """Sums over samples (n, height, width, channels); none where they are no 16-bit values."""
    low, high = float(samples.min()), float(samples.max())
    kind = np.iinfo(np.int16 if low < 0 else np.uint16)
    is_of_16_bit = kind.min <= low and HIGHEST_BYTE < high <= kind.max
    if not is_of_16_bit or (samples != np.rint(samples)).any():
        return ByteOrders()
    values = samples.astype(kind.dtype)
    return ByteOrders(*_sums(values), *_sums(values.byteswap()))


def _sums(values: NDArray[np.integer]) -> tuple[float, float]:
    """Mean steps of both directions, and mean distances from the mean, summed over samples."""
    floats = values.astype(np.float32)
    steps = [np.abs(np.diff(floats, axis=axis)).mean(axis=(1, 2, 3)) for axis in (1, 2)]
    off = np.abs(floats - floats.mean(axis=(1, 2), keepdims=True)).mean(axis=(1, 2, 3))
    return float(np.sum(steps) / 2), float(off.sum())
