"""What several test modules of the adapter share."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.backends.sdk.runs import Case, small_case
from tests.sdk_standin.installation import FLAVOURS
from utils.terminal.logger import LOGGER


@pytest.fixture(autouse=True)
def in_empty_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Where tests that call the stand-in themselves may find its log files."""
    folder = tmp_path_factory.mktemp("cwd")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Lines of the product's own log, each behind its level: ``WARNING text``."""
    lines: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(  # type: ignore[method-assign]
        f"{record.levelname} {record.getMessage()}"
    )
    LOGGER.addHandler(handler)
    yield lines
    LOGGER.removeHandler(handler)


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Case]:
    """The small archive for every version."""
    return {flavour: small_case(flavour, tmp_path_factory.mktemp("har")) for flavour in FLAVOURS}
