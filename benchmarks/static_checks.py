"""What static checks of a large archive cost, beside reading its bytes and comparing checksums.

The archive has the shape of YOLOv8m: 129 layers and, with the deepest stage as wide as in the
largest of the family, 34 million parameters. The command runs on it without data, in a process of
its own. Compared with a loop that reads all members of the tar and lets zipfile compare the
checksums of all arrays, in one thread. Both read from the page cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import print_figures, write_figures
from benchmarks.own_process import run_interpreter, seconds_of

SIZES = {"n": (0.25, 1 / 3), "m": (0.75, 2 / 3)}  # width and depth
CHANNELS = 1024  # of the deepest stage, before the width
SIDE = 64  # pixels of an image; an archive does not grow with them
CHUNK_BYTES = 1 << 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    options = _parser().parse_args(argv)
    if options.build:
        _build(options.size, Path(options.build))
        return 0
    figures = _figures(options.size, options.repeats)
    print_figures(figures)
    write_figures(figures, options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.static_checks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", choices=SIZES, default="m", help="of the network (default m)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each (default 5)")
    parser.add_argument("--json", metavar="PATH", help="write the figures there, too")
    parser.add_argument("--build", metavar="HAR", help=argparse.SUPPRESS)
    return parser


def _build(size: str, path: Path) -> None:
    # Their libraries are memory that this process must not have: children start with its peak.
    from benchmarks.archive import random_images, write_archive
    from benchmarks.yolov8 import Size, build_yolov8

    net = build_yolov8(Size(*SIZES[size], CHANNELS), SIDE)
    write_archive(net, path, random_images(net, count=2, seed=2))


def _figures(size: str, repeats: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "yolov8.har"
        run_interpreter("-m", "benchmarks.static_checks", "--size", size, "--build", str(path))
        interpreter, _ = run_interpreter("-c", "pass")
        checks = ["main.py", str(path), "--no-interactive", "--log-path", str(path.with_name("l"))]
        reading = [seconds_of(lambda: read_and_compare(path)) for _ in range(repeats)]
        peaks, seconds = zip(*(run_interpreter(*checks) for _ in range(repeats)), strict=True)
        largest = max(each.size for each in _members(path)) / 2**20
        archive = path.stat().st_size / 1e6
    above = max(peaks) - interpreter
    return {
        "archive [MB]": archive,
        "largest member [MiB]": largest,
        "reading and comparing checksums [s]": statistics.median(reading),
        "static checks, whole command [s]": statistics.median(seconds),
        "static checks / reading": statistics.median(seconds) / statistics.median(reading),
        "peak of an interpreter that does nothing [MiB]": interpreter,
        "peak of the static checks above that [MiB]": above,
        "peak above the interpreter / largest member": above / largest,
    }


def _members(path: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(path) as tar:
        return tar.getmembers()


def read_and_compare(path: Path) -> None:
    """Read every member of a tar, and compare the checksum of every array in it.

    Raises
    ------
    ValueError : one of them does not fit.
    """
    with tarfile.open(path) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is None:
                continue
            if member.name.endswith(".npz"):
                with zipfile.ZipFile(stream) as arrays:
                    if damaged := arrays.testzip():
                        raise ValueError(f"{damaged} of {member.name} is damaged")
            else:
                while stream.read(CHUNK_BYTES):
                    pass


if __name__ == "__main__":
    sys.exit(main())
