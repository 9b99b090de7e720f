"""Running with the Python and the packages that the command needs.

It imports nothing but the standard library, and has to be readable for Pythons that are too old for
the rest.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
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
OLDEST = (3, 10)
SERVED = "Python 3.10 to 3.13"


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
    _hand_over(interpreter)
    missing = missing_packages(REQUIRED)
    if not missing:
        return
    has_none = f"{sys.executable} has no package {', '.join(missing)}{_trouble(interpreter)}"
    sys.stderr.write(f"[error] {has_none}; {_remedy(missing, interpreter)}\n")
    sys.exit(2)


def ensure_python(interpreter: Path = INTERPRETER) -> None:
    """Go on in the project's own environment if this Python is too old for the code.

    ``python3`` of a system of some years is. Without an environment, or inside one that was made
    with it, the process ends with code 2 and says how to make one.
    """
    if sys.version_info >= OLDEST:
        return
    _hand_over(interpreter)
    version = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write(
        f"[error] {sys.executable} is Python {version}, and {SERVED} is needed; "
        f"{_newer_python(interpreter)}\n"
    )
    sys.exit(2)


def _newer_python(interpreter: Path) -> str:
    if not is_checkout():
        return f"start it with one, as in `python3.12 {shlex.quote(sys.argv[0])}`"
    first = "" if _is_other(interpreter) else f"remove {interpreter.parent.parent}, then "
    return f"{first}run `make PYTHON=python3.12 demo` once with one that you have"


def _is_other(interpreter: Path) -> bool:
    """Whether this process runs outside the environment of an interpreter."""
    return Path(sys.prefix).resolve() != interpreter.parent.parent.resolve()


def _hand_over(interpreter: Path) -> None:
    """Start the command again in the project's own environment, where there is one."""
    runs = os.access(str(interpreter), os.X_OK)
    if runs and _is_other(interpreter) and not os.environ.get(HANDED_OVER):
        # An interpreter there may be another than it seems, and would hand over for ever.
        os.environ[HANDED_OVER] = "1"
        with suppress(OSError):
            os.execv(str(interpreter), [str(interpreter), *sys.argv])


def _trouble(interpreter: Path) -> str:
    """Why an environment that is there does not serve, for a sentence; "" where none is there."""
    folder = interpreter.parent.parent
    if _is_closed(interpreter):
        return f", and only another user may use {folder}"
    is_gone = os.path.lexists(str(interpreter)) and not os.path.exists(str(interpreter))
    return f", and the Python that {folder} was made with is gone" if is_gone else ""


def _is_closed(interpreter: Path) -> bool:
    """Whether this user may not reach it, as where an administrator made the environment."""
    try:
        os.stat(str(interpreter))
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _remedy(missing: Sequence[str], interpreter: Path) -> str:
    if not is_checkout():
        return f"run `{shlex.quote(sys.executable)} -m pip install {' '.join(missing)}`"
    install = f"`pip install -r {shlex.quote(str(ROOT / 'requirements.txt'))}`"
    if _is_closed(interpreter):
        return f"run {install} in an environment of your own"
    return f"run `make demo` once, or {install}"
