"""Files by address: fetched once, and a reason where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from utils.errors import UsageError
from utils.fleet.storage import absolute, matching, on_disk


@pytest.fixture
def memory() -> Iterator[Any]:
    fsspec = pytest.importorskip("fsspec")
    found = fsspec.filesystem("memory")
    found.pipe({"/fleet/a.har": b"one", "/fleet/b.har": b"two", "/fleet/data/x.npy": b"three"})
    yield found
    found.rm("/fleet", recursive=True)


def test_paths_stay_paths(tmp_path: Path) -> None:
    path = str(tmp_path / "a.har")
    assert on_disk(path, "unused") == path
    assert absolute("a.har", str(tmp_path)) == absolute(f"file://{path}", "/") == path


@pytest.mark.usefixtures("memory")
def test_addresses_are_fetched_once(tmp_path: Path, memory: Any) -> None:
    assert matching("memory://fleet/*.har") == ["memory:///fleet/a.har", "memory:///fleet/b.har"]
    first = on_disk("memory://fleet/a.har", str(tmp_path))
    assert Path(first).read_bytes() == b"one"
    assert Path(first).name == "a.har"
    written = Path(first).stat().st_mtime_ns
    assert on_disk("memory://fleet/a.har", str(tmp_path)) == first
    assert Path(first).stat().st_mtime_ns == written
    memory.pipe({"/fleet/a.har": b"another"})
    assert Path(on_disk("memory://fleet/a.har", str(tmp_path))).read_bytes() == b"another"


@pytest.mark.usefixtures("memory")
def test_folders_are_fetched_as_a_whole(tmp_path: Path) -> None:
    folder = Path(on_disk("memory://fleet/data", str(tmp_path)))
    assert [path.name for path in folder.rglob("*.npy")] == ["x.npy"]


@pytest.mark.parametrize("address", ["memory://fleet/none.har", "unheard://of/a.har"])
def test_what_cannot_be_fetched_is_one_sentence(address: str, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(UsageError, match="cannot be read") as caught:
        on_disk(address, str(tmp_path))
    assert address in str(caught.value)
    assert list(tmp_path.iterdir()) == []
