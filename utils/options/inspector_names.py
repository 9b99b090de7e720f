"""Names of the inspectors, read from their files: ``--help`` need not wait for their imports."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from utils.tool import ROOT

Place = Path | zipfile.Path  # a zipapp holds the folder inside a file
FOLDER: Place = zipfile.Path(ROOT, "inspectors/") if ROOT.is_file() else ROOT / "inspectors"
# A class whose base is an inspector by its name, as in `class NormInspector(BaseInspector):`.
_CLASS = re.compile(r"^class (\w+)\([^)]*Inspector\b[^)]*\):", re.MULTILINE)


def inspector_names(folder: Place = FOLDER) -> list[str]:
    """Names in the order of the alphabet.

    What `inspectors.discover` finds by importing counts in a run; this is for the help only, and
    does not know a class that is named or made in an unusual way.
    """
    return sorted(name for module in _modules(folder) for name in _CLASS.findall(_text(module)))


def _modules(folder: Place) -> Iterator[Place]:
    for entry in folder.iterdir() if folder.is_dir() else ():
        module = entry / "__init__.py" if entry.is_dir() else entry
        if module.name.endswith(".py") and module.is_file():
            yield module


def _text(module: Place) -> str:
    try:
        return module.read_text(encoding="utf-8", errors="replace")
    except OSError:  # what cannot be read is told when it cannot be imported
        return ""
