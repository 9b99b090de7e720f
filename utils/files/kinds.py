"""Which kind a file is of, by what is in it; its name counts only where nothing else tells.

Nothing is unpickled or run to find out.
"""

from __future__ import annotations

import os
from enum import Enum

from utils.files import binaries, texts
from utils.files.binaries import Test
from utils.files.glimpse import Glimpse, glimpse_of


class FileKind(Enum):
    """A kind of file, with what it is called."""

    FOLDER = "a folder"
    EMPTY = "an empty file"
    GIT_LFS = "a pointer of Git LFS to a file"
    WEB_PAGE = "a web page, maybe of a failed download"
    HAILO_ARCHIVE = "a Hailo Archive (HAR)"
    PACKED_ARCHIVES = "a packed file with Hailo Archives in it"
    ONNX = "an ONNX model"
    TFLITE = "a TFLite model"
    HEF = "a compiled program for the chip (HEF)"
    PYTORCH = "a PyTorch file"
    SAFETENSORS = "a file of tensors (safetensors)"
    KERAS = "a Keras model"
    CHECKPOINT = "a part of a TensorFlow checkpoint"
    SAVED_MODEL = "a TensorFlow SavedModel"
    ARRAYS = "a file of NumPy arrays"
    HDF5 = "an HDF5 file"
    PICKLE = "a pickle"
    PICTURE = "a picture"
    PICTURE_LIST = "a list of pictures"
    ZIP_OF_PICTURES = "a zip file of pictures"
    TAR_OF_PICTURES = "a tar file of pictures"
    VIDEO = "a video"
    TABLE = "a table of numbers"
    GZIP = "a file packed with gzip"
    PACKED = "a packed file"
    REPORT = "a report of this tool"
    NMS_CONFIG = "a configuration of the NMS"
    JSON = "a JSON file"
    SCRIPT = "a model script"
    ZOO_YAML = "a YAML file of a model zoo"
    PYTHON = "a Python program"
    LOG = "a log"
    TEXT = "a text"


def kind_of(path: str) -> FileKind | None:
    """The kind of a file or folder; None where nobody knows, or it cannot be read."""
    if os.path.isdir(path):
        is_model = os.path.isfile(os.path.join(path, "saved_model.pb"))
        return FileKind.SAVED_MODEL if is_model else FileKind.FOLDER
    file = glimpse_of(path)
    return kind_of_glimpse(file) if file else None


def kind_of_glimpse(file: Glimpse) -> FileKind | None:
    """The kind of a file that was looked at; None where nobody knows."""
    if not file.size:
        return FileKind.EMPTY
    return next((kind for kind, is_it in _TESTS if is_it(file)), None)


# Every test is sure by itself; the order only says which name is the better one.
_TESTS: tuple[tuple[FileKind, Test], ...] = (
    (FileKind.GIT_LFS, binaries.begins(b"version https://git-lfs.github.com/spec/")),
    (FileKind.WEB_PAGE, texts.is_page),
    (FileKind.HEF, binaries.begins(b"\x01HEF")),
    (FileKind.TFLITE, binaries.is_tflite),
    (FileKind.HAILO_ARCHIVE, binaries.has(binaries.OF_AN_ARCHIVE)),
    (FileKind.PACKED_ARCHIVES, binaries.holds_archives),
    (FileKind.ARRAYS, binaries.is_arrays),
    (FileKind.PYTORCH, binaries.is_torch),
    (FileKind.SAFETENSORS, binaries.is_safetensors),
    (FileKind.KERAS, binaries.is_keras),
    (FileKind.HDF5, binaries.is_hdf5),
    (FileKind.CHECKPOINT, binaries.is_checkpoint),
    (FileKind.PICTURE, binaries.is_any_picture),
    (FileKind.ZIP_OF_PICTURES, binaries.is_zip_of_pictures),
    (FileKind.TAR_OF_PICTURES, binaries.is_tar_of_pictures),
    (FileKind.VIDEO, binaries.is_video),
    (FileKind.PICKLE, binaries.is_pickle),
    (FileKind.GZIP, lambda file: file.is_gzip),
    (FileKind.PACKED, binaries.is_packed),
    (FileKind.ONNX, binaries.is_onnx_model),
    (FileKind.SAVED_MODEL, lambda file: os.path.basename(file.path) == "saved_model.pb"),
    (FileKind.REPORT, texts.is_report),
    (FileKind.NMS_CONFIG, texts.is_nms),
    (FileKind.JSON, texts.is_json),
    (FileKind.SCRIPT, texts.is_script),
    (FileKind.ZOO_YAML, texts.is_zoo_yaml),
    (FileKind.PICTURE_LIST, texts.is_picture_list),
    (FileKind.TABLE, texts.is_table),
    (FileKind.PYTHON, texts.is_python),
    (FileKind.LOG, texts.is_log),
    (FileKind.TEXT, texts.is_text),
    (FileKind.ONNX, binaries.is_named(".onnx")),
    (FileKind.TFLITE, binaries.is_named(".tflite")),
    (FileKind.HEF, binaries.is_named(".hef")),
)
