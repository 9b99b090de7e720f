"""Files of another kind that people give as data: recognised by what is in them, with a way out.

Nothing is unpickled or run to find out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from utils.dataset.foreign import recognised, ways_out
from utils.dataset.foreign.glimpse import HEAD, Glimpse
from utils.dataset.foreign.ways_out import WayOut
from utils.errors import DatasetError
from utils.har.network import Shape
from utils.wording import printable


@dataclass(frozen=True)
class ForeignKind:
    """A kind of file that cannot be read as data.

    Parameters
    ----------
    is_it : whether a file is of this kind.
    headline : what the data are.
    way_out : what to do about it.
    """

    is_it: recognised.Test
    headline: str
    way_out: Callable[[Glimpse], WayOut]


def refuse_foreign(path: str, shape: Shape) -> None:
    """Refuse a file that is known to be of another kind.

    Parameters
    ----------
    shape : (height, width, channels) of a sample of the input.

    Raises
    ------
    DatasetError : it is; with what to do.
    """
    with open(path, "rb") as file:
        glimpse = Glimpse(path, file.read(HEAD), shape)
    for kind in KINDS:
        if kind.is_it(glimpse):
            found = kind.way_out(glimpse)
            raise DatasetError(
                kind.headline,
                finding_id="calibration-file-kind",
                evidence=printable(path),
                remedy=found.remedy,
                command=found.command,
            )


SAMPLES_INSTEAD = "Pass the samples that the network was calibrated on with -d, not a network."
KINDS = (
    ForeignKind(
        recognised.begins(b"version https://git-lfs.github.com/spec/"),
        "The data are a pointer of Git LFS, not the file itself",
        ways_out.always("Fetch the file itself, in the folder of its repository.", "git lfs pull"),
    ),
    ForeignKind(
        recognised.begins(b"<!doctype html", b"<!DOCTYPE html", b"<html"),
        "The data are a web page, as a failed download leaves it",
        ways_out.always("Download the file again, and check that it is not a page."),
    ),
    ForeignKind(
        recognised.is_pickle, "The data are a pickle, which is never loaded", ways_out.from_pickle
    ),
    ForeignKind(
        recognised.holds("/data.pkl"), "The data are a file of PyTorch", ways_out.from_torch
    ),
    ForeignKind(
        recognised.holds(".hn"), "The data are a Hailo Archive", ways_out.always(SAMPLES_INSTEAD)
    ),
    ForeignKind(
        recognised.is_model, "The data are a network, not samples", ways_out.always(SAMPLES_INSTEAD)
    ),
    ForeignKind(
        recognised.is_zip_of_pictures,
        "The data are pictures packed into a zip file",
        ways_out.unpacked("zipfile"),
    ),
    ForeignKind(
        recognised.is_tar_of_pictures,
        "The data are pictures packed into a tar file",
        ways_out.unpacked("tarfile"),
    ),
    ForeignKind(
        recognised.begins(b"\x1f\x8b"), "The data are packed with gzip", ways_out.from_gzip
    ),
    ForeignKind(
        recognised.begins(b"\x89HDF\r\n\x1a\n"), "The data are an HDF5 file", ways_out.from_hdf5
    ),
    ForeignKind(recognised.is_video, "The data are a video", ways_out.from_video),
    ForeignKind(recognised.is_list, "The data are a list of pictures", ways_out.from_list),
    ForeignKind(recognised.is_python, "The data are a Python script", ways_out.from_generator),
    ForeignKind(
        recognised.is_table, "The data are a table of numbers as text", ways_out.from_table
    ),
    ForeignKind(recognised.is_json, "The data are a JSON file", ways_out.from_json),
)
