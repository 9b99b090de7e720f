"""The SDK as it is found and imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends.sdk.installation import (
    DISTRIBUTION,
    Sdk,
    imported_version,
    opened_sdk,
)
from utils.backends.sdk.presence import PACKAGE, is_installed
from utils.errors import SdkError


def test_where_it_is_not_installed_it_is_not_found() -> None:
    assert not is_installed()
    with pytest.raises(SdkError, match="not installed for this Python"), opened_sdk():
        pass


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_it_is_found_without_being_imported(flavour: str) -> None:
    with installed(flavour, import_fails=True):
        assert is_installed()
        assert PACKAGE not in sys.modules
        assert imported_version() == ""


@pytest.mark.parametrize("error", [ImportError, ValueError])
def test_half_an_installation_is_none(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Any:
        raise error(name)

    monkeypatch.setattr("importlib.util.find_spec", broken)
    assert not is_installed()


@pytest.mark.parametrize(
    ("flavour", "version", "major"),
    [("3.25", "3.25.0", 3), ("3.33", "3.33.1", 3), ("5.3", "5.3.0", 5)],
)
def test_it_is_opened_with_its_version(flavour: str, version: str, major: int) -> None:
    with installed(flavour), opened_sdk() as sdk:
        assert sdk.version == imported_version() == version
        assert sdk.major_version == major
        assert sdk.doubt == ""


@pytest.mark.parametrize(
    ("version", "doubt"),
    [
        ("3.23.0", ""),
        ("3.33.1", ""),
        ("4.1", ""),
        ("5.9.9.dev1+g12", ""),
        ("3.22.9", "version 3.22.9 of the SDK is not known"),
        ("2.9", "version 2.9 of the SDK is not known"),
        ("6.0.0", "version 6.0.0 of the SDK is not known"),
        ("", "does not say its version"),
        ("nightly", "does not say its version"),
        ("9" * 5000 + ".1", "does not say its version"),
    ],
)
def test_a_version_outside_the_known_range_is_doubted(version: str, doubt: str) -> None:
    found = Sdk(None, version, None).doubt  # type: ignore[arg-type]
    assert found.startswith(doubt) if not doubt else doubt in found
    assert bool(found) == bool(doubt)


@pytest.mark.parametrize("absent", [SimpleNamespace(), SimpleNamespace(__version__=(3, 33))])
def test_a_version_that_it_does_not_say_is_the_distributions(
    absent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, absent)
    assert imported_version() == ""
    versions = {DISTRIBUTION: "3.30.0"}
    monkeypatch.setattr("importlib.metadata.version", versions.__getitem__)
    assert imported_version() == "3.30.0"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("import_fails", "ImportError: cannot import name 'dtensor'"),
        ("dependency_missing", "No module named 'pygraphviz'"),
        ("library_missing", "libcudart.so.11.0"),
        ("import_exits", "SystemExit: this processor is not supported"),
    ],
)
def test_an_import_that_fails_is_one_sentence(
    fault: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with (
        installed("3.33", **{fault: True}),
        pytest.raises(SdkError, match=f"^the SDK failed to start: it said: .*{said}"),
        opened_sdk(),
    ):
        pass
    assert os.listdir(tmp_path) == []


def test_without_a_place_for_temporary_files_it_is_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    with (
        installed("3.33"),
        pytest.raises(SdkError, match="failed to start: it said: FileNotFoundError"),
        opened_sdk(),
    ):
        pass


def test_an_interruption_is_none_of_its_failures() -> None:
    with (
        installed("3.33"),
        pytest.raises(KeyboardInterrupt),
        opened_sdk() as sdk,
        sdk.calling("do this"),
    ):
        raise KeyboardInterrupt
