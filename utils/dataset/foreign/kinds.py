"""Files of another kind that people give as data, each with a way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from utils.dataset.foreign import ways_out
from utils.dataset.foreign.ways_out import Given, WayOut
from utils.errors import DatasetError
from utils.files.glimpse import Glimpse, glimpse_of
from utils.files.kinds import FileKind, kind_of_glimpse
from utils.files.packing import SEVEN_ZIP, packer_of
from utils.har.image_like import is_image_shaped
from utils.har.network import Shape
from utils.wording import printable


@dataclass(frozen=True)
class Foreign:
    """What is said of a kind of file that cannot be read as data.

    Parameters
    ----------
    headline : what the data are.
    way_out : what to do about it.
    """

    headline: str
    way_out: Callable[[Given], WayOut]


def refuse_foreign(path: str, shape: Shape) -> None:
    """Refuse a file that is known to be of another kind.

    Parameters
    ----------
    shape : (height, width, channels) of a sample of the input.

    Raises
    ------
    DatasetError : it is; with what to do.
    """
    file = glimpse_of(path)
    kind = kind_of_glimpse(file) if file else None
    foreign = KINDS.get(kind) if kind else None
    if file is not None and foreign is None:
        foreign = _packed(file) or _frames(file, shape)
    if file is None or foreign is None:
        return
    found = foreign.way_out(Given(file, shape))
    raise DatasetError(
        foreign.headline,
        finding_id="calibration-file-kind",
        evidence=printable(path),
        remedy=found.remedy,
        command=found.command,
    )


def _packed(file: Glimpse) -> Foreign | None:
    """What is said of arrays that were packed; zip files of arrays are read as they are."""
    if packer_of(file) is not None or file.head.startswith(SEVEN_ZIP):
        return Foreign("The data are packed", ways_out.from_packed)
    if file.is_tar and any(name.lower().endswith(_ARRAYS) for name in file.members):
        return Foreign("The data are arrays packed into a tar file", ways_out.unpacked("tarfile"))
    return None


def _frames(file: Glimpse, shape: Shape) -> Foreign | None:
    """What is said of raw frames, whose name alone tells what they are."""
    if not is_image_shaped(shape) or ways_out.frame_format(file.path) is None:
        return None
    return Foreign("The data are raw frames of a camera", ways_out.from_frames)


_ARRAYS = (".npy", ".npz", ".raw", ".bin")
SAMPLES = "Pass the samples that the network was calibrated on with -d"
_SAMPLES_ALONE = ways_out.always(f"{SAMPLES}.")
_NO_NETWORK = ways_out.always(f"{SAMPLES}, not a network.")
_NETWORK = Foreign("The data are a network, not samples", _NO_NETWORK)
KINDS: Mapping[FileKind, Foreign] = {
    FileKind.GIT_LFS: Foreign(
        "The data are a pointer of Git LFS, not the file itself",
        ways_out.always("Fetch the file itself, in the folder of its repository.", "git lfs pull"),
    ),
    FileKind.WEB_PAGE: Foreign(
        "The data are a web page, as a failed download leaves it",
        ways_out.always("Download the file again, and check that it is not a page."),
    ),
    FileKind.PICKLE: Foreign("The data are a pickle, which is never loaded", ways_out.from_pickle),
    FileKind.PYTORCH: Foreign("The data are a file of PyTorch", ways_out.from_torch),
    FileKind.HAILO_ARCHIVE: Foreign("The data are a Hailo Archive", _NO_NETWORK),
    FileKind.PACKED_ARCHIVES: Foreign("The data are packed Hailo Archives", _NO_NETWORK),
    FileKind.HEF: _NETWORK,
    FileKind.TFLITE: _NETWORK,
    FileKind.ONNX: _NETWORK,
    FileKind.KERAS: _NETWORK,
    FileKind.CHECKPOINT: _NETWORK,
    FileKind.SAVED_MODEL: _NETWORK,
    FileKind.ZIP_OF_PICTURES: Foreign(
        "The data are pictures packed into a zip file", ways_out.unpacked("zipfile")
    ),
    FileKind.TAR_OF_PICTURES: Foreign(
        "The data are pictures packed into a tar file", ways_out.unpacked("tarfile")
    ),
    FileKind.GZIP: Foreign("The data are packed with gzip", ways_out.from_packed),
    FileKind.HDF5: Foreign("The data are an HDF5 file", ways_out.from_hdf5),
    FileKind.VIDEO: Foreign("The data are a video", ways_out.from_video),
    FileKind.PICTURE_LIST: Foreign("The data are a list of pictures", ways_out.from_list),
    FileKind.PYTHON: Foreign("The data are a Python script", ways_out.from_generator),
    FileKind.TABLE: Foreign("The data are a table of numbers as text", ways_out.from_table),
    FileKind.JSON: Foreign("The data are a JSON file", ways_out.from_json),
    FileKind.REPORT: Foreign("The data are a report of this tool", _SAMPLES_ALONE),
    FileKind.NMS_CONFIG: Foreign("The data are a configuration of NMS", _SAMPLES_ALONE),
    FileKind.SCRIPT: Foreign("The data are a model script", _SAMPLES_ALONE),
    FileKind.ZOO_YAML: Foreign("The data are a YAML file of a model zoo", _SAMPLES_ALONE),
    FileKind.LOG: Foreign("The data are a log", _SAMPLES_ALONE),
}
