"""Damaged arrays, and damage anywhere, end in one sentence."""

from __future__ import annotations

import io
import pickle
import re
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.har.archives import NAME, npz, rewrite, write_small
from tests.har.damage import flipped, message_of, read_whole
from tests.house.fuzzing import examples
from utils.errors import DiagnosticError
from utils.har.model import load_model


def pickled() -> bytes:
    return npz(**{f"{NAME}/conv1/kernel:0": np.array([{"run": "me"}], dtype=object)})


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(name, data)
    return stream.getvalue()


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + data


BAD_ARRAYS = {
    "pickled": pickled(),
    "pickle itself": pickle.dumps([1, 2, 3]),
    "pickle in a zip": zipped("a.npy", pickle.dumps([1, 2, 3])),
    "no zip": b"not a zip file",
    "empty": b"",
    "no array": zipped("a.npy", b""),
    "unknown version": zipped("a.npy", npy("{}", version=b"\x09\x00")),
    "no header": zipped("a.npy", npy("")),
    "code": zipped("a.npy", npy("__import__('os').system('true')")),
    "wrong keys": zipped("a.npy", npy("{1: 2, 'a': 3}")),
    "deep header": zipped("a.npy", npy("(" * 3000)),
    "object type": zipped(
        "a.npy", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"cbuiltins\n")
    ),
    "too short": zipped(
        "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9,)}", b"1234")
    ),
    "too long": zipped(
        "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", b"12345678")
    ),
    "enormous": zipped(
        "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,)}", b"")
    ),
    "negative": zipped(
        "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", b"1234")
    ),
}


@pytest.mark.parametrize("content", BAD_ARRAYS.values(), ids=list(BAD_ARRAYS))
@pytest.mark.parametrize("suffix", ["q.npz", "stats.npz"])
def test_damaged_arrays(content: bytes, suffix: str, small: str) -> None:
    assert f"{NAME}.{suffix}" in message_of(rewrite(small, {suffix: content}))


def test_pickles_are_named_as_such(small: str) -> None:
    assert "never loaded" in message_of(rewrite(small, {"fpo.npz": pickled()}))


@pytest.mark.parametrize("suffix", ["npz", "fpo.npz", "q.npz", "ho.npz", "stats.npz"])
def test_flipped_byte_in_array_data_is_noticed(suffix: str, small: str) -> None:
    message = message_of(flipped(small, suffix))
    assert re.search(rf"{NAME}.{suffix}' .*(damaged|no readable)", message)


def test_damaged_hef_and_script(tmp_path: Path) -> None:
    path = write_small(tmp_path / "model.har", state="compiled_model", script="a = 1\n")
    assert load_model(path).state == "compiled_model"
    assert "HEF" in message_of(rewrite(path, {"hef": b"\x7fELF"}))
    path = write_small(tmp_path / "other.har", script="a = 1\n")
    assert "UTF-8" in message_of(rewrite(path, {"alls": b"\xff\xfe"}))


@cache
def written(state: str) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        return Path(write_small(Path(directory) / "small.har", state=state)).read_bytes()


@cache
def structure(content: bytes) -> tuple[int, ...]:
    """Offsets of tar headers, zip directories and array headers."""
    offsets: list[int] = []
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            offsets += range(member.offset, member.offset_data)
            stream = tar.extractfile(member)
            if member.name.endswith(".npz") and stream:
                with zipfile.ZipFile(stream) as file:
                    entries = [entry.header_offset for entry in file.infolist()]
                    directory = file.start_dir
                offsets += (member.offset_data + e + i for e in entries for i in range(0, 200, 3))
                offsets += range(member.offset_data + directory, member.offset_data + member.size)
    return tuple(offset for offset in offsets if offset < len(content))


@pytest.mark.parametrize(
    "state", ["quantized_model", pytest.param("compiled_model", marks=pytest.mark.slow)]
)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_random_damage_ends_in_a_sentence(state: str, data: st.DataObject) -> None:
    """Flip bytes anywhere, half of them where the structure is."""
    intact = written(state)
    places = st.one_of(st.integers(0, len(intact) - 1), st.sampled_from(structure(intact)))
    flips = data.draw(st.lists(st.tuples(places, st.integers(1, 255)), min_size=1, max_size=8))
    content = bytearray(intact)
    for offset, mask in flips:
        content[offset] ^= mask
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "damaged.har"
        path.write_bytes(content)
        try:
            read_whole(str(path))
        except DiagnosticError as error:
            assert str(path) in str(error)
