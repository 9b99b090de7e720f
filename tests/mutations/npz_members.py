"""Changes of npz files: of their arrays, one or all of a kind, and of the names of these."""

from __future__ import annotations

import io
import zipfile

from tests.mutations.arrays import changed_npy
from tests.mutations.drawing import NothingToChange, Random, pick

Entries = dict[str, bytes]


def changed_npz(random: Random, data: bytes) -> tuple[bytes, str]:
    """Change arrays of an npz file, or which of them there are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = {name: file.read(name) for name in file.namelist()}
    except Exception as error:  # whatever zipfile makes of what was changed before
        raise NothingToChange from error
    told = _changed(random, entries)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return stream.getvalue(), told


def _changed(random: Random, entries: Entries) -> str:
    name = pick(random, list(entries))
    match int(random.integers(10)):
        case 0:
            del entries[name]
            return f"{name} left out"
        case 1:
            ending = name.rpartition("/")[2]
            return _without(entries, [each for each in entries if each.endswith(ending)])
        case 2:
            start = name.rpartition("/")[0]
            return _without(entries, [each for each in entries if each.startswith(start)])
        case 3:
            other = pick(random, list(entries))
            entries[name], entries[other] = entries[other], entries[name]
            return f"{name} and {other} exchanged"
        case 4:
            wanted = pick(random, [name.replace(":0", ""), f"x/{name}", name.upper(), "x.npy", " "])
            entries[wanted] = entries.pop(name)
            return f"{name} renamed to {wanted!r}"
    entries[name], told = changed_npy(random, entries[name])
    return f"{name} {told}"


def _without(entries: Entries, names: list[str]) -> str:
    for name in names:
        del entries[name]
    return f"{len(names)} arrays like {names[0]} left out"
