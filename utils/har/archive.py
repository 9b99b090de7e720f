"""Opening a Hailo Archive: a flat, uncompressed tar of named members.

An archive is untrusted input. Nothing is extracted to disk, nothing is unpickled, every
size is bounded before memory is taken for it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from utils.errors import ArchiveError
from utils.har.npz import NpzMember

# The largest public networks for these chips stay below 2 GiB in all members together; the
# bounds only have to keep a hostile file from filling the memory.
MAX_MEMBERS = 10_000
MAX_MEMBER_BYTES = 4 << 30
MAX_JSON_BYTES = 256 << 20
# Real configurations have a few kilobytes, and a network has one.
MAX_NMS_CONFIG_BYTES, MAX_NMS_CONFIGS = 16 << 20, 8
HEF_MAGIC = b"\x01HEF"
# What tarfile raises on bad headers beside its own errors: numbers that are none, sizes beyond
# a machine word, endless chains of extended headers.
TAR_DAMAGE = (
    tarfile.TarError,
    EOFError,
    ValueError,
    OverflowError,
    RecursionError,
    MemoryError,
)

# What metadata.json calls each member. The first group is JSON, the second arrays.
JSON_KEYS = ("hn", "native_hn", "fp_hn", "original_model_meta")
ARRAY_KEYS = (
    "params",
    "params_fp_opt",
    "params_hailo_optimized",
    "params_translated",
    "params_statistics",
)
TEXT_KEYS = ("model_script", "auto_model_script")
METADATA_SUFFIX = ".metadata.json"


@dataclass(frozen=True)
class Archive:
    """The members of a HAR, found through its metadata and checked for damage.

    Parameters
    ----------
    path : where the archive was read from.
    sha256 : digest of the file, hexadecimal.
    metadata : parsed metadata.json.
    json : parsed JSON members by metadata key.
    arrays : npz members by metadata key; single arrays are decoded on demand.
    texts : model scripts by metadata key.
    nms_configs : JSON members that may configure the non-maximum suppression, by member name;
        metadata need not name them, and nothing vouches for what they hold.
    unread : sentences on such members that could not be read.
    """

    path: str
    sha256: str
    metadata: Mapping[str, Any]
    json: Mapping[str, Any] = field(repr=False)
    arrays: Mapping[str, NpzMember] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    nms_configs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    unread: tuple[str, ...] = ()


def open_archive(path: str) -> Archive:
    """Read a HAR and check every member that its metadata names.

    Raises
    ------
    ArchiveError : the file does not exist, is no tar, is truncated, holds a member that is
        hostile (absolute or climbing name, link, device), too large, missing or damaged.
    """
    if not os.path.isfile(path):
        raise ArchiveError(f"{path} does not exist or is no file; pass the path of a .har archive")
    try:
        with open(path, "rb") as file:
            digest = _sha256(file)
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:") as tar:
                return _read(path, digest, tar)
    except TAR_DAMAGE as error:
        raise ArchiveError(
            f"{path} is not a Hailo Archive, or it is truncated ({error}); "
            "save it again with runner.save_har(...) or copy it again"
        ) from error
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error
    except ArchiveError as error:
        raise ArchiveError(f"{path}: {error}") from error


def _sha256(file: io.BufferedReader) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _read(path: str, digest: str, tar: tarfile.TarFile) -> Archive:
    members = _safe_members(tar)
    metadata = _metadata(tar, members)
    named = {key: value for key, value in metadata.items() if _is_member_key(key)}
    if metadata.get("force_weightless_model") and str(named.get("params")) not in members:
        named.pop("params", None)
    for key, name in named.items():
        if not isinstance(name, str) or name not in members:
            raise ArchiveError(
                f"metadata.json names {name!r} as {key!r}, but the archive holds no such member; "
                "it is truncated or was changed by hand"
            )
    if "hef" in named:
        _check_hef(tar, members[named["hef"]])
    nms_configs, unread = _nms_configs(tar, members, metadata, named)
    return Archive(
        path=path,
        sha256=digest,
        metadata=metadata,
        json={key: _json(tar, members[named[key]]) for key in JSON_KEYS if key in named},
        arrays={
            key: NpzMember(named[key], _bytes(tar, members[named[key]], MAX_MEMBER_BYTES))
            for key in ARRAY_KEYS
            if key in named
        },
        texts={key: _text(tar, members[named[key]]) for key in TEXT_KEYS if key in named},
        nms_configs=nms_configs,
        unread=unread,
    )


def _nms_configs(
    tar: tarfile.TarFile,
    members: Mapping[str, tarfile.TarInfo],
    metadata: Mapping[str, Any],
    named: Mapping[str, Any],
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Members that may configure the NMS; the archive is whole without them, so damage is told."""
    pointed_at = [v for k, v in metadata.items() if "nms" in k.lower() and isinstance(v, str)]
    found: dict[str, bytes] = {}
    unread = []
    for name, member in members.items():
        is_other = name.endswith(METADATA_SUFFIX) or name in named.values()
        is_candidate = "nms" in name.lower() or name in pointed_at
        if is_other or not is_candidate or not name.lower().endswith(".json"):
            continue
        if len(found) == MAX_NMS_CONFIGS:
            unread.append(
                f"more than {MAX_NMS_CONFIGS} members may be NMS configurations; "
                "the others were not read"
            )
            break
        try:
            found[name] = _bytes(tar, member, MAX_NMS_CONFIG_BYTES)
        except ArchiveError as error:
            unread.append(str(error))
    return found, tuple(unread)


def _is_member_key(key: str) -> bool:
    return key in (*JSON_KEYS, *ARRAY_KEYS, *TEXT_KEYS, "hef")


def _safe_members(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    members: dict[str, tarfile.TarInfo] = {}
    for member in tar:
        _check_member(member)
        if member.name in members:
            raise ArchiveError(f"two members are named {member.name!r}")
        members[member.name] = member
        if len(members) > MAX_MEMBERS:
            raise ArchiveError(f"more than {MAX_MEMBERS} members; a HAR holds about a dozen")
    return members


def _check_member(member: tarfile.TarInfo) -> None:
    name = member.name
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise ArchiveError(f"member {name!r} has an absolute or climbing name; refused as hostile")
    if not member.isreg() or member.issparse():
        raise ArchiveError(f"member {name!r} is no regular file; refused as hostile")
    if not 0 <= member.size <= MAX_MEMBER_BYTES:
        raise ArchiveError(
            f"member {name!r} claims {member.size} bytes; at most {MAX_MEMBER_BYTES} are allowed"
        )


def _metadata(tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> dict[str, Any]:
    names = [name for name in members if name.endswith(METADATA_SUFFIX)]
    if len(names) != 1:
        raise ArchiveError(
            f"{len(names) or 'no'} members end in {METADATA_SUFFIX}, where a HAR has exactly one; "
            "this is no Hailo Archive, or it is truncated"
        )
    metadata = _json(tar, members[names[0]])
    if not isinstance(metadata, dict):
        raise ArchiveError(f"{names[0]} holds no JSON object")
    for key in ("state", "model_name", "hn"):
        if not isinstance(metadata.get(key), str):
            raise ArchiveError(f"{names[0]} has no text under {key!r}")
    return metadata


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    if member.size > limit:
        raise ArchiveError(
            f"member {member.name!r} has {member.size} bytes; at most {limit} allowed"
        )
    stream = tar.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise ArchiveError(
            f"member {member.name!r} ends after {len(data)} of {member.size} bytes; "
            "the archive is truncated"
        )
    return data


def _text(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    try:
        return _bytes(tar, member, MAX_JSON_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArchiveError(f"member {member.name!r} is damaged: it is not UTF-8 text") from error


def _json(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    try:
        return json.loads(_text(tar, member))
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"member {member.name!r} holds invalid JSON ({error})") from error


def _check_hef(tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    stream = tar.extractfile(member)
    if not stream or stream.read(len(HEF_MAGIC)) != HEF_MAGIC:
        raise ArchiveError(f"member {member.name!r} is damaged: it does not start like a HEF")
