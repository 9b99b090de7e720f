"""Changes of archives, member by member."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from tests.files.made import tarred
from tests.mutations.documents import changed_document
from tests.mutations.drawing import Change, NothingToChange, Random, happens, pick
from tests.mutations.npz_members import changed_npz
from tests.mutations.raw_bytes import changed_bytes
from tests.mutations.texts import changed_text

# How often a member is changed compared with others, and what changes it: by the end of its name.
MEMBERS: Mapping[str, tuple[int, Change]] = {
    ".native.hn": (2, changed_document),
    ".fp.hn": (3, changed_document),
    ".hn": (6, changed_document),
    ".json": (3, changed_document),
    ".q.npz": (8, changed_npz),
    ".ho.npz": (6, changed_npz),
    ".fpo.npz": (4, changed_npz),
    ".npz": (2, changed_npz),
    ".alls": (3, changed_text),
    ".hef": (1, changed_bytes),
}


def changed_archive(random: Random, data: bytes) -> tuple[bytes, str]:
    """Change a member of an archive; now and then which members there are, or any bytes."""
    if happens(random, 0.02):
        return changed_bytes(random, data)
    members = members_of(data)
    if happens(random, 0.06):
        told = _other_members(random, members)
    else:
        drawn = [name for name in members for _ in range(_rule(name)[0])]
        name = pick(random, drawn)
        members[name], change = _rule(name)[1](random, members[name])
        told = f"{name}: {change}"
    return tarred(members), told


def members_of(data: bytes) -> dict[str, bytes]:
    """Content by name of the members of a tar.

    Raises
    ------
    NothingToChange : it cannot be read.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            entries = [(entry.name, tar.extractfile(entry)) for entry in tar]
            return {name: stream.read() for name, stream in entries if stream}
    except Exception as error:  # whatever tarfile makes of what was changed before
        raise NothingToChange from error


def _rule(name: str) -> tuple[int, Change]:
    found = (rule for ending, rule in MEMBERS.items() if name.endswith(ending))
    return next(found, (1, changed_bytes))


def _other_members(random: Random, members: dict[str, bytes]) -> str:
    name, other = pick(random, list(members)), pick(random, list(members))
    match int(random.integers(4)):
        case 0:
            del members[name]
            return f"{name} left out"
        case 1:
            members[name], members[other] = members[other], members[name]
            return f"{name} and {other} exchanged"
        case 2:
            members[name] = b""
            return f"{name} emptied"
    members[pick(random, ["../x", "x", f"{name}x", "nms.json"])] = members.pop(name)
    return f"{name} renamed"
