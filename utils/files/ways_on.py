"""What to do with a file of another kind than the one that was asked for."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from utils.errors import DiagnosticError
from utils.facts.optimize_command import CHIP, DATASET, optimize_command
from utils.files.absent import absent
from utils.files.binaries import is_packed_archive
from utils.files.folders import ARCHIVE, folder_way, passed
from utils.files.glimpse import Glimpse, glimpse_of
from utils.files.kinds import FileKind, kind_of
from utils.files.packing import unpacked_path, unpacking_line
from utils.files.typed import PYTHON, typed, unpacking
from utils.files.wanted import Wanted
from utils.tool import STARTED as TOOL
from utils.wording import printable

_MODEL_BYTES = 1 << 16  # of the names in a PyTorch file


_PACKED = {FileKind.PACKED_ARCHIVES, FileKind.GZIP, FileKind.PACKED}
_MODELS = {FileKind.ONNX, FileKind.TFLITE, FileKind.KERAS, FileKind.HDF5, FileKind.SAVED_MODEL}
# What may be read as that. A log may be told in any text, and be part of a page or a notebook.
_TAKEN = {
    Wanted.ARCHIVE: {FileKind.HAILO_ARCHIVE},
    Wanted.SCRIPT: {FileKind.SCRIPT, FileKind.TEXT, FileKind.EMPTY},
    Wanted.NMS_CONFIG: {FileKind.NMS_CONFIG, FileKind.JSON, FileKind.TEXT},
    Wanted.REPORT: {FileKind.REPORT, FileKind.JSON},
    Wanted.LOG: {
        FileKind.LOG,
        FileKind.TEXT,
        FileKind.JSON,
        FileKind.WEB_PAGE,
        FileKind.PYTHON,
        FileKind.ZOO_YAML,
        FileKind.EMPTY,
    },
    Wanted.REFERENCE: _MODELS,
    # Raw values may look like anything, so only what is certainly a model is none.
    Wanted.DEVICE_OUTPUTS: set(FileKind)
    - _MODELS
    - {FileKind.HAILO_ARCHIVE, FileKind.HEF, FileKind.PYTORCH},
}

# Files of models that outputs are kept in as well, and how they become arrays.
_KEEPING_TENSORS = {
    FileKind.HDF5: "np.savez('outputs.npz', **{name: file[name][()] for name in file})",
    FileKind.PYTORCH: "np.savez('outputs.npz', **{name: x.numpy() for name, x in file.items()})",
}


@dataclass(frozen=True)
class WayOn:
    """Where a file of another kind leads.

    Parameters
    ----------
    fact : what the file is, as a sentence without period.
    remedy : what to do, one imperative sentence.
    commands : what to type for it, in order.
    """

    fact: str
    remedy: str
    commands: tuple[str, ...] = ()


def way_on(path: str, wanted: Wanted) -> WayOn | None:
    """Where a file leads that cannot be what it is taken for; None where it may be that."""
    if missing := absent(path):
        fact, line = f"{printable(path)} {missing.fact}", missing.command
        return WayOn(fact, missing.remedy, (line,) if line else ())
    kind = kind_of(path)
    if kind is None or kind in _TAKEN[wanted]:
        return None
    fact = f"{printable(path)} is {kind.value}, not {wanted.value}"
    if kind is FileKind.FOLDER:
        remedy, commands = folder_way(path, wanted)
    elif kind in _PACKED:
        remedy, commands = _unpacked(path, wanted)
    elif kind in _KEEPING_TENSORS and wanted is Wanted.DEVICE_OUTPUTS:
        remedy, commands = _saved_as_arrays(kind)
    else:
        remedy, commands = _WAYS[kind](path)
    return WayOn(fact, remedy, commands)


Way = tuple[str, tuple[str, ...]]


def refuse_foreign(path: str, wanted: Wanted, error: type[DiagnosticError]) -> None:
    """Refuse a file that cannot be what it is taken for.

    Raises
    ------
    DiagnosticError : of the type `error`; with what to do.
    """
    found = way_on(path, wanted)
    if found is not None:
        raise error(found.fact, found.remedy, found.commands)


def _tool(*words: str) -> str:
    return f"{TOOL} {typed(*words)}"


def _saved_as_arrays(kind: FileKind) -> Way:
    """What to do with outputs that were kept in a file for the weights of models."""
    said = _KEEPING_TENSORS[kind]
    return f"If it holds outputs of the chip, save them as arrays of numpy: `{said}`.", ()


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0] or "model"


def _parsed(path: str, framework: str) -> Way:
    stem = _stem(path)
    return (
        "Parse it, quantize the archive that comes out, and pass the quantized archive.",
        (
            typed("hailo", "parser", framework, path, "--hw-arch", CHIP),
            optimize_command(f"{stem}.har"),
            _tool("-d", DATASET, f"{stem}_optimized.har"),
        ),
    )


def _converted(path: str, load: str, remedy: str) -> Way:
    target = f"{_stem(path)}.tflite"
    code = f"import tensorflow as tf; open({target!r}, 'wb').write({load}.convert())"
    return (
        remedy,
        (
            typed(PYTHON, "-c", code),
            typed("hailo", "parser", "tf", target, "--hw-arch", CHIP),
        ),
    )


def _saved_model(path: str) -> Way:
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    load = f"tf.lite.TFLiteConverter.from_saved_model({folder!r})"
    remedy = "Convert the folder of the model to TFLite, and parse that."
    return _converted(os.path.abspath(folder), load, remedy)


def _keras(path: str, remedy: str = "Convert it to TFLite, and parse that.") -> Way:
    load = f"tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model({path!r}))"
    return _converted(path, load, remedy)


def _hdf5(path: str) -> Way:
    return _keras(path, "Convert it to TFLite if it is a Keras model, and parse that.")


def _pytorch(path: str) -> Way:
    parse = typed("hailo", "parser", "onnx", f"{_stem(path)}.onnx", "--hw-arch", CHIP)
    if _is_of_ultralytics(path):
        export = typed("yolo", "export", f"model={path}", "format=onnx", "opset=11")
        return "Export it as ONNX, and parse that.", (export, parse)
    return "Export the network with torch.onnx.export(...) in Python, and parse that.", (parse,)


def _is_of_ultralytics(path: str) -> bool:
    """Whether the names of classes in it say that Ultralytics wrote it; nothing is loaded."""
    with suppress(OSError, zipfile.BadZipFile, ValueError, LookupError, RuntimeError):
        archive = zipfile.ZipFile(path)
        name = next((each for each in archive.namelist() if each.endswith("data.pkl")), "")
        with archive, archive.open(name) as stream:
            return b"ultralytics" in stream.read(_MODEL_BYTES)
    return False


def _hef(path: str) -> Way:
    beside = f"{os.path.splitext(path)[0]}.har"
    archive = beside if beside != path and os.path.isfile(beside) else ARCHIVE
    return (
        "Pass the archive from which it was compiled, since a HEF holds the program alone.",
        (_tool(archive),),
    )


def _unpacked(path: str, wanted: Wanted) -> Way:
    """Of a packed file; what comes out is passed as what was asked for."""
    file = glimpse_of(path)
    if file is None:
        return "Unpack it, and pass the file in it.", ()
    if is_packed_archive(file) and wanted is Wanted.ARCHIVE:
        remedy, inside = "Unpack it, and pass the archive.", unpacked_path(file)
    else:
        remedy, inside = "Unpack it, and pass the file in it.", _named_inside(file, wanted)
    return remedy, (unpacking_line(file), passed(inside, wanted))


def _named_inside(file: Glimpse, wanted: Wanted) -> str:
    """The file to pass, where it is known."""
    unpacked = unpacked_path(file)
    if wanted is not Wanted.ARCHIVE:
        return unpacked
    unseen = [unpacked] if not file.unpacked_head else []
    names = [*file.members, *unseen]
    return next((name for name in names if name.lower().endswith(".har")), "")


def _lfs(path: str) -> Way:
    folder, name = os.path.split(path)
    # Patterns are held against paths in the repository, which a bare name fits anywhere.
    place = ["-C", folder] if folder else []
    return (
        "Fetch the file in its repository.",
        (typed("git", *place, "lfs", "pull", "--include", name),),
    )


def _checkpoint(path: str) -> Way:
    target = f"{_stem(path)}.tflite"
    return (
        "Load it in TensorFlow, save the whole model, convert that to TFLite, and parse it.",
        (typed("hailo", "parser", "tf", target, "--hw-arch", CHIP),),
    )


def _always(remedy: str, *commands: str) -> Callable[[str], Way]:
    return lambda path: (remedy, commands)


def _option(option: str, remedy: str) -> Callable[[str], Way]:
    return lambda path: (remedy, (_tool(option, path, ARCHIVE),))


def _first(path: str) -> Way:
    return "Pass the archive without an option.", (_tool(path),)


def _packed_pictures(module: str) -> Callable[[str], Way]:
    return lambda path: (
        "Unpack it, and pass the folder as data, beside the archive.",
        (unpacking(module, path, _stem(path)), _tool("-d", _stem(path), ARCHIVE)),
    )


def _linted(path: str) -> Way:
    return "Check the script by itself, or pass the archive.", (_tool("--lint-script", path),)


_AGAIN = _always("Download or copy the file again.")
_CHECK_PATH = _always("Check the path.")
_SAMPLES = _always(
    "Make an npy file or a folder of pictures of it, and pass that as data with -d.",
    _tool("-d", DATASET, ARCHIVE),
)
_WAYS: dict[FileKind, Callable[[str], Way]] = {
    FileKind.EMPTY: _AGAIN,
    FileKind.GIT_LFS: _lfs,
    FileKind.WEB_PAGE: _AGAIN,
    FileKind.HAILO_ARCHIVE: _first,
    FileKind.ONNX: lambda path: _parsed(path, "onnx"),
    FileKind.TFLITE: lambda path: _parsed(path, "tf"),
    FileKind.HEF: _hef,
    FileKind.PYTORCH: _pytorch,
    FileKind.SAFETENSORS: _pytorch,
    FileKind.KERAS: _keras,
    FileKind.CHECKPOINT: _checkpoint,
    FileKind.SAVED_MODEL: _saved_model,
    FileKind.ARRAYS: _option("-d", "Pass it as data, beside the archive."),
    FileKind.HDF5: _hdf5,
    FileKind.PICKLE: _SAMPLES,
    FileKind.PICTURE: _always(
        "Pass pictures as data, beside the archive.", _tool("-d", DATASET, ARCHIVE)
    ),
    FileKind.PICTURE_LIST: _SAMPLES,
    FileKind.ZIP_OF_PICTURES: _packed_pictures("zipfile"),
    FileKind.TAR_OF_PICTURES: _packed_pictures("tarfile"),
    FileKind.VIDEO: _SAMPLES,
    FileKind.TABLE: _SAMPLES,
    FileKind.REPORT: _option("--baseline", "Pass it as an earlier run, beside the archive."),
    FileKind.NMS_CONFIG: _option("--nms-config", "Pass it beside the archive."),
    FileKind.JSON: _CHECK_PATH,
    FileKind.SCRIPT: _linted,
    FileKind.ZOO_YAML: _always(
        "Pass the model script that it names, since the compiler does not read it."
    ),
    FileKind.PYTHON: _always(
        "Write the lines of the model script into a file of their own, and pass that."
    ),
    FileKind.LOG: _option("--dfc-log", "Pass it as a log, beside the archive."),
    FileKind.TEXT: _CHECK_PATH,
}
