"""How far the table of an activation is from its function, apart from all other error."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utils.measurements.agreement import OutputAgreement
from utils.measurements.noise import decibels

# A table that holds so much of the noise at its layer is what to mend there.
MAIN_SHARE = 0.5


@dataclass(frozen=True)
class TableNoise:
    """What a table of lines adds where the network uses it, on float pre-activations.

    All energies are over the same values, some of every sample. What lies beyond the codes of the
    output counts as their end, on all sides: that is clipping, and none of the table's doing.

    Parameters
    ----------
    lines : straight lines in the table.
    values : how many values were compared.
    signal : energy of the function.
    noise : energy of the table's error, without any integers in front of it.
    total : energy of the error of the quantized network there.
    rest : energy of what is left of that error without the table's.
    low, high : smallest and largest pre-activation.
    """

    lines: int
    values: int
    signal: float
    noise: float
    total: float
    rest: float
    low: float
    high: float

    @property
    def snr_db(self) -> float:
        """SNR that the table alone leaves, in dB."""
        return decibels(self.signal, self.noise)

    @property
    def share(self) -> float:
        """Share of the noise at the layer that goes with the table's error, 0 to 1."""
        if not self.total > 0:
            return 0.0
        return min(max(1.0 - self.rest / self.total, 0.0), 1.0)

    @property
    def typical_error(self) -> float:
        """Root of the mean squared error of the table, in the unit of the output."""
        return math.sqrt(self.noise / self.values) if self.values else math.nan

    def merged(self, other: TableNoise) -> TableNoise:
        """Over both sets of samples."""
        return TableNoise(
            self.lines,
            self.values + other.values,
            self.signal + other.signal,
            self.noise + other.noise,
            self.total + other.total,
            self.rest + other.rest,
            min(self.low, other.low),
            max(self.high, other.high),
        )


@dataclass(frozen=True, eq=False)
class TableTrial:
    """An output as it is, and with the function on the host behind a linear output of the chip.

    Parameters
    ----------
    layer : whose activation leaves the chip.
    low, high : range of its linear output.
    before, after : what the output says; both on the same samples.
    """

    layer: str
    low: float
    high: float
    before: OutputAgreement
    after: OutputAgreement

    @property
    def samples(self) -> int:
        """How many samples it was tried on."""
        return len(self.before.samples.positions)

    @property
    def before_db(self) -> float:
        """SNR of the output as it is, in dB, pooled over all samples."""
        return _pooled_db(self.before)

    @property
    def after_db(self) -> float:
        """The same with the function on the host."""
        return _pooled_db(self.after)


def _pooled_db(output: OutputAgreement) -> float:
    return decibels(float(output.samples.signal.sum()), float(output.samples.noise.sum()))
