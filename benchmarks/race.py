"""Our passes and the whole command against a bare forward pass of the same network in onnxruntime.

    python -m benchmarks.race --network yolov8n --images 64

An archive is written for each network, with random weights, and quantized on smooth images. Then
there are compared, with the same threads:

- a bare forward pass in onnxruntime at the batch size that suits it best;
- our float pass: every measurement of the float network that an inspector can ask for;
- our full pass: the same with the integers of the archive beside it, and the noise of every layer
  and output;
- the whole command, from its start to its end, in a process of its own.

The passes run by turns, as often as half a minute allows, and medians are told. Tracing and
compiling come before them and are a figure of their own. What the command spent on what comes
from its own debug log.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.entrants import ARCHIVE, DATA, ENTRANTS, prepare
from benchmarks.figures import print_figures, write_figures
from benchmarks.own_process import in_own_process
from benchmarks.passes import ENOUGH_SECONDS, Passes, timed_passes
from benchmarks.whole_command import CommandRun, run_command

MOST_RUNS = 3  # of the command
TARGET = "20"  # dB
SHORTEST_PHASE = 0.3  # seconds; shorter ones are not shown


@dataclass(frozen=True)
class Result:
    """What one network took, in seconds unless said otherwise.

    Parameters
    ----------
    runs : how often the command ran; the one in the middle is told.
    """

    network: str
    images: int
    side: int
    passes: Passes
    runs: int
    command: CommandRun

    def ratios(self) -> Mapping[str, float]:
        """Each as a multiple of the bare forward pass."""
        found = self.passes
        seconds = {
            "float pass": found.float_pass,
            "full pass": found.full_pass,
            "whole command": self.command.seconds,
        }
        return {name: value / found.bare_forward for name, value in seconds.items()}

    def figures(self) -> dict[str, float]:
        """What a terminal shows."""
        passes, phases = asdict(self.passes), self.command.phases
        return {
            "images": self.images,
            **{name.replace("_", " "): value for name, value in passes.items()},
            "whole command": self.command.seconds,
            **{f"of it {name}": s for name, s in phases.items() if s >= SHORTEST_PHASE},
            "peak memory of the command [MiB]": self.command.peak_mib,
            **{f"{name} / bare forward": value for name, value in self.ratios().items()},
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.race",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--network", choices=[*ENTRANTS], default="yolov8n", help="default: %(default)s")
    add("--images", type=int, default=64, help="number of images (default %(default)s)")
    add("--side", type=int, help="of an image in pixels (default: as the network is published)")
    add("--target-snr", default=TARGET, help="for the command (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    side = options.side or ENTRANTS[options.network].side
    result = race(options.network, options.images, side, target=options.target_snr)
    print_figures(result.figures(), f"{options.network}: ", width=44)
    write_figures(asdict(result), options.json)
    return 0


def race(
    network: str, images: int, side: int, enough: float = ENOUGH_SECONDS, target: str = TARGET
) -> Result:
    """Let one network run.

    This process stays lean: a command that it starts begins with its peak of memory.

    Parameters
    ----------
    side : of an image in pixels.
    enough : seconds after which no round of passes begins, and no run of the command.
    target : SNR in dB that the command is asked for.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_own_process(prepare, network, side, images, folder)
        runs = _runs(folder, images, target, enough)
        passes = in_own_process(timed_passes, network, side, folder, enough)
    middle = sorted(runs, key=lambda run: run.seconds)[(len(runs) - 1) // 2]
    return Result(network, images, side, passes, len(runs), middle)


def _runs(folder: Path, images: int, target: str, enough: float) -> list[CommandRun]:
    began = time.perf_counter()
    runs: list[CommandRun] = []
    while not runs or (len(runs) < MOST_RUNS and time.perf_counter() < began + enough):
        found = run_command(folder / ARCHIVE, folder / DATA, images, "--target-snr", target)
        runs.append(found)
    return runs


if __name__ == "__main__":
    sys.exit(main())
