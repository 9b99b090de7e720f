"""A program of a few lines that ends in some way, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from tests.har.samples import ROOT

OPENING = "import os, signal, sys; from utils.terminal import ends, interruptions; "


def ran(lines: str) -> tuple[int, str]:
    """Exit code and standard error."""
    done = subprocess.run(
        [sys.executable, "-c", OPENING + lines], capture_output=True, text=True, cwd=ROOT
    )
    return done.returncode, done.stderr
