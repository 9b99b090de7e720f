"""The outer fields of a message in protocol buffers, in which ONNX models are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

# Fields of ModelProto in onnx.proto: version of the format, producer, domain, versions, graph,
# imported operators, metadata, training, functions, configuration.
_MODEL_FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_VERSION, _GRAPH = 1, 7
_VARINT, _LENGTH = 0, 2
_MAX_FIELDS = 100_000  # models with functions of their own have thousands


def is_onnx(path: str, size: int) -> bool:
    """Whether a file is one whole ModelProto with a graph.

    Parameters
    ----------
    size : of the file in bytes.
    """
    try:
        with open(path, "rb") as stream:
            fields = set(_fields(stream, size))
    except (OSError, ValueError):
        return False
    return {_VERSION, _GRAPH} <= fields


def _fields(stream: BinaryIO, size: int) -> Iterator[int]:
    """Numbers of the fields in order; ValueError where no message of that kind can be."""
    for _ in range(_MAX_FIELDS):
        if stream.tell() == size:
            return
        field, kind = divmod(_varint(stream), 8)
        if field not in _MODEL_FIELDS or kind not in (_VARINT, _LENGTH):
            raise ValueError("no field of a model")
        value = _varint(stream)
        if kind == _LENGTH:
            if stream.tell() + value > size:
                raise ValueError("a field ends behind the file")
            stream.seek(value, 1)
        yield field
    raise ValueError("too many fields")


def _varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = stream.read(1)
        if not byte:
            raise ValueError("the file ends inside a number")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("the number is too long")
