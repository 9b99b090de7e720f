"""The tool itself: its name and version, where this copy of it lies, and how it is called."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

NAME = "hailo-first-aid"
VERSION = "0.1.0"
# Address of the documentation site, with a slash at its end; "" as long as it is not published.
DOCUMENTATION_URL = ""
ROOT = Path(__file__).resolve().parents[1]
SCRIPT = "main.py"
FLEET = "fleet"  # the first word of the command for many archives
CHECKOUT_ONLY = "pyproject.toml"  # in a checkout it lies beside main.py, in no other copy


def is_checkout(root: Path = ROOT) -> bool:
    """Whether the tool runs from its repository, where the README's commands work."""
    return (root / CHECKOUT_ONLY).is_file()


def command_name(root: Path = ROOT) -> str:
    """What the command is called: ``main.py``, ``hailo-first-aid``, or the file that is all of it.

    Parameters
    ----------
    root : the folder of the tool, or the one file of a zipapp.
    """
    if root.is_file():
        return root.name
    return SCRIPT if is_checkout(root) else NAME


def typed_command(root: Path = ROOT) -> str:
    """What to type to start it: a script needs to be told where it is."""
    name = command_name(root)
    return name if name == NAME else f"./{name}"


def started_command(started: str, here: str, root: Path = ROOT) -> str:
    """What to type to start it again from the same folder, which may be another than its own.

    Parameters
    ----------
    started : the first word of the process.
    here : the current folder.
    """
    script = root if root.is_file() else root / SCRIPT
    is_there = bool(os.path.dirname(started)) and not _is_same(here, str(script.parent))
    if command_name(root) == NAME or not is_there or not _is_same(started, str(script)):
        return typed_command(root)
    return shlex.quote(started)


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def install_command(*packages: str, root: Path = ROOT) -> str:
    """What to type where packages are missing; in a checkout all requirements at once."""
    if is_checkout(root):
        return "pip install -r requirements.txt"
    return f"pip install {' '.join(packages)}"


COMMAND = command_name()
TYPED = typed_command()
# The same for the person at the terminal; what is written into files does not depend on the folder.
STARTED = started_command(sys.argv[0] if sys.argv else "", os.curdir)
