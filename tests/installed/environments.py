"""The tool as a wheel, in an environment of its own, without any network."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.built_once import built_once
from utils.tool import ROOT

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
OFFLINE = ("--no-deps", "--no-index")


def run(*argv: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """A process that knows nothing of this one's path of modules."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        list(map(str, argv)), capture_output=True, text=True, env=environ, **options
    )


def built_wheel(folders: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout by the packages that are installed already."""
    pytest.importorskip("setuptools")
    pytest.importorskip("wheel")

    def build(folder: Path) -> None:
        made = run(*PIP, "wheel", "--no-build-isolation", *OFFLINE, "-w", folder, ROOT)
        assert made.returncode == 0, made.stderr

    (wheel,) = built_once(folders, "wheel", build).glob("*.whl")
    return wheel


def new_environment(folder: Path) -> Path:
    """An environment that shares the installed packages of this one; its folder of programs."""
    venv.create(folder, with_pip=False)
    bin_folder = folder / "bin"
    library = sysconfig.get_path("purelib", vars={"base": str(folder)})
    shared = sysconfig.get_path("purelib")
    Path(library, "shared.pth").write_text(f"{shared}\n", encoding="utf-8")
    return bin_folder


def installed(wheel: Path, folder: Path) -> Path:
    """The folder of programs of a new environment that the wheel was installed into."""
    programs = new_environment(folder)
    # pip of this environment would take what it sees there for installed already.
    done = run(
        *PIP, "--python", programs / "python", "install", *OFFLINE, "--ignore-installed", wheel
    )
    assert done.returncode == 0, done.stderr
    return programs
