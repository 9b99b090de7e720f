"""Damaged and hostile archives end in one sentence, never in a traceback."""

from __future__ import annotations

import gc
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.har.archives import NAME, members_of, rewrite, write_small
from tests.har.damage import message_of, raw_archive
from tests.har.samples import PARSED, QUANTIZED, sample_path
from utils.errors import ArchiveError, NotQuantizedError
from utils.har import archive
from utils.har import npz as npz_module
from utils.har.archive import open_archive
from utils.har.model import load_model

# The quiet case.


def test_intact_archive_opens(small: str) -> None:
    found = open_archive(small)
    assert found.metadata["state"] == "quantized_model"
    assert set(found.arrays) == {
        "params",
        "params_fp_opt",
        "params_hailo_optimized",
        "params_translated",
        "params_statistics",
    }
    assert len(found.sha256) == 64


def test_members_are_found_through_metadata_not_through_the_file_name(small: str) -> None:
    renamed = Path(small).rename(Path(small).with_name("anything.bin"))
    assert load_model(str(renamed)).name == NAME


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_open(name: str) -> None:
    found = open_archive(sample_path(name))
    assert found.metadata["state"] in ("quantized_model", "compiled_model")
    assert set(found.json) == {"hn", "native_hn", "fp_hn", "original_model_meta"}
    assert ("auto_model_script" in found.texts) == (found.metadata["state"] == "compiled_model")


# States before quantization.


@pytest.mark.parametrize("state", ["hailo_model", "fp_optimized_model"])
@pytest.mark.parametrize("weightless", [False, True])
def test_unquantized_states_say_what_to_run(state: str, weightless: bool, tmp_path: Path) -> None:
    path = write_small(tmp_path / "model.har", state=state, weightless=weightless)
    message = message_of(path, NotQuantizedError)
    assert "Model is not quantized" in message
    assert state in message
    with pytest.raises(NotQuantizedError) as caught:
        load_model(path)
    assert caught.value.commands[0].startswith(f"hailo optimize {path}")


@pytest.mark.parametrize("name", PARSED)
def test_real_parsed_archives_are_refused(name: str) -> None:
    assert "Model is not quantized" in message_of(sample_path(name), NotQuantizedError)


def test_unknown_state_is_named(small: str) -> None:
    assert "'running'" in message_of(rewrite(small, metadata={"state": "running"}))


# No tar, or not all of it.


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 512, b"\0" * 10240, b"no tar at all", b"\x01HEF" * 300, bytes(range(256)) * 8],
    ids=["empty", "one block", "zeros", "short", "hef", "bytes"],
)
def test_not_a_tar(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.har"
    path.write_bytes(content)
    message_of(str(path))


def test_compressed_tar_is_refused(intact: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.har"
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo("net.har")
        entry.size = len(intact)
        tar.addfile(entry, io.BytesIO(intact))
    message_of(str(path))


def test_missing_file_and_directory(tmp_path: Path) -> None:
    assert "does not exist" in message_of(str(tmp_path / "absent.har"))
    assert "is a folder, not a Hailo Archive" in message_of(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "said", "command"),
    [
        ("net.har", b"\x01HEF" + bytes(600), "is a compiled program", "./main.py MODEL.har"),
        ("net.onnx", bytes(range(256)), "is an ONNX model", "hailo parser onnx net.onnx"),
        ("a.har", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
    ],
)
def test_a_file_of_another_kind_leads_on(
    name: str, content: bytes, said: str, command: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        open_archive(name)
    assert said in str(caught.value)
    assert caught.value.commands[0].startswith(command)


def test_an_archive_of_archives_is_to_be_unpacked(intact: bytes, tmp_path: Path) -> None:
    path = tmp_path / "all.har"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("net.har")
        entry.size = len(intact)
        tar.addfile(entry, io.BytesIO(intact))
    with pytest.raises(ArchiveError) as caught:
        open_archive(str(path))
    assert caught.value.commands == (f"tar -xf {path}", "./main.py net.har")


def test_every_truncation_is_noticed(intact: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.har"
    with tarfile.open(fileobj=io.BytesIO(intact)) as tar:
        members = tar.getmembers()
    end = members[-1].offset_data + members[-1].size
    edges = [edge for m in members for edge in (m.offset, m.offset_data, m.offset_data + m.size)]
    offsets = {edge + step for edge in edges for step in (-513, -1, 0, 1, 100, 512)}
    offsets |= set(range(7, end, end // 97))
    for offset in sorted(offset for offset in offsets if 0 <= offset < end):
        path.write_bytes(intact[:offset])
        message_of(str(path))


# Hostile members.


def hostile(small: str, **attributes: Any) -> str:
    """Append one member that was made with these attributes."""
    with tarfile.open(small, "a") as tar:
        entry = tarfile.TarInfo(attributes.pop("name", f"{NAME}.extra"))
        for key, value in attributes.items():
            setattr(entry, key, value)
        tar.addfile(entry, io.BytesIO(bytes(entry.size)))
    return small


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../outside", "a/../../outside", "..", "\\absolute", "a\\..\\..\\b", "/"],
)
def test_names_that_leave_the_archive(name: str, small: str) -> None:
    assert "hostile" in message_of(hostile(small, name=name))


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
        tarfile.CONTTYPE,
    ],
)
def test_what_is_no_plain_file(kind: bytes, small: str) -> None:
    changed = hostile(small, type=kind, linkname=f"{NAME}.hn")
    if kind == tarfile.CONTTYPE:
        # Contiguous files are files in all but name; nothing here treats them otherwise.
        assert load_model(changed).name == NAME
    else:
        assert "not a regular file" in message_of(changed)


def test_name_that_occurs_twice(small: str) -> None:
    assert "two members" in message_of(hostile(small, name=f"{NAME}.hn"))


def test_links_are_not_followed_to_metadata(tmp_path: Path) -> None:
    path = tmp_path / "model.har"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo(f"{NAME}.metadata.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    assert "hostile" in message_of(str(path))


# Bounds.


def test_member_size_is_bounded(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 1000)
    assert "at most 1000 are allowed" in message_of(small)


def with_size_field(small: str, field: bytes) -> str:
    """Give the first member another size, with a header checksum that fits."""
    with tarfile.open(small) as tar:
        header = tar.getmembers()[0].offset_data - 512
    data = bytearray(Path(small).read_bytes())
    data[header + 124 : header + 136] = field
    data[header + 148 : header + 156] = b" " * 8
    data[header + 148 : header + 156] = b"%06o\0 " % sum(data[header : header + 512])
    Path(small).write_bytes(data)
    return small


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (b"77777777777\0", "claims 8589934591 bytes"),
        (b"\xff" * 10 + b"\xfe\x00", "claims -512 bytes"),
        (b"\x80" + b"\xff" * 11, "bytes; at most"),
        (b"no number at", "not a Hailo Archive"),
    ],
    ids=["8 GiB", "negative", "beyond a word", "text"],
)
def test_claimed_size_takes_no_memory(field: bytes, words: str, small: str) -> None:
    assert words in message_of(with_size_field(small, field))


def extended_header(record: bytes, kind: bytes = b"x") -> bytes:
    entry = tarfile.TarInfo("PaxHeader")
    entry.type, entry.size = kind, len(record)
    return entry.tobuf(tarfile.USTAR_FORMAT) + record + bytes(-len(record) % 512)


def record(text: str) -> bytes:
    body = f" {text}\n"
    length = next(n for n in range(len(body), 999) if n == len(body) + len(str(n)))
    return f"{length}{body}".encode()


@pytest.mark.parametrize(
    "content",
    [
        extended_header(record("size=-5")),
        extended_header(record("size=many")),
        extended_header(record("GNU.sparse.map=a,b")),
        extended_header(record("GNU.sparse.size=q"), kind=b"g"),
        extended_header(record("GNU.sparse.major=1") + record("GNU.sparse.minor=0")),
        extended_header(b"99999999999999999999 size=3\n"),
        extended_header(b"0 size=3\n"),
        extended_header(record("path=../outside")),
        extended_header(record("size=3")) * 3000,
        extended_header(record("path=x"), kind=b"L") * 3000,
    ],
    ids=[
        "negative size",
        "size in words",
        "sparse map in words",
        "sparse size in words",
        "sparse map that is data",
        "long record",
        "record of no length",
        "climbing path",
        "chain of headers",
        "chain of long names",
    ],
)
def test_extended_headers(content: bytes, intact: bytes, tmp_path: Path) -> None:
    """They come before the member that they describe, here the first one."""
    path = tmp_path / "model.har"
    # Behind the first member's own extended header: what stands last wins.
    path.write_bytes(intact[:1024] + content + intact[1024:])
    gc.collect()  # what other tests left would be finalized on a stack that is full
    message_of(str(path))


def test_number_of_members_is_bounded(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 4)
    assert "more than 4 members" in message_of(small)


def test_json_size_is_bounded(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_JSON_BYTES", 700)
    assert "at most 700 allowed" in message_of(small)


@pytest.mark.parametrize(("limit", "value"), [("MAX_ARRAYS", 3), ("MAX_UNPACKED_BYTES", 500)])
def test_unpacked_size_is_bounded(
    limit: str, value: int, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz_module, limit, value)
    assert f"{value}" in message_of(small)


# Members named by the metadata.

MEMBER_KEYS = {
    "hn": "hn",
    "native_hn": "native.hn",
    "fp_hn": "fp.hn",
    "params": "npz",
    "params_fp_opt": "fpo.npz",
    "params_hailo_optimized": "ho.npz",
    "params_translated": "q.npz",
    "params_statistics": "stats.npz",
    "original_model_meta": "original_model_meta.json",
}


@pytest.mark.parametrize("key", MEMBER_KEYS)
def test_named_member_is_absent(key: str, small: str) -> None:
    message = message_of(rewrite(small, {MEMBER_KEYS[key]: None}))
    assert key in message
    assert "no such member" in message


@pytest.mark.parametrize("key", ["fp_hn", "params_fp_opt", "params_translated"])
def test_quantized_archive_that_does_not_name_what_it_needs(key: str, small: str) -> None:
    assert repr(key) in message_of(rewrite(small, metadata={key: None}))


@pytest.mark.parametrize("key", ["native_hn", "params_hailo_optimized", "params_statistics"])
def test_quantized_archive_without_what_older_compilers_leave_out(key: str, small: str) -> None:
    model = load_model(rewrite(small, {MEMBER_KEYS[key]: None}, {key: None}))
    assert model.encoding(f"{NAME}/conv1") is not None


@pytest.mark.parametrize("key", ["state", "model_name", "hn"])
@pytest.mark.parametrize("value", [7, None, ["net.hn"], {"net.hn": 1}])
def test_metadata_of_the_wrong_type(key: str, value: Any, small: str) -> None:
    """`model_name` has to stay readable for the rewriting itself."""
    metadata = json.loads(members_of(small)[f"{NAME}.metadata.json"])
    members = {**members_of(small)}
    members[f"{NAME}.metadata.json"] = json.dumps({**metadata, key: value}).encode()
    assert f"no text under {key!r}" in message_of(raw_archive(small, members))


@pytest.mark.parametrize("value", [7, [], {}, "net.absent", True])
@pytest.mark.parametrize("weightless", [False, True])
def test_member_key_of_the_wrong_type(value: Any, weightless: bool, small: str) -> None:
    changed = rewrite(
        small, metadata={"params_translated": value, "force_weightless_model": weightless}
    )
    assert "no such member" in message_of(changed)


@pytest.mark.parametrize("value", [7, [], {}])
def test_weights_key_of_the_wrong_type_in_a_weightless_archive(value: Any, small: str) -> None:
    changed = rewrite(small, metadata={"params": value, "force_weightless_model": True})
    try:
        load_model(changed)
    except ArchiveError as error:
        assert "params" in str(error)


def test_weightless_archive_needs_no_native_weights(small: str) -> None:
    changed = rewrite(small, {"npz": None}, {"force_weightless_model": True})
    assert load_model(changed).name == NAME


@pytest.mark.parametrize("count", [0, 2])
def test_metadata_is_there_exactly_once(count: int, small: str) -> None:
    members = members_of(small)
    metadata = members.pop(f"{NAME}.metadata.json")
    members.update({f"copy{index}.metadata.json": metadata for index in range(count)})
    assert "exactly one" in message_of(raw_archive(small, members))
