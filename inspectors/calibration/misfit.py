"""Data that cannot be used as they are: of another shape, type or name, or no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from inspectors.base_inspector import Context
from utils.dataset.facts import NAMES_LISTED
from utils.dataset.finite import NOT_FINITE, not_finite_in_words
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.sources.refusals import resize_remedy
from utils.findings import Finding, Severity
from utils.wording import listed

_NOT_MEASURED = "Nothing could be measured on these data, so only the archive itself was judged."
_NOT_TO_THE_END = "Samples behind those that were measured could not be looked at."
_refusal = partial(Finding, severity=Severity.ERROR)
# Why data do not fit is found out while they are opened and read; here it becomes a finding.
_MISFITS = {
    "calibration-unreadable": partial(_refusal, id="calibration-unreadable"),
    "calibration-file-kind": partial(_refusal, id="calibration-file-kind"),
    "calibration-shape": partial(_refusal, id="calibration-shape"),
    "calibration-dtype": partial(_refusal, id="calibration-dtype"),
    "calibration-input-names": partial(_refusal, id="calibration-input-names"),
    "calibration-counts": partial(_refusal, id="calibration-counts"),
    "calibration-not-finite": partial(_refusal, id="calibration-not-finite"),
}


def misfits(context: Context) -> Iterator[Finding]:
    """What kept the data from being used, then what is no number among those not measured."""
    error = context.data_error
    if error is not None and error.finding_id in _MISFITS:
        every = tuple(layer.name for layer in context.model.network.input_layers)
        yield _MISFITS[error.finding_id](
            headline=error.headline,
            evidence=error.evidence,
            why=_NOT_MEASURED if context.measurements is None else _NOT_TO_THE_END,
            remedy=resize_remedy(error.sheet.name) if error.sheet else error.remedy,
            command=error.command,
            layers=error.inputs or every,
            artifacts=(error.sheet,) if error.sheet else (),
        )
    if error is None or error.finding_id != "calibration-not-finite":
        yield from _not_finite(context)


def _not_finite(context: Context) -> Iterator[Finding]:
    inputs = context.samples.inputs if context.samples else {}
    places = context.samples.indices if context.samples else np.zeros(0, np.int64)
    broken = {name: places[seen.not_finite > 0].tolist() for name, seen in inputs.items()}
    broken = {name: found for name, found in broken.items() if found}
    if broken and context.samples:
        number = len(set().union(*broken.values()))
        yield Finding(
            id="calibration-not-finite",
            severity=Severity.ERROR,
            headline=NOT_FINITE,
            evidence=not_finite_in_words(broken, context.samples.samples, context.samples.named),
            why="The compiler may calibrate on these samples, although they are not measured here.",
            remedy="Repair these samples or leave them out.",
            layers=tuple(broken),
            measured={"samples": float(number)},
        )


def samples_listed(digests: SampleDigests, indices: list[int]) -> str:
    """Samples as they are said in messages, by their places and files."""
    return listed([digests.named(index) for index in indices], NAMES_LISTED)
