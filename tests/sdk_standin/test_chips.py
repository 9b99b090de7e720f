"""Which chips each version of the stand-in takes, and what it says of the others."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.har.archives import rewrite, write_small
from tests.sdk_standin.installation import FLAVOURS, installed
from tests.sdk_standin.public_calls import sdk

pytestmark = pytest.mark.filterwarnings("ignore:stand-in noise")
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


def archive_for(chip: str, folder: Path) -> str:
    return rewrite(write_small(folder / "small.har"), metadata={"hw_arch": chip})


@pytest.mark.parametrize(
    ("flavour", "chip", "given"),
    [
        ("3.25", "hailo8", None),
        ("3.25", "hailo15h", "hailo15h"),
        ("3.33", "hailo8l", None),
        ("3.33", "hailo8", "hailo8l"),
        ("5.3", "hailo10h", None),
        ("5.3", "hailo15h", "hailo15h"),
    ],
)
def test_chips_that_are_taken(flavour: str, chip: str, given: str | None, tmp_path: Path) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(hw_arch=given, har=archive_for(chip, tmp_path))
        assert runner.hw_arch == (given or chip)


@pytest.mark.parametrize(
    ("flavour", "chip", "given"),
    [
        ("3.25", "hailo10h", None),
        ("3.25", "hailo15l", None),
        ("3.33", "hailo10h", None),
        ("3.33", "hailo8", "hailo15h"),
        ("3.33", "hailo8", "hailo10h"),
        ("5.3", "hailo8", None),
        ("5.3", "hailo8", "hailo8"),
        ("5.3", "hailo10h", "hailo8"),
    ],
)
def test_chips_that_are_refused(flavour: str, chip: str, given: str | None, tmp_path: Path) -> None:
    path = archive_for(chip, tmp_path)
    with installed(flavour), pytest.raises(sdk().InvalidArgumentsException):
        sdk().ClientRunner(hw_arch=given, har=path)


@every_flavour
def test_the_chip_has_a_default_and_a_warning_about_it(
    flavour: str, caplog: pytest.LogCaptureFixture
) -> None:
    with installed(flavour), caplog.at_level(logging.WARNING):
        runner = sdk().ClientRunner()
        assert runner.state is sdk().States.UNINITIALIZED
        assert runner.hw_arch == {"5.3": "hailo10h"}.get(flavour, "hailo8")
    assert "hw_arch" in caplog.text


def test_another_chip_of_the_family_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = archive_for("hailo8", tmp_path)
    with installed("3.33"), caplog.at_level(logging.WARNING):
        sdk().ClientRunner(hw_arch="hailo8l", har=path)
    assert "HAR is hailo8 but client runner was initialized with hailo8l" in caplog.text


@every_flavour
def test_what_is_no_archive_is_not_loaded(flavour: str, tmp_path: Path) -> None:
    (tmp_path / "no.har").write_bytes(b"no archive")
    with installed(flavour), pytest.raises(RuntimeError, match="no archive"):
        sdk().ClientRunner(har=str(tmp_path / "no.har"))
