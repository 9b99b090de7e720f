"""The small archive, whole, for tests that damage it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.har.archives import write_small


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Path(write_small(tmp_path_factory.mktemp("intact") / "small.har")).read_bytes()


@pytest.fixture
def small(intact: bytes, tmp_path: Path) -> str:
    path = tmp_path / "small.har"
    path.write_bytes(intact)
    return str(path)
