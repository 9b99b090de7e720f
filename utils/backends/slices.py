"""A slice of the samples through both networks, to be joined with the other slices.

Whoever runs the slices, on however many machines: joined in their order they yield what one pass
over all samples yields, as long as every slice but the last is a whole number of batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from utils.dataset.finite import finite_batches
from utils.measurements import Measurements

if TYPE_CHECKING:
    from utils.backends.networks import Networks


@dataclass(frozen=True)
class Slice:
    """Some neighbouring ones of the samples that are used.

    Parameters
    ----------
    first : position of the first, counted from 0.
    samples : how many there are, at least 1.
    """

    first: int
    samples: int

    @property
    def positions(self) -> slice:
        """Their positions."""
        return slice(self.first, self.first + self.samples)


def slices_of(used: int, batch_size: int, largest: int) -> tuple[Slice, ...]:
    """Equal slices of whole batches, the last perhaps smaller.

    Parameters
    ----------
    used : how many samples there are.
    largest : how many samples a slice is to have at most; it has a batch at least.
    """
    size = max(largest // batch_size, 1) * batch_size
    return tuple(Slice(first, min(size, used - first)) for first in range(0, used, size))


def measured_slice(
    networks: Networks, part: Slice, on_batch: Callable[[int], object] = lambda samples: None
) -> Measurements:
    """The data pass over a slice.

    Parameters
    ----------
    on_batch : called after each batch with its number of samples.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : the memory does not suffice.
    """
    job = networks.job
    batches = finite_batches(job.calibration, networks.batch_size, job.on_read, part.positions)
    return networks.data_pass(job.need, part.first).run(batches, on_batch)


def joined(parts: Iterable[Measurements]) -> Measurements:
    """What slices yielded, in the order of their samples; at least one."""
    return reduce(Measurements.merged, parts)
