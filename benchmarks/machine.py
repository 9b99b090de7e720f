"""What the figures of a run were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from utils.backends import embedded

PACKAGES = ("tensorflow", "numba", "numpy", "onnxruntime")
CPU_FACTS = Path("/proc/cpuinfo")
MEMORY_FACTS = Path("/proc/meminfo")


def machine() -> str:
    """One line: processor, cores, memory, system, Python and the packages that do the work."""
    python = f"Python {platform.python_version()}"
    versions = ", ".join([python, *(_with_version(package) for package in PACKAGES)])
    cores = embedded.processors()
    hardware = [f"{cores} core{'s' if cores > 1 else ''} of {_processor()}", *_memory()]
    return f"{', '.join(hardware)}, {platform.system()}; {versions}"


def disturbance() -> str:
    """How busy others keep the processors just now, if the system tells."""
    try:
        load = os.getloadavg()[0]
    except OSError:
        return ""
    return f"load before the run: {load:.1f}"


def _with_version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return f"no {package}"


def _processor() -> str:
    return _fact(CPU_FACTS, "model name") or platform.processor() or platform.machine()


def _memory() -> Sequence[str]:
    kib = _fact(MEMORY_FACTS, "MemTotal").removesuffix(" kB")
    return [f"{int(kib) / 2**20:.0f} GiB"] if kib else []


def _fact(path: Path, name: str) -> str:
    """A line `name : value` of a file in which Linux tells of the machine."""
    if not path.exists():
        return ""
    lines = (line.partition(":") for line in path.read_text("utf-8").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "")
