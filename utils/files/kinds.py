"""Which kind a file is of, by what is in it; its name counts only where nothing else tells.

Nothing is unpickled or run to find out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from enum import Enum
from typing import Any

from utils.files.glimpse import GZIP, HEAD, ZIP, Glimpse, glimpse_of
from utils.files.protobuf import is_onnx


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
    KERAS = "a Keras model"
    CHECKPOINT = "a part of a TensorFlow checkpoint"
    SAVED_MODEL = "a TensorFlow SavedModel"
    ARRAYS = "a file of NumPy arrays"
    PICTURE = "a picture"
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
    if file is None:
        return None
    if not file.size:
        return FileKind.EMPTY
    return next((kind for kind, is_it in _TESTS if is_it(file)), None)


# Every test is sure by itself; the order only says which name is the better one.
Test = Callable[[Glimpse], bool]


def _begins(*magics: bytes) -> Test:
    return lambda file: file.head.startswith(magics)


def _is_named(*endings: str) -> Test:
    return lambda file: file.path.lower().endswith(endings)


def _has(pattern: str) -> Test:
    form = re.compile(pattern, re.IGNORECASE)
    return lambda file: any(map(form.search, file.members))


def _is_packed(file: Glimpse) -> bool:
    others = (b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")
    # Tar files are none of these: one may be what is left of a Hailo Archive.
    return file.head.startswith((ZIP, GZIP, *others))


def _holds_archives(file: Glimpse) -> bool:
    inner = file.unpacked_head[:100].split(b"\0")[0]  # the first name of a tar file
    return inner.lower().endswith(b".har") or _has(r"\.har$")(file)


def _is_arrays(file: Glimpse) -> bool:
    is_npz = bool(file.members) and all(name.endswith(".npy") for name in file.members)
    return file.head.startswith(b"\x93NUMPY") or (file.head.startswith(ZIP) and is_npz)


def _is_pickled_torch(file: Glimpse) -> bool:
    # The number with which files of PyTorch before 1.6 begin, as a pickle of it.
    return file.head[2:14] == bytes.fromhex("8a0a6cfc9c46f9206aa85019")


def _is_safetensors(file: Glimpse) -> bool:
    length = int.from_bytes(file.head[:8], "little")
    return file.head[8:10] == b'{"' and 0 < length < file.size


def _is_checkpoint(file: Glimpse) -> bool:
    is_index = file.text.startswith("model_checkpoint_path:") or _has_table_footer(file)
    return is_index or bool(re.search(r"\.data-\d{5}-of-\d{5}$", file.path))


def _has_table_footer(file: Glimpse) -> bool:
    """Whether it ends like the tables of LevelDB, in which checkpoints hold their index."""
    return file.size <= HEAD and file.head.endswith(bytes.fromhex("57fb808b247547db"))


def _json(file: Glimpse) -> dict[str, Any]:
    """What a JSON object holds; keys alone where it is longer than what is looked at."""
    if not file.text.lstrip().startswith("{"):
        return {}
    try:
        values = json.loads(file.text)
    except (ValueError, RecursionError):
        return dict.fromkeys(re.findall(r'"(\w+)"\s*:', file.text))
    return values if isinstance(values, dict) else {}


def _is_report(file: Glimpse) -> bool:
    return {"schema_version", "tool"} <= _json(file).keys()


def _is_nms(file: Glimpse) -> bool:
    keys = _json(file).keys()
    return "bbox_decoders" in keys or {"nms_scores_th", "nms_iou_th"} <= keys


def _is_json(file: Glimpse) -> bool:
    return file.text.lstrip()[:1] in ("{", "[") and bool(_json(file))


_COMMAND = re.compile(
    r"(?:[\w/.,{} \-]+=\s*)?(?:\w+\.)?(?:normalization|model_optimization_(?:flavor|config)|"
    r"(?:pre|post)_quantization_optimization|quantization_param|nms_postprocess|"
    r"change_output_activation|input_conversion|performance_param|allocator_param|"
    r"context_switch_param|resources_param|logits_layer|compilation_param)\s*\("
)


def _is_script(file: Glimpse) -> bool:
    statements = [line for line in file.lines if not line.startswith(("#", "//"))]
    return bool(statements) and bool(_COMMAND.match(statements[0]))


def _is_zoo_yaml(file: Glimpse) -> bool:
    keys = {line.split(":")[0] for line in file.lines if re.match(r"\w+:", line)}
    return len(keys & {"network", "paths", "parser", "postprocessing", "preprocessing"}) > 1


def _is_python(file: Glimpse) -> bool:
    statements = [line for line in file.lines if not line.startswith("#")]
    form = r"(from [\w.]+ import |import [\w.]+|def \w+\(|class \w+)"
    return any(re.match(form, line) for line in statements[:3])


def _is_log(file: Glimpse) -> bool:
    marks = r"\[(info|warning|error)\]| (INFO|WARNING|ERROR) |Model Optimization|\d\d:\d\d:\d\d"
    return sum(bool(re.search(marks, line)) for line in file.lines[:200]) > 2


def _is_text(file: Glimpse) -> bool:
    return bool(file.lines) and all(c.isprintable() or c.isspace() for c in file.text)


_TESTS: tuple[tuple[FileKind, Test], ...] = (
    (FileKind.GIT_LFS, _begins(b"version https://git-lfs.github.com/spec/")),
    (
        FileKind.WEB_PAGE,
        lambda f: f.text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")),
    ),
    (FileKind.HEF, _begins(b"\x01HEF")),
    (FileKind.TFLITE, lambda file: file.head[4:8] == b"TFL3"),
    (FileKind.HAILO_ARCHIVE, _has(r"\.metadata\.json$")),
    (FileKind.PACKED_ARCHIVES, _holds_archives),
    (FileKind.ARRAYS, _is_arrays),
    (FileKind.PYTORCH, _has(r"(^|/)data\.pkl$")),
    (FileKind.PYTORCH, _is_pickled_torch),
    (FileKind.PYTORCH, _is_safetensors),
    (FileKind.KERAS, _has(r"^model\.weights\.h5$")),
    (FileKind.KERAS, _begins(b"\x89HDF\r\n\x1a\n")),
    (FileKind.CHECKPOINT, _is_checkpoint),
    (FileKind.PICTURE, _begins(b"\xff\xd8\xff", b"\x89PNG\r\n", b"BM", b"GIF8")),
    (FileKind.PACKED, _is_packed),
    (FileKind.ONNX, lambda file: is_onnx(file.path, file.size)),
    (FileKind.SAVED_MODEL, lambda f: os.path.basename(f.path) == "saved_model.pb"),
    (FileKind.REPORT, _is_report),
    (FileKind.NMS_CONFIG, _is_nms),
    (FileKind.JSON, _is_json),
    (FileKind.SCRIPT, _is_script),
    (FileKind.ZOO_YAML, _is_zoo_yaml),
    (FileKind.PYTHON, _is_python),
    (FileKind.LOG, _is_log),
    (FileKind.TEXT, _is_text),
    (FileKind.ONNX, _is_named(".onnx")),
    (FileKind.TFLITE, _is_named(".tflite")),
    (FileKind.HEF, _is_named(".hef")),
)
