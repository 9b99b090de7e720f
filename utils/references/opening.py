"""A file of a model, opened by what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from utils.errors import UsageError
from utils.files.kinds import FileKind, kind_of
from utils.references import LARGEST_BYTES, Reference
from utils.references.chained import ChainedModel
from utils.references.keras_model import KerasModel
from utils.references.onnx_model import OnnxModel
from utils.references.saved_model import SavedModel
from utils.references.tflite_model import TfliteModel
from utils.wording import printable

_OPENING: dict[FileKind, Callable[[str], Reference]] = {
    FileKind.ONNX: OnnxModel,
    FileKind.TFLITE: TfliteModel,
    FileKind.KERAS: KerasModel,
    FileKind.HDF5: KerasModel,
    FileKind.SAVED_MODEL: SavedModel,
}


def open_references(paths: Sequence[str]) -> Reference:
    """The original model, of one file or of several parts.

    Raises
    ------
    DiagnosticError : a file cannot be read, or is not a model that can be run.
    """
    parts = [_opened(path) for path in paths]
    return parts[0] if len(parts) == 1 else ChainedModel(parts)


def _opened(path: str) -> Reference:
    if not os.path.exists(path):
        raise UsageError(f"{printable(path)} does not exist", "Give the path of the model.")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{printable(path)} may not be read", "Change its permissions.")
    kind = kind_of(path)
    if kind not in _OPENING:
        what = kind.value if kind else "a file of an unknown kind"
        raise UsageError(
            f"{printable(path)} is {what}, not a model that can be run",
            "Give the model as ONNX, TFLite, Keras or SavedModel.",
        )
    if os.path.isfile(path) and os.path.getsize(path) > LARGEST_BYTES:
        raise UsageError(
            f"{printable(path)} is larger than 2 GiB",
            "Give a part of it, up to the end nodes that the archive was parsed to.",
        )
    return _OPENING[kind](path)
