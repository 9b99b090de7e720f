"""Opening a Hailo Archive: a flat, uncompressed tar of named members.

An archive is untrusted input. Nothing is extracted to disk, nothing is unpickled, every
size is bounded before memory is taken for it. Members are read when somebody asks for them,
and checked then; that the tar is whole is checked when it is opened.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from utils.errors import ArchiveError
from utils.errors.faults import blame_the_machine
from utils.files.wanted import Wanted
from utils.files.ways_on import refuse_foreign, way_on
from utils.har.archive_file import ArchiveFile, Member
from utils.har.npz import NpzMember
from utils.har.on_demand import OnDemand

T = TypeVar("T")

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
    """The members of a HAR, found through its metadata; each is read when it is asked for.

    A member that turns out damaged then raises `DamagedMemberError`.

    Parameters
    ----------
    file : what the members are read from.
    metadata : parsed metadata.json.
    json : parsed JSON members by metadata key.
    arrays : npz members by metadata key.
    texts : model scripts by metadata key.
    nms_configs : JSON members that may configure the non-maximum suppression, by member name;
        metadata need not name them, and nothing vouches for what they hold.
    unread : sentences on such members that are not read.
    """

    file: ArchiveFile = field(repr=False)
    metadata: Mapping[str, Any]
    json: Mapping[str, Any] = field(repr=False)
    arrays: Mapping[str, NpzMember] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    nms_configs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    unread: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where the archive was read from."""
        return self.file.path

    @cached_property
    def sha256(self) -> str:
        """Digest of the file, hexadecimal; all of the file is read for it."""
        return self.file.sha256()

    def check_reads(self) -> None:
        """Make sure that whatever was read so far was whole.

        Raises
        ------
        DamagedMemberError : it was not, whatever somebody made of that.
        """
        self.file.check()


_ONE = "where a HAR has exactly one; this is not a Hailo Archive, or it is truncated"
_AGAIN = "save it again with runner.save_har(...) or copy it again"


def open_archive(path: str) -> Archive:
    """Find the members of a HAR; only its metadata are read.

    Raises
    ------
    ArchiveError : the file does not exist, is no tar, is truncated, or holds a member that is
        hostile (absolute or climbing name, link, device) or too large, or lacks one.
    DamagedMemberError : the metadata, or the first bytes of a HEF, are damaged.
    """
    if not os.path.isfile(path):
        refuse_foreign(path, Wanted.ARCHIVE, ArchiveError)
        what = "is not a file" if os.path.exists(path) else "does not exist"
        raise ArchiveError(f"{path} {what}; pass the path of a .har archive")
    try:
        file = ArchiveFile(path)
        with tarfile.open(fileobj=file.stream, mode="r:") as tar:
            members = _safe_members(file, tar)
        if not any(name.endswith(METADATA_SUFFIX) for name in members):
            raise _foreign(path) or ArchiveError(f"no members end in {METADATA_SUFFIX}, {_ONE}")
        return _archive(file, members)
    except TAR_DAMAGE as error:
        blame_the_machine(error, path)
        raise _foreign(path) or ArchiveError(
            f"{path} is not a Hailo Archive, or it is truncated ({error}); {_AGAIN}"
        ) from error
    except OSError as error:
        blame_the_machine(error, path)
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error
    except ArchiveError as error:
        if error.next_step:
            raise
        raise ArchiveError(f"{path}: {error}") from error


def _foreign(path: str) -> ArchiveError | None:
    """The error to raise for a file that is known to be of another kind."""
    found = way_on(path, Wanted.ARCHIVE)
    return ArchiveError(found.fact, found.remedy, found.commands) if found else None


def _archive(file: ArchiveFile, members: Mapping[str, Member]) -> Archive:
    metadata = _metadata(members)
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
        _check_hef(members[named["hef"]])
    nms_configs, unread = _nms_configs(members, metadata, named)

    def readers(keys: Sequence[str], read: Callable[[Member], T]) -> dict[str, Callable[[], T]]:
        return {key: partial(read, members[named[key]]) for key in keys if key in named}

    return Archive(
        file=file,
        metadata=metadata,
        json=OnDemand(readers(JSON_KEYS, _json)),
        arrays={key: NpzMember(members[named[key]]) for key in ARRAY_KEYS if key in named},
        texts=OnDemand(readers(TEXT_KEYS, _text)),
        nms_configs=OnDemand(
            {each.name: partial(each.whole, MAX_NMS_CONFIG_BYTES) for each in nms_configs}
        ),
        unread=unread,
    )


def _nms_configs(
    members: Mapping[str, Member], metadata: Mapping[str, Any], named: Mapping[str, Any]
) -> tuple[list[Member], tuple[str, ...]]:
    """Members that may configure the NMS, and why others are left out, which is no damage."""
    pointed_at = [v for k, v in metadata.items() if "nms" in k.lower() and isinstance(v, str)]
    found: list[Member] = []
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
        if member.size > MAX_NMS_CONFIG_BYTES:
            unread.append(
                f"member {name!r} has {member.size} bytes; at most {MAX_NMS_CONFIG_BYTES} allowed"
            )
        else:
            found.append(member)
    return found, tuple(unread)


def _is_member_key(key: str) -> bool:
    return key in (*JSON_KEYS, *ARRAY_KEYS, *TEXT_KEYS, "hef")


def _safe_members(file: ArchiveFile, tar: tarfile.TarFile) -> dict[str, Member]:
    members: dict[str, Member] = {}
    for entry in tar:
        _check_member(entry)
        if entry.name in members:
            raise ArchiveError(f"two members are named {entry.name!r}")
        members[entry.name] = Member(file, entry.name, entry.offset_data, entry.size)
        if len(members) > MAX_MEMBERS:
            raise ArchiveError(f"more than {MAX_MEMBERS} members; a HAR holds about a dozen")
    return members


def _check_member(member: tarfile.TarInfo) -> None:
    name = member.name
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise ArchiveError(f"member {name!r} has an absolute or climbing name; refused as hostile")
    if not member.isreg() or member.issparse():
        raise ArchiveError(f"member {name!r} is not a regular file; refused as hostile")
    if not 0 <= member.size <= MAX_MEMBER_BYTES:
        raise ArchiveError(
            f"member {name!r} claims {member.size} bytes; at most {MAX_MEMBER_BYTES} are allowed"
        )


def _metadata(members: Mapping[str, Member]) -> dict[str, Any]:
    names = [name for name in members if name.endswith(METADATA_SUFFIX)]
    if len(names) != 1:
        raise ArchiveError(f"{len(names)} members end in {METADATA_SUFFIX}, {_ONE}")
    metadata = _json(members[names[0]])
    if not isinstance(metadata, dict):
        raise ArchiveError(f"{names[0]} holds no JSON object")
    for key in ("state", "model_name", "hn"):
        if not isinstance(metadata.get(key), str):
            raise ArchiveError(f"{names[0]} has no text under {key!r}")
    return metadata


def _text(member: Member) -> str:
    try:
        return member.whole(MAX_JSON_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise member.damaged("is damaged: it is not UTF-8 text") from error


def _json(member: Member) -> Any:
    try:
        return json.loads(_text(member))
    except (ValueError, RecursionError) as error:
        raise member.damaged(f"holds invalid JSON ({error})") from error


def _check_hef(member: Member) -> None:
    if member.read(len(HEF_MAGIC)) != HEF_MAGIC:
        raise member.damaged("is damaged: it does not start like a HEF")
