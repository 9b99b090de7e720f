"""Where the command is tried: a folder of its own, small archives, data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.command.running import OWN_SCRIPT, saved
from tests.har.archives import small_images, write_small


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def har(tmp_path: Path) -> str:
    return write_small(tmp_path / "model.har")


@pytest.fixture
def compressed(tmp_path: Path) -> str:
    """An archive with findings that recommend commands: 4-bit weights nobody asked for."""
    path = tmp_path / "compressed.har"
    return write_small(path, precision_modes={"conv2": "a8_w4"}, script=OWN_SCRIPT)


@pytest.fixture
def data(tmp_path: Path) -> str:
    return saved(tmp_path / "calibset.npy", small_images().astype(np.float32))
