"""Running with the packages that the command needs; imports nothing but the standard library."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

# What a static run needs; the rest is imported when data or images are asked for.
REQUIRED = ("numpy", "termcolor")
ROOT = Path(__file__).resolve().parent.parent
INTERPRETER = ROOT / ".venv" / "bin" / "python"


def missing_packages() -> list[str]:
    """Names of required packages that this interpreter does not have."""
    return [name for name in REQUIRED if importlib.util.find_spec(name) is None]


def ensure_packages(interpreter: Path = INTERPRETER) -> None:
    """Go on in the project's own environment if this interpreter lacks packages.

    ``./main.py`` runs with whatever python3 is first in the path; after ``make demo`` or
    ``make test`` there is an environment that has all it needs. Without one, the process ends
    with code 2 and says how to make it.
    """
    missing = missing_packages()
    if not missing:
        return
    if interpreter.exists() and Path(sys.prefix).resolve() != interpreter.parent.parent.resolve():
        os.execv(interpreter, [str(interpreter), *sys.argv])
    sys.stderr.write(
        f"[error] {sys.executable} has no package {', '.join(missing)}; run `make demo` once, or "
        f"`pip install -r {ROOT / 'requirements.txt'}`\n"
    )
    sys.exit(2)
