"""Options that stand in a file: found in the current folder, or named by ``--config``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from utils.errors import UsageError
from utils.side_files.input_files import read_bounded
from utils.tool import NAME

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OWN_FILE, PROJECT_FILE = f"{NAME}.toml", "pyproject.toml"
OPTION = "--config"
NO_CONFIGURATION = (OPTION, os.devnull)  # words of the command line
LARGEST = 1 << 20  # bytes
KIND = "configuration"

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Configuration:
    """What a file says.

    Parameters
    ----------
    path : the file; "" where there is none.
    table : its keys with their values, not checked yet.
    is_named : whether the user named the file; one that merely lies in the current folder may come
        with a foreign project, so it cannot have code run.
    """

    path: str = ""
    table: Table = field(default_factory=dict)
    is_named: bool = False

    @property
    def folder(self) -> str:
        """Where paths in it start from; "" for the current folder."""
        return os.path.dirname(self.path)


def read_configuration(named: str | None) -> Configuration:
    """The configuration of a run.

    Parameters
    ----------
    named : the file that the user named; without one the current folder is looked into.

    Raises
    ------
    UsageError : a file cannot be read, is no TOML, or holds no table where one has to be.
    """
    if named == os.devnull:
        return Configuration()
    if named is not None:
        whole = _parsed(named)
        if os.path.basename(named) == PROJECT_FILE:
            whole = _table(named, whole, is_required=True)
        return Configuration(named, whole, is_named=True)
    if os.path.isfile(OWN_FILE):
        return Configuration(OWN_FILE, _parsed(OWN_FILE))
    if os.path.isfile(PROJECT_FILE) and _mentions_us(PROJECT_FILE):
        table = _table(PROJECT_FILE, _parsed(PROJECT_FILE))
        return Configuration(PROJECT_FILE, table) if table else Configuration()
    return Configuration()


def _mentions_us(path: str) -> bool:
    """Whether a project file may hold a table of ours: what else is wrong with it is no concern."""
    try:
        return NAME.encode() in read_bounded(path, LARGEST, KIND)
    except UsageError:
        return False


def _parsed(path: str) -> Table:
    data = read_bounded(path, LARGEST, KIND)
    try:
        table: Table = tomllib.loads(data.decode("utf-8"))
        return table
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not a TOML file ({error}); correct it") from error


def _table(path: str, whole: Table, *, is_required: bool = False) -> Table:
    tools = whole.get("tool", {})
    table = tools.get(NAME) if isinstance(tools, dict) else None
    if table is None and not is_required:
        return {}
    if not isinstance(table, dict):
        raise UsageError(f"{path} has no table [tool.{NAME}]; add it, or name another file")
    return table
