"""What single samples are like: equal ones, blank ones, noise; taken while the data are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleDigests:
    """Facts about the samples of a calibration set.

    Parameters
    ----------
    samples : how many were looked at, the first ones of the file.
    """

    samples: int
