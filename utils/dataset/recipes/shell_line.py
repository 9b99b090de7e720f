"""Statements of Python as one line for a shell, whatever the names of files and arrays are."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from utils.files.typed import PYTHON

ENDING = "_fixed"  # of the new file's name; the file that was refused stays as it is
SUFFIXES = (".npy", ".npz")


def literal(text: str) -> str:
    """A Python literal of one line of printable characters, without single quotes.

    Names of files and of arrays come from strangers: nothing in them ends the literal, nor the
    quotes of the shell around it.
    """
    return f'"{"".join(map(_spelled, text))}"'


def _spelled(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == "'" or not character.isprintable():
        code = ord(character)
        return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
    return character


def fixed(path: str, suffix: str) -> str:
    """Where the mended array of a file goes: beside it, under a name of its own."""
    root, own = os.path.splitext(path)
    return f"{root if own in SUFFIXES else path}{ENDING}{suffix}"


def array_line(path: str, reading: str, statements: Sequence[str], before: str = "") -> str:
    """A line that makes an npy file.

    Parameters
    ----------
    path : the file that was refused.
    reading : expression that reads the array from it.
    statements : what is done to the array, `x`.
    before : statement on which the reading rests.
    """
    saving = f"np.save({literal(fixed(path, '.npy'))}, x)"
    opened = [before] if before else []
    return _shell_line([*opened, f"x = {reading}", *statements, saving])


def arrays_line(
    path: str, opening: Sequence[str], arrays: Mapping[str, tuple[str, Sequence[str]]]
) -> str:
    """A line that makes an npz file with an array for each input.

    Parameters
    ----------
    path : the file that was refused.
    opening : statements that come before all arrays.
    arrays : expression that reads an array, and what is done to it, `x`, by its new name.
    """
    body = []
    for name, (reading, statements) in arrays.items():
        body += [f"x = {reading}", *statements, f"new[{literal(name)}] = x"]
    saving = f"np.savez({literal(fixed(path, '.npz'))}, **new)"
    return _shell_line([*opening, "new = {}", *body, saving])


def _shell_line(statements: Sequence[str]) -> str:
    imports = ["import numpy as np"]
    if any("Image." in statement for statement in statements):
        imports.append("from PIL import Image")
    return shlex.join([PYTHON, "-c", "; ".join([*imports, *statements])])


def dictionary_line(path: str) -> str:
    """A line that makes an npz file of a pickled dictionary of arrays in an npy file."""
    loaded = f"np.load({literal(path)}, allow_pickle=True).item()"
    return _shell_line([f"np.savez({literal(fixed(path, '.npz'))}, **{loaded})"])
