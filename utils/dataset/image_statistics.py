"""What tells pictures from noise, and pictures that look alike from others.

Everything takes a block of samples, so that small images are not looked at one by one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LINES = 64  # rows and columns looked at for neighbours; more tell the same of a picture
CELLS = 8  # of a hash on each side: 8 x 8 differences make 64 bits
THINNED = 128  # pixels on each side of what is averaged; a cell is a mean of some 200 of them
HASHES_AT_ONCE = 256  # compared with all others; keeps the differences within some megabytes
_BITS = np.array([bin(byte).count("1") for byte in range(256)], dtype=np.uint8)

Planes = NDArray[np.float32]  # (samples, channels, height, width), each plane of mean 0


def neighbour_correlation(planes: Planes) -> NDArray[np.float64]:
    """Correlation of pixels with their neighbours, averaged over both directions, (samples,).

    The channels are pooled. NaN where a sample is flat: there is nothing to correlate.
    """
    _, _, height, width = planes.shape
    rows = planes[:, :, :: max(1, height // LINES)]
    # In one piece, as sums over scattered values take several times as long.
    columns = np.ascontiguousarray(planes[..., :: max(1, width // LINES)])
    along = _correlation(rows[..., :-1], rows[..., 1:])
    down = _correlation(columns[:, :, :-1], columns[:, :, 1:])
    correlation: NDArray[np.float64] = (along + down) / 2
    return correlation


def _correlation(first: Planes, second: Planes) -> NDArray[np.float64]:
    product, *squares = (
        np.einsum("nchw,nchw->n", a, b).astype(np.float64)
        for a, b in ((first, second), (first, first), (second, second))
    )
    spread = np.sqrt(squares[0] * squares[1])
    found = np.full(len(first), np.nan)
    np.divide(product, spread, out=found, where=spread > 0)
    return found


def difference_hashes(planes: Planes) -> NDArray[np.uint64]:
    """Whether each of 8 x 8 cells is lighter than the one to its left, as bits, (samples,).

    What makes a picture lighter, smaller or sharper leaves most bits as they are.
    """
    _, _, height, width = planes.shape
    thinned = planes[:, :, :: max(1, height // THINNED), :: max(1, width // THINNED)]
    grey = thinned.mean(axis=1)
    down = _cell_means(grey, CELLS, axis=1)
    cells = _cell_means(down, CELLS + 1, axis=2)
    lighter = cells[:, :, 1:] > cells[:, :, :-1]
    bits = np.packbits(lighter.reshape(len(planes), CELLS * CELLS), axis=1)
    return np.ascontiguousarray(bits).view(np.uint64).ravel()


def _cell_means(values: Planes, cells: int, axis: int) -> Planes:
    edges = np.linspace(0, values.shape[axis], cells + 1).astype(int)
    sums = np.add.reduceat(values, edges[:-1], axis=axis)
    sizes = np.diff(edges).reshape([-1 if i == axis else 1 for i in range(values.ndim)])
    return np.asarray(sums / sizes, dtype=np.float32)


def look_alikes(hashes: NDArray[np.uint64], distance: int) -> NDArray[np.bool_]:
    """Which hashes differ from an earlier one in at most so many bits; shape (samples,)."""
    alike = np.zeros(len(hashes), dtype=bool)
    for start in range(0, len(hashes), HASHES_AT_ONCE):
        own = hashes[start : start + HASHES_AT_ONCE]
        different = own[:, None] ^ hashes[None, : start + len(own)]
        octets = different.view(np.uint8).reshape(*different.shape, 8)
        bits = _BITS[octets].sum(axis=-1, dtype=np.uint8)
        is_earlier = np.arange(bits.shape[1])[None, :] < start + np.arange(len(own))[:, None]
        alike[start : start + len(own)] = ((bits <= distance) & is_earlier).any(axis=1)
    return alike
