"""Small files of every kind, as the programs write them that make such files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile
from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper


def onnx_model() -> bytes:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "ab"]
    graph = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "g", values[:1], values[1:])
    return bytes(helper.make_model(graph, producer_name="pytorch").SerializeToString())


def onnx_without_producer() -> bytes:
    model = onnx.load_model_from_string(onnx_model())
    model.producer_name = ""
    return bytes(model.SerializeToString())


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


HDF5 = b"\x89HDF\r\n\x1a\n"
ULTRALYTICS = b"\x80\x02cultralytics.nn.tasks\nDetectionModel\n"
LOG = "".join(f"[info] 10:00:0{i} step {i}\n" for i in range(5))
README = "# A tool\n\nIt shows what it does:\n\n```text\n" + LOG + "```\n\n" + "More words.\n" * 5
TRACEBACK = LOG + "Traceback (most recent call last):\n" + '  File "a.py", line 1\n' * 4
NMS = {"nms_scores_th": 0.2, "nms_iou_th": 0.7, "bbox_decoders": []}
REPORT = {"schema_version": 2, "tool": {"name": "x"}, "bbox_decoders": 1}
PROGRAM = '# a\n\nr"""What\n\nit\n\ndoes."""\n\nimport a.b as c  # words\n'
SCRIPT = "# a script\nnormalization1 = normalization([0, 0, 0], [255, 255, 255])\n"
YAML = "network:\n  network_name: x\npaths:\n  network_path: y\n"

# Name of a file that is none of the kind's own, its content, and the name of the kind.
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "EMPTY"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "GIT_LFS"),
    "page": (b"\n<!DOCTYPE html><html><body>404</body></html>", "WEB_PAGE"),
    "har": (tarred({"net.metadata.json": b"{}"}), "HAILO_ARCHIVE"),
    "tar of har": (tarred({"a/net.har": b"x"}), "PACKED_ARCHIVES"),
    "zip of har": (zipped({"net.HAR": b"x"}), "PACKED_ARCHIVES"),
    "tar.gz of har": (gzip.compress(tarred({"net.har": b"x"})), "PACKED_ARCHIVES"),
    "gz of har": (gzip.compress(tarred({"net.hn": b"x", "net.npz": bytes(99)})), "GZIP"),
    "onnx": (onnx_model(), "ONNX"),
    "onnx without producer": (onnx_without_producer(), "ONNX"),
    "tflite": (b"\x1c\0\0\0TFL3\x14\0\x20\0", "TFLITE"),
    "hef": (b"\x01HEF\0\0\0\x02", "HEF"),
    "pytorch": (zipped({"best/data.pkl": ULTRALYTICS, "best/data/0": b"1"}), "PYTORCH"),
    "old pytorch": (bytes.fromhex("80028a0a6cfc9c46f9206aa850192e"), "PYTORCH"),
    "safetensors": (b"\x10\0\0\0\0\0\0\0" + b'{"a":1}' + bytes(30), "SAFETENSORS"),
    "keras": (zipped({"config.json": b"{}", "model.weights.h5": b"x"}), "KERAS"),
    "keras h5": (HDF5 + b"keras_version" + bytes(20), "KERAS"),
    "h5": (HDF5 + bytes(20), "HDF5"),
    "checkpoint": (b'model_checkpoint_path: "ckpt-1"\n', "CHECKPOINT"),
    "index": (bytes(40) + bytes.fromhex("57fb808b247547db"), "CHECKPOINT"),
    "ckpt.data-00000-of-00001": (bytes(range(99)), "CHECKPOINT"),
    "npy": (saved(np.zeros(3)), "ARRAYS"),
    "npz": (zipped({"a.npy": saved(np.zeros(3))}), "ARRAYS"),
    "jpg": (b"\xff\xd8\xff\xe0" + bytes(20), "PICTURE"),
    "gif": (b"GIF89a" + bytes(20), "PICTURE"),
    "pickle": (pickle.dumps({"a": 1}), "PICKLE"),
    "zip of pictures": (zipped({"a/0.JPG": b"x", "a/notes": b"x"}), "ZIP_OF_PICTURES"),
    "tar of pictures": (tarred({"a/0.png": b"x"}), "TAR_OF_PICTURES"),
    "tar of hn": (tarred({"net.hn": b"{}"}), "HAILO_ARCHIVE"),
    "mp4": (b"\0\0\0\x20ftypisom" + bytes(40), "VIDEO"),
    "avi": (b"RIFF\0\0\0\0AVI LIST", "VIDEO"),
    "mkv": (b"\x1a\x45\xdf\xa3" + bytes(40), "VIDEO"),
    "list": (b"a/0.png\na/1.jpeg\n", "PICTURE_LIST"),
    "table": (b"BMI,age\n20.5,30\n21,-4e1\n", "TABLE"),
    "gz": (gzip.compress(b"x" * 100), "GZIP"),
    "gz of pictures": (gzip.compress(tarred({"a/0.png": b"x"})), "GZIP"),
    "xz": (lzma.compress(b"x" * 100), "PACKED"),
    "xz of har": (lzma.compress(tarred({"net.hn": b"x", "net.npz": bytes(99)})), "PACKED"),
    "bz2 of har": (bz2.compress(tarred({"net.hn": b"x", "net.npz": bytes(99)})), "PACKED"),
    "tar.xz of har": (lzma.compress(tarred({"net.har": b"x"})), "PACKED_ARCHIVES"),
    "zst": (b"\x28\xb5\x2f\xfd" + bytes(40), "PACKED"),
    "zip": (zipped({"readme": b"x"}), "PACKED"),
    "report": (json.dumps(REPORT).encode(), "REPORT"),
    "nms": (b"\xef\xbb\xbf" + json.dumps(NMS).encode(), "NMS_CONFIG"),
    "json": (b'{"a": 1}', "JSON"),
    "json list": (b"[[0.5, 1]]", "JSON"),
    "long json list": (b"[" + b"-1.5e3, " * 9999 + b"0]", "JSON"),
    "script": (SCRIPT.encode(), "SCRIPT"),
    "yaml": (YAML.encode(), "ZOO_YAML"),
    "python": (b"#!/usr/bin/env python3\nimport numpy as np\n", "PYTHON"),
    "python behind words": (PROGRAM.encode(), "PYTHON"),
    "log": (LOG.encode(), "LOG"),
    "dated log": (b"[2024-01-31 10:00:00] step\n" * 3000, "LOG"),
    "log with a traceback": (TRACEBACK.encode(), "LOG"),
    "page with a log in it": (README.encode(), "TEXT"),
    "text": (b"some words\n", "TEXT"),
    "words like a program": (b"import the file\nfrom there on\nclass names\n", "TEXT"),
    "one line of a log": (b"[info] done\n", "TEXT"),
    "text like a zip": (b"PK is no word\n", "TEXT"),
    "unknown": (bytes(range(128, 256)), ""),
    "tar of something": (tarred({"readme": b"x"}), ""),
    "cut har": (tarred({"net.metadata.json": bytes(2000)})[:1500], ""),
}
