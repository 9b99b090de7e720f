"""Tests of files that are no text: by their bytes, and by names of what is packed in them."""

from __future__ import annotations

import re
from collections.abc import Callable

from utils.files.glimpse import BZIP2, HEAD, NPY, XZ, ZSTD, Glimpse
from utils.files.pictures import is_picture, names_picture
from utils.files.protobuf import is_onnx

Test = Callable[[Glimpse], bool]
# Of a member that every Hailo Archive has.
OF_AN_ARCHIVE = r"\.(metadata\.json|hn)$"
_HDF5 = b"\x89HDF\r\n\x1a\n"


def begins(*magics: bytes) -> Test:
    """Whether a file begins with one of some bytes."""
    return lambda file: file.head.startswith(magics)


def is_named(*endings: str) -> Test:
    """Whether a file's name ends so."""
    return lambda file: file.path.lower().endswith(endings)


def has(pattern: str) -> Test:
    """Whether a zip or tar file has a member in whose name a pattern is found."""
    form = re.compile(pattern, re.IGNORECASE)
    return lambda file: any(map(form.search, file.members))


def is_hdf5(file: Glimpse) -> bool:
    """Whether it is an HDF5 file."""
    return file.head.startswith(_HDF5)


def is_keras(file: Glimpse) -> bool:
    """Whether Keras wrote it, in either of its formats."""
    # Keras writes its version first of all, so that it stands near the beginning.
    is_old = is_hdf5(file) and b"keras_version" in file.head
    return is_old or "model.weights.h5" in file.members


def is_tflite(file: Glimpse) -> bool:
    """Whether it is a TFLite model."""
    return file.head[4:8] == b"TFL3"


def is_onnx_model(file: Glimpse) -> bool:
    """Whether it is one whole ONNX model."""
    return is_onnx(file.path, file.size)


def is_packed(file: Glimpse) -> bool:
    """Whether a packer other than tar wrote it."""
    others = (b"7z\xbc\xaf\x27\x1c", b"Rar!", XZ, BZIP2, ZSTD)
    # Tar files are none of these: one may be what is left of a Hailo Archive.
    return file.is_zip or file.is_gzip or file.head.startswith(others)


def holds_archives(file: Glimpse) -> bool:
    """Whether Hailo Archives are packed into it."""
    inner = file.unpacked_head[:100].split(b"\0")[0]  # the first name of a tar file
    return inner.lower().endswith(b".har") or has(r"\.har$")(file)


def is_packed_archive(file: Glimpse) -> bool:
    """Whether it is one Hailo Archive that was packed."""
    return any(re.search(OF_AN_ARCHIVE, name) for name in file.unpacked_members)


def is_arrays(file: Glimpse) -> bool:
    """Whether it is an npy or npz file."""
    is_npz = file.is_zip and bool(file.members)
    is_npz = is_npz and all(name.endswith(".npy") for name in file.members)
    return is_npz or file.head.startswith(NPY)


def is_torch(file: Glimpse) -> bool:
    """Whether PyTorch wrote it."""
    # Before 1.6 its files begin with a number, as a pickle of it.
    is_old = file.head[2:14] == bytes.fromhex("8a0a6cfc9c46f9206aa85019")
    return is_old or has(r"(^|/)data\.pkl$")(file)


def is_pickle(file: Glimpse) -> bool:
    """Whether it begins as pickles of the last decades do."""
    return file.head[:1] == b"\x80" and file.head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def is_safetensors(file: Glimpse) -> bool:
    """Whether it is a file of named tensors."""
    length = int.from_bytes(file.head[:8], "little")
    return file.head[8:10] == b'{"' and 0 < length < file.size


def is_checkpoint(file: Glimpse) -> bool:
    """Whether it is a part of a checkpoint of TensorFlow."""
    is_index = file.text.startswith("model_checkpoint_path:") or _has_table_footer(file)
    return is_index or bool(re.search(r"\.data-\d{5}-of-\d{5}$", file.path))


def _has_table_footer(file: Glimpse) -> bool:
    """Whether it ends like the tables of LevelDB, in which checkpoints hold their index."""
    return file.size <= HEAD and file.head.endswith(bytes.fromhex("57fb808b247547db"))


def is_any_picture(file: Glimpse) -> bool:
    """Whether it is a picture, of a format that is read or of another."""
    return is_picture(file.head, file.size) or file.head.startswith(b"GIF8")


def is_zip_of_pictures(file: Glimpse) -> bool:
    """Whether it is a zip file with pictures in it."""
    return file.is_zip and any(map(names_picture, file.members))


def is_tar_of_pictures(file: Glimpse) -> bool:
    """Whether it is a tar file with pictures in it."""
    return file.is_tar and any(map(names_picture, file.members))


def is_video(file: Glimpse) -> bool:
    """Whether it is a film: MP4, AVI or Matroska."""
    is_avi = file.head[:4] == b"RIFF" and file.head[8:12] == b"AVI "
    return file.head[4:8] == b"ftyp" or is_avi or file.head.startswith(b"\x1a\x45\xdf\xa3")
