"""The command as users run it, in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_process import run_interpreter

PHASE = re.compile(r"\] (.+) took ([0-9.]+) s$", re.MULTILINE)
# As the log names them. The module that does would bring TensorFlow into this lean process; a test
# holds that the names are the same.
DATA_PASS = re.compile(r"measuring [\d,]+ (image|sample)s?")
SEARCHING = "which layers lose most"
PLANNING = "trying 16-bit plans"


@dataclass(frozen=True)
class CommandRun:
    """What a run of the command took.

    Parameters
    ----------
    seconds : from start to end.
    peak_mib : of its memory.
    data_pass : seconds of the pass over the data.
    phases : seconds by what its debug log calls them; a phase that came twice is added up.
    """

    seconds: float
    peak_mib: float
    data_pass: float
    phases: dict[str, float]


def run_command(har: Path, data: Path, images: int, *options: str) -> CommandRun:
    """Run the command on so many images; its logs lie beside the archive."""
    log = har.with_suffix(".log")
    debug_log = log.with_name(f".{log.stem}_debug{log.suffix}")
    debug_log.unlink(missing_ok=True)
    command = ["main.py", "-d", str(data), "--no-interactive", str(har)]
    command += ["--log-path", str(log), "-c", str(images), *options]
    peak, seconds = run_interpreter(*command)
    phases: dict[str, float] = {}
    for phase, took in PHASE.findall(debug_log.read_text("utf-8")):
        phases[phase] = phases.get(phase, 0.0) + float(took)
    return CommandRun(seconds, peak, data_pass(phases), phases)


def data_pass(phases: Mapping[str, float]) -> float:
    """Seconds of the pass over the data.

    Raises
    ------
    RuntimeError : there is none among the phases.
    """
    found = [seconds for name, seconds in phases.items() if DATA_PASS.fullmatch(name)]
    if not found:
        raise RuntimeError(f"no pass over the data is among {', '.join(phases)}")
    return sum(found)
