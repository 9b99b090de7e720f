"""Data that cannot be used as they are: of another shape, type or name, or no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from inspectors.base_inspector import Context
from utils.dataset.calibration_set import NAMES_LISTED
from utils.findings import Finding, Severity
from utils.wording import listed, plural

# Why data do not fit is found out while they are opened and read; here it becomes a finding.
_MISFITS = {
    "calibration-shape": partial(Finding, id="calibration-shape", severity=Severity.ERROR),
    "calibration-dtype": partial(Finding, id="calibration-dtype", severity=Severity.ERROR),
    "calibration-input-names": partial(
        Finding, id="calibration-input-names", severity=Severity.ERROR
    ),
    "calibration-not-finite": partial(
        Finding, id="calibration-not-finite", severity=Severity.ERROR
    ),
}


def misfits(context: Context) -> Iterator[Finding]:
    """What kept the data from being used, then what is no number among those not measured."""
    error = context.data_error
    if error is not None and error.finding_id in _MISFITS:
        layers = tuple(layer.name for layer in context.model.network.input_layers)
        yield _MISFITS[error.finding_id](headline=str(error), layers=layers)
    if error is None or error.finding_id != "calibration-not-finite":
        yield from _not_finite(context)


def _not_finite(context: Context) -> Iterator[Finding]:
    inputs = context.samples.inputs if context.samples else {}
    places = context.samples.indices if context.samples else np.zeros(0, np.int64)
    broken = {name: places[seen.not_finite > 0] for name, seen in inputs.items()}
    broken = {name: found for name, found in broken.items() if found.size}
    if broken and context.samples:
        number = len(set().union(*(found.tolist() for found in broken.values())))
        where = "; ".join(
            f"{name}: samples {indices_listed(found.tolist())}" for name, found in broken.items()
        )
        yield Finding(
            id="calibration-not-finite",
            severity=Severity.ERROR,
            headline=f"NaN, infinity or absurdly large values stand in {number:,} of "
            f"{plural(context.samples.samples, 'sample')} ({where}, counted from 0); repair these "
            "samples or leave them out, the compiler may take them as well",
            layers=tuple(broken),
            measured={"samples": float(number)},
        )


def indices_listed(indices: list[int]) -> str:
    """Indices of samples as they are said in messages."""
    return listed([str(index) for index in indices], NAMES_LISTED)
