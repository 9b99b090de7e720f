"""What each package of the house is for, from the first sentence of its docstring."""

from __future__ import annotations

import ast
from itertools import zip_longest
from pathlib import Path

from docs.floors import FLOORS
from utils.renderers.explanation import first_sentence


def package_table(root: Path) -> str:
    """A Markdown table, the roof first; `root` is the folder of the project."""
    rows = [
        f"| {what} | `{_shown(root, package)}` | {_purpose(root, package)} |"
        for floor in FLOORS
        for what, package in zip_longest((floor.what,), floor.packages, fillvalue="")
    ]
    return "\n".join(["| floor | package | what it holds |", "|---|---|---|", *rows])


def _purpose(root: Path, package: str) -> str:
    text = ast.get_docstring(ast.parse(_source(root, package).read_text(encoding="utf-8"))) or ""
    return first_sentence(" ".join(text.partition("\n\n")[0].split()))


def _shown(root: Path, package: str) -> str:
    source = _source(root, package)
    shown = source.parent if source.name == "__init__.py" else source
    return shown.relative_to(root).as_posix() + ("/" if shown.is_dir() else "")


def _source(root: Path, package: str) -> Path:
    path = root.joinpath(*package.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
