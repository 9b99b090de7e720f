"""Files of another kind: known by what is in them, and every line that is given runs."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import json
import lzma
import pickle
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.dataset.refusals import refusal
from tests.files.made import LOG, NMS, REPORT, YAML, onnx_model
from tests.files.made import SCRIPT as MODEL_SCRIPT
from tests.fixtures.picture_folders import input_layer, photos
from tests.har.archives import write_small
from utils.dataset.calibration_set import open_dataset
from utils.dataset.foreign.kinds import KINDS
from utils.errors import DatasetError
from utils.files.kinds import FileKind
from utils.har.network import Shape

ROWS = np.arange(24, dtype=np.float32).reshape(4, 1, 1, 6)
ROW: Shape = (1, 1, 6)


class Hostile:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("something was unpickled",)


def png() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(photos(1)[0]).save(stream, "PNG")
    return stream.getvalue()


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return stream.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def table(separator: str = ",", header: str = "") -> bytes:
    lines = [separator.join(map(str, row)) for row in ROWS.reshape(4, 6).tolist()]
    return "\n".join([header] * bool(header) + lines).encode() + b"\n"


SCRIPT = b"""import numpy as np


def batches():
    for i in range(4):
        yield [np.arange(6 * i, 6 * i + 6, dtype=np.float32).reshape(1, 1, 1, 6)]
"""
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
EXAMPLES: dict[str, tuple[bytes, str]] = {
    "lfs.npy": (LFS, "a pointer of Git LFS"),
    "page.npy": (b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
    "calib.pkl": (pickle.dumps(ROWS), "a pickle, which is never loaded"),
    "dict.pickle": (pickle.dumps({"a": ROWS}), "a pickle, which is never loaded"),
    "model.pt": (zipped(archive__data_DOT_pkl=b"x"), "a file of PyTorch"),
    "other.har": (tarred("net.hn", b"{}"), "a Hailo Archive"),
    "net.hef": (b"\x01HEF" + bytes(40), "a network"),
    "net.tflite": (b"\x1c\0\0\0TFL3" + bytes(40), "a network"),
    "net.onnx": (onnx_model(), "a network"),
    "net.keras": (zipped(model_DOT_weights_DOT_h5=b"x"), "a network"),
    "checkpoint": (b'model_checkpoint_path: "ckpt-1"\n', "a network"),
    "pictures.zip": (zipped(calib__0_DOT_png=png()), "pictures packed into a zip file"),
    "pictures.tar": (tarred("calib/0.png", png()), "pictures packed into a tar file"),
    "calib.npy.gz": (gzip.compress(b"x"), "packed with gzip"),
    "calib.h5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file"),
    "film.mp4": (b"\0\0\0\x20ftypisom" + bytes(40), "a video"),
    "film.avi": (b"RIFF\0\0\0\0AVI LIST", "a video"),
    "list.txt": (b"0.png\n1.png\n", "a list of pictures"),
    "calib.py": (SCRIPT, "a Python script"),
    "rows.csv": (table(), "a table of numbers as text"),
    "named.csv": (table(header="a,b,c,d,e,f"), "a table of numbers as text"),
    "spaced.txt": (table(" "), "a table of numbers as text"),
    "german.csv": (table(";"), "a table of numbers as text"),
    "archives.zip": (zipped(net_DOT_har=b"x"), "packed Hailo Archives"),
    "report.json": (json.dumps(REPORT).encode(), "a report of this tool"),
    "nms.json": (json.dumps(NMS).encode(), "a configuration of NMS"),
    "net.alls": (MODEL_SCRIPT.encode(), "a model script"),
    "net.yaml": (YAML.encode(), "a YAML file of a model zoo"),
    "run.log": (LOG.encode(), "a log"),
    "calib.json": (json.dumps(ROWS.tolist()).encode(), "a JSON file"),
}


def refused(path: Path, shape: Shape = ROW) -> DatasetError:
    return refusal(path, input_layer(shape))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("ending", ["", ".npy"], ids=["", "whatever its name"])
def test_a_kind_is_told_by_content_not_by_name(tmp_path: Path, name: str, ending: str) -> None:
    content, what = EXAMPLES[name]
    path = tmp_path / (name + ending)
    path.write_bytes(content)
    error = refused(path)
    assert error.finding_id == "calibration-file-kind"
    assert what in error.headline
    assert error.evidence == str(path)


def test_every_kind_has_an_example() -> None:
    told = {what for _, what in EXAMPLES.values()}
    headlines = [kind.headline for kind in KINDS.values()]
    assert [line for line in headlines if not any(what in line for what in told)] == []


def test_what_may_be_samples_is_not_refused() -> None:
    taken = {FileKind.ARRAYS, FileKind.PICTURE, FileKind.FOLDER}
    unknown = {FileKind.EMPTY, FileKind.TEXT, FileKind.PACKED, FileKind.SAFETENSORS}
    assert set(FileKind) - KINDS.keys() == taken | unknown


def test_a_pickle_is_not_loaded_to_find_out(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(pickle.dumps(Hostile()))
    assert "pickle" in refused(path).headline


def run(line: str, folder: Path) -> None:
    line = line.replace("python3", sys.executable, 1)
    subprocess.run(line, shell=True, cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    "name",
    "calib.pkl dict.pickle rows.csv named.csv spaced.txt german.csv calib.json calib.py".split(),
)
@pytest.mark.parametrize("stem", ["", 'it\'s "odd" $HOME; '], ids=["plain", "odd"])
def test_the_line_makes_the_array(tmp_path: Path, name: str, stem: str) -> None:
    path = tmp_path / (stem + name)
    path.write_bytes(EXAMPLES[name][0])
    run(refused(path).command, tmp_path)
    (made,) = tmp_path.glob("*.np[yz]")
    calibration = open_dataset(str(made), [input_layer(ROW)], 64)
    (batch,) = calibration.batches(64)
    np.testing.assert_array_equal(batch["net/input_layer1"], ROWS)


@pytest.mark.parametrize("name", ["pictures.zip", "pictures.tar", "list.txt"])
def test_the_line_makes_a_folder_of_pictures(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(EXAMPLES[name][0])
    for picture in ("0.png", "1.png"):
        (tmp_path / picture).write_bytes(png())
    error = refused(path)
    run(error.command, tmp_path)
    folder = tmp_path / path.stem
    assert f"`-d {path.stem}`" in error.remedy
    calibration = open_dataset(str(folder), [input_layer()], 64)
    np.testing.assert_array_equal(next(calibration.batches(1))["net/input_layer1"], photos(1))


def saved_rows() -> bytes:
    stream = io.BytesIO()
    np.save(stream, ROWS)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("ending", "pack", "program"),
    [
        ("gz", gzip.compress, "gunzip"),
        ("xz", lzma.compress, "unxz"),
        ("bz2", bz2.compress, "bunzip2"),
    ],
)
def test_the_line_unpacks_an_array(
    ending: str, pack: Callable[[bytes], bytes], program: str, tmp_path: Path
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    path = tmp_path / f"x.npy.{ending}"
    path.write_bytes(pack(saved_rows()))
    run(refused(path).command, tmp_path)
    assert open_dataset(str(tmp_path / "x.npy"), [input_layer(ROW)], 64).samples == 4


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("x.tar", bytes),
        ("x.tar.gz", gzip.compress),
        ("x.tgz", gzip.compress),
        ("x.tar.xz", lzma.compress),
        ("x.txz", lzma.compress),
    ],
)
def test_the_line_makes_a_folder_of_arrays(
    name: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """What was packed twice is unpacked at once."""
    path = tmp_path / name
    path.write_bytes(pack(tarred("rows.npy", saved_rows())))
    error = refused(path)
    assert "`-d x`" in error.remedy
    run(error.command, tmp_path)
    assert open_dataset(str(tmp_path / "x"), [input_layer(ROW)], 64).samples == 4


def test_a_zip_file_of_arrays_is_read_as_it_is(tmp_path: Path) -> None:
    """numpy writes such files, and calls them npz."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rows.npy", saved_rows())
        archive.writestr("README.txt", "rows")
    assert open_dataset(str(path), [input_layer(ROW)], 64).samples == 4


@pytest.mark.parametrize(
    ("name", "pixels"), [("x.yuv", "yuv420p"), ("x.NV12", "nv12"), ("x.yuy2", "yuyv422")]
)
def test_raw_frames_become_pictures(tmp_path: Path, name: str, pixels: str) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 36)
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(path), [input_layer((64, 96, 3))], 64)
    assert caught.value.finding_id == "calibration-file-kind"
    assert f"-pix_fmt {pixels} -s 96x64 " in caught.value.command
    assert "`-d x`" in caught.value.remedy


def test_names_alone_make_no_frames_of_other_data(tmp_path: Path) -> None:
    path = tmp_path / "x.yuv"
    np.save(tmp_path / "rows.npy", ROWS)
    (tmp_path / "rows.npy").rename(path)
    assert open_dataset(str(path), [input_layer(ROW)], 64).samples == 4


def needs(found: object) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not found, reason="what the line calls is not installed")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("model.pt", marks=needs(importlib.util.find_spec("torch"))),
        pytest.param("calib.h5", marks=needs(importlib.util.find_spec("h5py"))),
    ],
)
def test_lines_for_other_packages_make_the_array(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    _WRITERS[name](str(path))
    run(refused(path).command, tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / f"{path.stem}.npy"), ROWS)


def _write_tensor(path: str) -> None:
    torch: Any = importlib.import_module("torch")
    torch.save(torch.from_numpy(ROWS), path)


def _write_hdf5(path: str) -> None:
    h5py: Any = importlib.import_module("h5py")
    with h5py.File(path, "w") as file:
        file["samples"] = ROWS


_WRITERS: dict[str, Callable[[str], None]] = {"model.pt": _write_tensor, "calib.h5": _write_hdf5}


def test_every_line_is_plain_shell(tmp_path: Path) -> None:
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash")
    for name, (content, _) in EXAMPLES.items():
        path = tmp_path / name
        path.write_bytes(content)
        subprocess.run([shell, "-n", "-c", refused(path).command], check=True)


def test_real_archives_and_ordinary_arrays(tmp_path: Path) -> None:
    assert "Hailo Archive" in refused(Path(write_small(tmp_path / "small.har"))).headline
    np.save(tmp_path / "x.npy", ROWS)
    np.savez(tmp_path / "x.npz", **dict[str, Any]({"calib/0.png": ROWS}))
    for name in ("x.npy", "x.npz"):
        assert open_dataset(str(tmp_path / name), [input_layer(ROW)], 64).samples == 4


def test_a_folder_whose_pictures_are_pointers_is_told_so(tmp_path: Path) -> None:
    for index in range(3):
        (tmp_path / f"{index}.jpg").write_bytes(LFS)
    error = refused(tmp_path, (24, 32, 3))
    assert "Git LFS" in error.headline
    assert error.command == "git lfs pull"


def test_texts_that_are_nothing_known_are_no_arrays(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    path.write_text("some words, and more words\n")
    with pytest.raises(DatasetError, match="not a numpy array"):
        open_dataset(str(path), [input_layer()], 64)
