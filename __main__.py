"""The command where it is installed: console script, ``python -m hailo_first_aid``, zipapp.

The wheel holds the tree of this repository in one folder, ``hailo_first_aid``. That folder goes
first on the path of this process, so its modules are imported by the same names as here, and no
other process can import anything called ``utils``.
"""

from __future__ import annotations

import os
import runpy
import sys


def run() -> None:
    """Run the command as ``./main.py`` would, and end the process with its exit code."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    runpy.run_module("main", run_name="__main__")


if __name__ == "__main__":
    run()
