"""What the machine lacks is told from what is damaged."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from utils.errors import MachineError
from utils.errors.faults import blame_the_machine, fault_sentence, machine_fault

MACHINE = {
    "memory": (MemoryError(), "the memory does not suffice"),
    "allocation": (OSError(errno.ENOMEM, "x"), "the memory does not suffice"),
    "mapping": (OSError("x.so: failed to map segment"), "the memory does not suffice"),
    "library": (RuntimeError("Unable to allocate 3 GiB"), "the memory does not suffice"),
    "files": (OSError(errno.EMFILE, "x"), "ulimit -n"),
    "threads": (RuntimeError("can't start new thread"), "no more threads"),
    "fork": (BlockingIOError(errno.EAGAIN, "x"), "no more threads"),
    "disk": (OSError(errno.ENOSPC, "x"), "the disk is full"),
    "quota": (OSError(errno.EDQUOT, "x"), "quota"),
    "permission": (PermissionError(errno.EACCES, "x"), "permission denied"),
}
DAMAGE = [ValueError("memory"), KeyError("x"), OSError("bad zip"), EOFError()]


@pytest.mark.parametrize("error", DAMAGE)
def test_damage_is_not_the_machine(error: Exception) -> None:
    assert machine_fault(error) == ""
    blame_the_machine(error, "model.har")


@pytest.mark.parametrize(("error", "said"), MACHINE.values(), ids=MACHINE)
def test_what_the_machine_lacks_is_named(error: Exception, said: str) -> None:
    assert said in machine_fault(error)
    assert said in fault_sentence(error)


def test_causes_are_looked_through() -> None:
    try:
        try:
            raise MemoryError
        except MemoryError as error:
            raise ValueError("the zip is broken") from error
    except ValueError as error:
        assert machine_fault(error) == "the memory does not suffice"


def test_files_are_not_blamed_for_the_machine() -> None:
    with pytest.raises(MachineError, match=r"model\.har cannot be read: the memory"):
        blame_the_machine(MemoryError(), "model.har")
    blame_the_machine(PermissionError(errno.EACCES, "x"), "model.har")


def test_a_fault_of_the_tool_is_one_line() -> None:
    assert fault_sentence(ValueError("one\ntwo")).endswith("report it (ValueError: one)")


def test_a_file_that_is_missing_is_no_fault_of_the_machine() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Path("no such file").read_bytes()
    assert machine_fault(caught.value) == ""


def test_a_folder_that_was_removed_under_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a folder of a build that another terminal has cleaned."""
    here = tmp_path / "build"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    with pytest.raises(FileNotFoundError) as caught:
        os.getcwd()
    monkeypatch.chdir(tmp_path)
    assert machine_fault(caught.value) == ""  # it is no matter any more
    here.mkdir()
    os.chdir(here)
    here.rmdir()
    assert fault_sentence(caught.value).startswith("the current folder was removed")
