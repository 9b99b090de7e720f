"""Files by path, or by an address such as ``s3://bucket/model.har``, through fsspec."""

from __future__ import annotations

import hashlib
import os
import posixpath
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import glob, has_magic
from typing import Any

from utils.errors import UsageError
from utils.wording import short

_SCHEME = "://"
_LOCAL = "file://"


def is_address(path: str) -> bool:
    """Whether something other than the file system of this machine has to be asked."""
    return _SCHEME in path and not path.startswith(_LOCAL)


def absolute(path: str, folder: str) -> str:
    """A path from a folder, or an address, as it is called everywhere."""
    if is_address(path):
        return path
    return os.path.abspath(os.path.join(folder, path.removeprefix(_LOCAL)))


def matching(path: str) -> list[str]:
    """What a pattern stands for, sorted; what is no pattern stands for itself.

    Raises
    ------
    UsageError : the storage behind an address cannot be asked.
    """
    if not has_magic(path) or os.path.exists(path):
        return [path]
    if not is_address(path):
        return sorted(glob(path, recursive=True))
    with _storage_faults(path):
        system, inner = _opened(path)
        return sorted(system.unstrip_protocol(found) for found in system.glob(inner))


def on_disk(path: str, folder: str) -> str:
    """A path under which a file, or a folder, can be opened on this machine.

    Parameters
    ----------
    folder : where copies of what lies elsewhere are kept; each version is fetched once.

    Raises
    ------
    UsageError : it cannot be fetched.
    """
    if not is_address(path):
        return path
    with _storage_faults(path):
        system, inner = _opened(path)
        version = (
            f"{path}\0{system.ukey(inner) if system.isfile(inner) else _listing(system, inner)}"
        )
        name = hashlib.sha256(version.encode()).hexdigest()[:32]
        target = os.path.join(folder, name, posixpath.basename(inner.rstrip("/")) or "data")
        if not os.path.exists(target):
            _fetch(system, inner, target)
        return target


def _fetch(system: Any, inner: str, target: str) -> None:
    # Under another name until it is whole: another process may want it at the same time.
    unfinished = f"{os.path.dirname(target)}.{secrets.token_hex(8)}"
    os.makedirs(unfinished)
    try:
        system.get(inner, os.path.join(unfinished, os.path.basename(target)), recursive=True)
        with suppress(OSError):  # another one was faster
            os.rename(unfinished, os.path.dirname(target))
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _listing(system: Any, inner: str) -> str:
    found = system.find(inner, detail=True)
    return repr([(name, each.get("size")) for name, each in sorted(found.items())])


def _opened(path: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    system, inner = url_to_fs(path)
    return system, inner


@contextmanager
def _storage_faults(path: str) -> Iterator[None]:
    """Say in one sentence what a storage complains about, whatever its library raises."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{short(path, 200)} cannot be read, as a package is missing "
            f"({short(str(error), 200)}); install it on every worker"
        ) from error
    except Exception as error:
        said = short(f"{type(error).__name__}: {error}", 200)
        raise UsageError(f"{short(path, 200)} cannot be read: {said}") from error
