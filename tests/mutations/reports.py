"""Reports of earlier runs, made once."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from tests.mutations.running import command


@cache
def report_on(archive: bytes, data: bytes) -> bytes:
    """The JSON report of a run on an archive; with data where there are any."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("model.har").write_bytes(archive)
            Path("data.npy").write_bytes(data)
            command("model.har", *(("-d", "data.npy") if data else ()), "--json", "report.json")
            return Path("report.json").read_bytes()
        finally:
            os.chdir(before)
