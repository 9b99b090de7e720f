"""What is said of data that cannot be read at all, and of what cannot be read as samples."""

from __future__ import annotations

from utils.errors import UNREADABLE, DatasetError
from utils.wording import printable


def unreadable(headline: str, place: str, remedy: str, reason: str = "") -> DatasetError:
    """The error of data that are not there, or damaged.

    Parameters
    ----------
    place : path of the file or folder; it is untrusted.
    reason : what is wrong with it, in a few words.
    """
    evidence = printable(f"{place}: {reason}" if reason else place)
    return DatasetError(headline, finding_id=UNREADABLE, evidence=evidence, remedy=remedy)


def of_another_shape(headline: str, evidence: str, remedy: str) -> DatasetError:
    """The error of samples that do not fit the input."""
    return DatasetError(
        headline, finding_id="calibration-shape", evidence=printable(evidence), remedy=remedy
    )


def of_another_type(headline: str, evidence: str, remedy: str) -> DatasetError:
    """The error of values that cannot be used."""
    return DatasetError(
        headline, finding_id="calibration-dtype", evidence=printable(evidence), remedy=remedy
    )


def unnamed(headline: str, evidence: str, remedy: str, command: str = "") -> DatasetError:
    """The error of data of which it is not known for which input they are."""
    return DatasetError(
        headline,
        finding_id="calibration-input-names",
        evidence=printable(evidence),
        remedy=remedy,
        command=command,
    )
