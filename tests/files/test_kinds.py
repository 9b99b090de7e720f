"""Which kind a file is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files.made import FILES, onnx_model, zipped
from tests.har.samples import ROOT
from utils.files.kinds import FileKind, kind_of
from utils.files.wanted import Wanted
from utils.files.ways_on import way_on


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_known_by_what_is_in_it(name: str, tmp_path: Path) -> None:
    content, kind = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    found = kind_of(str(path))
    assert (found.name if found else "") == kind


def test_every_kind_is_shown() -> None:
    shown = {kind for _, kind in FILES.values()} - {""}
    assert {kind.name for kind in FileKind} == shown | {"FOLDER", "SAVED_MODEL"}


def test_folders(tmp_path: Path) -> None:
    assert kind_of(str(tmp_path)) is FileKind.FOLDER
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01\x12\x02ab")
    assert kind_of(str(tmp_path)) is FileKind.SAVED_MODEL
    assert kind_of(str(tmp_path / "saved_model.pb")) is FileKind.SAVED_MODEL


@pytest.mark.parametrize("path", ["none", "", "a\0b", "/dev/null"])
def test_what_is_no_file_has_no_kind(path: str) -> None:
    assert kind_of(path) is None


def test_names_count_only_where_nothing_else_tells(tmp_path: Path) -> None:
    damaged = tmp_path / "net.onnx"
    damaged.write_bytes(onnx_model()[:-1])
    assert kind_of(str(damaged)) is FileKind.ONNX
    other = tmp_path / "net.hef"
    other.write_bytes(onnx_model())
    assert kind_of(str(other)) is FileKind.ONNX
    assert kind_of(str(ROOT / "main.py")) is FileKind.PYTHON


def test_a_damaged_list_of_members_is_survived(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.npy": b"x"}))
    directory = content.index(b"PK\x01\x02")
    content[directory + 6] = 64  # a version of the format that nobody has yet
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(content))
    assert kind_of(str(path)) is FileKind.PACKED


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    kind_of(str(path))
    for wanted in Wanted:
        way_on(str(path), wanted)
