"""Results on disk: whole or not at all, and checked when they are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from utils.fleet import store as store_module
from utils.fleet.rows import Row
from utils.fleet.store import Store, key_of, write_whole

KEY = key_of("slice", "abc", [0, 4])
VALUE = Row("a", "a.har", "x.npy", 0, verdict="Fine.")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert store.read(Row, KEY) is None
    store.write(KEY, VALUE)
    assert store.read(Row, KEY) == VALUE
    assert [path.name for path in tmp_path.rglob("*.npz")] == [f"{KEY}.npz"]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_what_is_damaged_is_not_there(damage: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write(KEY, VALUE)
    path = Path(store.path(KEY))
    data = path.read_bytes()
    changed = data.replace(b"Fine", b"Fire")
    damaged = {"cut": data[:-30], "changed": changed, "empty": b"", "other": b"\x80\x04N."}
    assert damaged[damage] != data
    path.write_bytes(damaged[damage])
    assert store.read(Row, KEY) is None


def test_keys_depend_on_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {KEY, key_of("slice", "abc", [0, 5]), key_of("slice", "abd", [0, 4]), key_of("join")}
    assert len(keys) == 4
    assert key_of("slice", "abc", [0, 4]) == KEY
    monkeypatch.setattr(store_module, "VERSION", "another")
    assert key_of("slice", "abc", [0, 4]) != KEY


def test_a_file_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(str(path), b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]
