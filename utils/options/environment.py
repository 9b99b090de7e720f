"""Running with the packages that the command needs; imports nothing but the standard library."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from utils.tool import ROOT, is_checkout

# What a static run needs, and what the rest does; the latter is imported only when asked for.
REQUIRED = ("numpy", "termcolor")
FOR_DATA = ("tensorflow", "PIL", "tqdm")
SDK = "hailo_sdk_client"
HANDED_OVER = "FIRST_AID_HANDED_OVER"  # set once the command has started itself again
INTERPRETER = ROOT / ".venv" / "bin" / "python"


def missing_packages(names: Sequence[str]) -> list[str]:
    """Those that this interpreter does not have; none is imported."""
    return [name for name in names if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # half an installation
        return False


def ensure_packages(interpreter: Path = INTERPRETER) -> None:
    """Go on in the project's own environment if this interpreter lacks what is needed.

    Of an interpreter that has Hailo's SDK only what every run needs is asked: elsewhere the SDK
    would be missing, and nobody would be told. What only pages need is asked of none.

    ``./main.py`` runs with whatever python3 is first in the path; after ``make demo`` or
    ``make test`` there is an environment that has all it needs. Without one, the process ends
    with code 2 and says how to make it.
    """
    needed = REQUIRED if _is_there(SDK) else (*REQUIRED, *FOR_DATA)
    if not missing_packages(needed):
        return
    is_other = Path(sys.prefix).resolve() != interpreter.parent.parent.resolve()
    if interpreter.exists() and is_other and not os.environ.get(HANDED_OVER):
        # An interpreter there may be another than it seems, and would hand over for ever.
        os.environ[HANDED_OVER] = "1"
        with suppress(OSError):
            os.execv(interpreter, [str(interpreter), *sys.argv])
    missing = missing_packages(REQUIRED)
    if not missing:
        return
    sys.stderr.write(
        f"[error] {sys.executable} has no package {', '.join(missing)}; {_remedy(missing)}\n"
    )
    sys.exit(2)


def _remedy(missing: Sequence[str]) -> str:
    if is_checkout():
        return f"run `make demo` once, or `pip install -r {ROOT / 'requirements.txt'}`"
    return f"run `{sys.executable} -m pip install {' '.join(missing)}`"
