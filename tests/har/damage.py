"""Archives that were changed by hand, and what is said of them."""

from __future__ import annotations

import io
import tarfile

import pytest

from utils.errors import ArchiveError, DiagnosticError
from utils.har.model import load_model


def message_of(path: str, error: type[DiagnosticError] = ArchiveError) -> str:
    with pytest.raises(error) as caught:
        load_model(path)
    assert path in str(caught.value)
    return str(caught.value)


def raw_archive(path: str, members: dict[str, bytes]) -> str:
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path
