"""All samples looked at, one by one; no network is run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from utils.dataset.calibration_set import CalibrationSet, sample_count
from utils.dataset.finite import finite_batches
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.stored_inputs import stored_bounds
from utils.har.model import Model
from utils.measurements import Need
from utils.terminal.phases import Phases

# What looking at a value takes, in multiply-accumulates that take as long.
LOOKING = 500.0


@dataclass(frozen=True)
class Looked:
    """What came of looking at samples, all of which are finite; None where nobody needs it."""

    samples: SampleDigests | None


def looked_at(model: Model, calibration: CalibrationSet, need: Need) -> Looked:
    """Look at the samples that are used, and at others as far as the compiler would use them.

    Raises
    ------
    DatasetError : samples are not finite, or the file is damaged.
    """
    digester = None
    if Need.SAMPLE_DIGESTS in need:
        digester = SampleDigester(calibration, stored_bounds(model))
    on_read = digester.add if digester else lambda batch: None
    for _ in finite_batches(calibration, calibration.bounded_batch_size, on_read):
        pass
    if digester is None:
        return Looked(None)
    read_the_rest(digester, calibration, Phases())
    return Looked(digester.digests())


def read_the_rest(digester: SampleDigester, calibration: CalibrationSet, phases: Phases) -> None:
    """Look at the samples that were not measured, as far as the compiler would use them.

    Raises
    ------
    DatasetError : the file is damaged.
    """
    rest = len(digester.missing)
    if not rest:
        return
    values = sum(math.prod(each.shape) for each in calibration.inputs.values())
    with phases.phase("looking at the other samples", LOOKING * values * rest):
        for batch in calibration.batches(digester.batch_size, digester.missing):
            digester.add(batch)
            phases.advance(LOOKING * values * sample_count(batch))
