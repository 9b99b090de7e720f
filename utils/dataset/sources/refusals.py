"""What is said of data that cannot be read at all, and of what cannot be read as samples."""

from __future__ import annotations

from utils.errors import UNREADABLE, DatasetError
from utils.wording import printable

IN_PROPORTION = (
    "Add `--resize stretch`, which scales them: they have the proportions of the input, so "
    "letterbox and crop do the same."
)


def unreadable(
    headline: str, place: str, remedy: str, reason: str = "", command: str = ""
) -> DatasetError:
    """The error of data that are not there, or damaged.

    Parameters
    ----------
    place : path of the file or folder; it is untrusted.
    reason : what is wrong with it, in a few words.
    command : what to type for the remedy; "" for nothing.
    """
    evidence = printable(f"{place}: {reason}" if reason else place)
    return DatasetError(
        headline, finding_id=UNREADABLE, evidence=evidence, remedy=remedy, command=command
    )


def of_another_shape(headline: str, evidence: str, remedy: str) -> DatasetError:
    """The error of samples that do not fit the input."""
    return DatasetError(
        headline, finding_id="calibration-shape", evidence=printable(evidence), remedy=remedy
    )


def of_another_size(evidence: str, *, are_in_proportion: bool, sheet: bytes = b"") -> DatasetError:
    """The error of pictures that do not have the size of the input.

    Parameters
    ----------
    are_in_proportion : whether all have the proportions of the input, so that the ways to resize
        do the same.
    sheet : what each of these ways does to some of them, a JPEG file.
    """
    return DatasetError(
        "The pictures do not have the size of the network's input",
        finding_id="calibration-shape",
        evidence=printable(evidence),
        remedy=IN_PROPORTION if are_in_proportion else resize_remedy(),
        sheet=b"" if are_in_proportion else sheet,
    )


def resize_remedy(sheet: str = "") -> str:
    """What to do about pictures of another size.

    Parameters
    ----------
    sheet : name of the file that shows what each way does to some of them; "" for none.
    """
    drawn = f", as drawn in {sheet}" if sheet else ""
    return (
        f"Add the option for what training did to them{drawn}: `--resize letterbox` scales and "
        "adds grey bars, as most detectors want it, `--resize crop` scales and cuts the edges off, "
        "as most classifiers want it, and `--resize stretch` fills the input whatever the "
        "proportions."
    )


def of_another_type(headline: str, evidence: str, remedy: str, command: str = "") -> DatasetError:
    """The error of values that cannot be used."""
    return DatasetError(
        headline,
        finding_id="calibration-dtype",
        evidence=printable(evidence),
        remedy=remedy,
        command=command,
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
