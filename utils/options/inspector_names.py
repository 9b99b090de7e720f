"""Names of the inspectors, read from their files: ``--help`` need not wait for their imports."""

from __future__ import annotations

import re
from pathlib import Path

from utils.options.environment import ROOT

FOLDER = ROOT / "inspectors"
# A class whose base is an inspector by its name, as in `class NormInspector(BaseInspector):`.
_CLASS = re.compile(r"^class (\w+)\([^)]*Inspector\b[^)]*\):", re.MULTILINE)


def inspector_names(folder: Path = FOLDER) -> list[str]:
    """Names in the order of the alphabet.

    What `inspectors.discover` finds by importing counts in a run; this is for the help only, and
    does not know a class that is named or made in an unusual way.
    """
    modules = [*folder.glob("*.py"), *folder.glob("*/__init__.py")]
    return sorted(name for module in modules for name in _CLASS.findall(_text(module)))


def _text(module: Path) -> str:
    try:
        return module.read_text(encoding="utf-8", errors="replace")
    except OSError:  # what cannot be read is told when it cannot be imported
        return ""
