"""Members are read when somebody asks for them, not earlier, and checked then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.har.archives import NAME, rewrite
from tests.har.damage import flipped
from utils.errors import DamagedMemberError
from utils.har.archive import open_archive
from utils.har.archive_file import ArchiveFile, Member
from utils.har.model import load_model
from utils.har.parameters import Parameters

KERNEL = f"{NAME}/conv1/kernel:0"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of members, each as often as bytes of it were read."""
    names: list[str] = []

    def watched(method: Callable[..., bytes]) -> Callable[..., bytes]:
        def noted(member: Member, *arguments: Any) -> bytes:
            names.append(member.name.removeprefix(f"{NAME}."))
            return method(member, *arguments)

        return noted

    for name in ("read", "whole"):
        monkeypatch.setattr(Member, name, watched(getattr(Member, name)))
    return names


def test_opening_reads_the_metadata_only(small: str, read: list[str]) -> None:
    open_archive(small)
    assert set(read) == {"metadata.json"}


def test_loading_a_model_reads_its_graphs(small: str, read: list[str]) -> None:
    load_model(small)
    assert set(read) == {"metadata.json", "hn", "fp.hn"}


def test_an_array_is_read_without_the_other_members(small: str, read: list[str]) -> None:
    model = load_model(small)
    read.clear()
    assert "kernel" in model.quantized.layer(f"{NAME}/conv1")
    model.quantized.layer(f"{NAME}/conv1")["kernel"]
    assert set(read) == {"q.npz"}


def test_checksums_are_known_without_reading_arrays(small: str) -> None:
    model = load_model(small)
    layer = model.float_parameters.layer(f"{NAME}/conv1")
    other = model.float_parameters.layer(f"{NAME}/conv2")
    assert layer.checksum("kernel:0") == layer.checksum("kernel")
    assert layer.checksum("kernel") != other.checksum("kernel")
    with pytest.raises(KeyError):
        Parameters(None, model.network).layer(f"{NAME}/conv1").checksum("kernel")


def test_an_array_is_read_without_the_other_arrays(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = open_archive(small).arrays["params_hailo_optimized"]
    assert KERNEL in arrays  # reads the directory
    size = 0
    read_at = ArchiveFile.read_at

    def counted(file: ArchiveFile, offset: int, wanted: int) -> bytes:
        nonlocal size
        data = read_at(file, offset, wanted)
        size += len(data)
        return data

    monkeypatch.setattr(ArchiveFile, "read_at", counted)
    array = arrays[KERNEL]
    assert array.nbytes < size < array.nbytes + 500


@pytest.mark.parametrize("name", ["json", "texts"])
def test_a_text_is_read_once(small: str, read: list[str], name: str) -> None:
    found = getattr(open_archive(rewrite(small, {"alls": b"a = 1\n"}, SCRIPT)), name)
    key = next(iter(found))
    assert key in found
    assert found[key] == found[key]
    assert len(read) == 2  # the metadata before


SCRIPT = {"model_script": f"{NAME}.alls"}


def test_damage_is_found_with_the_array_that_has_it(small: str) -> None:
    archive = open_archive(flipped(small, "q.npz"))
    arrays = archive.arrays["params_translated"]
    archive.check_reads()
    for key in arrays:
        if key != f"{NAME}/fc1/kernel:0":
            arrays[key]
    archive.check_reads()
    with pytest.raises(DamagedMemberError, match=r"small.har: member 'net.q.npz' is damaged"):
        arrays[f"{NAME}/fc1/kernel:0"]
    with pytest.raises(DamagedMemberError, match=r"small.har: member 'net.q.npz' is damaged"):
        archive.check_reads()


def test_a_file_that_is_replaced_stays_as_it_was(small: str, tmp_path: Path) -> None:
    archive = open_archive(small)
    other = tmp_path / "other.har"
    other.write_bytes(b"something else")
    os.replace(other, small)
    assert archive.arrays["params_translated"][KERNEL].size
    assert len(archive.sha256) == 64


def written_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1000)


def touched(path: Path) -> None:
    os.utime(path, (0, 0))


@pytest.mark.parametrize("change", [written_over, touched])
def test_a_file_that_somebody_writes_to_is_not_read_on(
    change: Callable[[Path], None], small: str
) -> None:
    archive = open_archive(small)
    assert KERNEL in archive.arrays["params_translated"]
    change(Path(small))
    for ask in (
        lambda: archive.arrays["params_translated"][KERNEL],
        lambda: archive.json["hn"],
        lambda: archive.sha256,
        archive.check_reads,
    ):
        with pytest.raises(DamagedMemberError, match="was changed while it was read; run again"):
            ask()
