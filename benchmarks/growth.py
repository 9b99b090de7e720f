"""How time grows with layers and with images, and that memory does not grow with images.

    python -m benchmarks.growth

The whole command runs on residual networks for small images with 50 to 400 layers with weights
(`benchmarks.deep_network`), and on ResNet-18's shape with 64 to 1024 images. Two exponents are
told of each series of times:

- of t = k * n^p, the slope of log t over log n: what is fixed counts and makes it smaller;
- of t = c + k * n^p, whatever c is: sizes grow by a constant factor, so differences between one
  time and the next grow as n^p, and the exponent is the slope of their logarithms.

The command is asked for 1 dB, so that it plans no 16 bit: how many plans it tries depends on what
a network computes, not on its size. Each size runs as often as asked, and the fastest run counts:
it is the least disturbed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.archive import write_archive
from benchmarks.deep_network import IMAGE, build_deep_network
from benchmarks.entrants import ARCHIVE, CALIBRATION_IMAGES, DATA, prepare
from benchmarks.figures import print_figures, write_figures
from benchmarks.images import smooth_images
from benchmarks.own_process import in_own_process
from benchmarks.whole_command import CommandRun, run_command

LAYERS = (50, 100, 200, 400)
IMAGES = (64, 256, 1024)
IMAGES_OF_LAYERS = 64
NETWORK = "resnet18"
LOW_TARGET = "1"  # dB
GOAL = 1.1  # no exponent above


@dataclass(frozen=True)
class Exponents:
    """Of time over size: as measured, and without what is the same for all sizes."""

    measured: float
    without_fixed: float


@dataclass(frozen=True)
class Growth:
    """The command at sizes that grow by a constant factor."""

    what: str
    sizes: Sequence[int]
    runs: Sequence[CommandRun]

    def series(self) -> dict[str, list[float]]:
        """Seconds at each size, of the whole command and of its data pass."""
        return {
            "whole command": [run.seconds for run in self.runs],
            "data pass": [run.data_pass for run in self.runs],
        }

    def memory_growth(self) -> float:
        """Peak memory at the largest size over that at the smallest."""
        return self.runs[-1].peak_mib / self.runs[0].peak_mib

    def figures(self) -> dict[str, float]:
        """What a terminal shows."""
        found: dict[str, float] = {}
        for name, seconds in self.series().items():
            found |= {
                f"{name}, {size} {self.what} [s]": value
                for size, value in zip(self.sizes, seconds, strict=True)
            }
            fitted = exponents(self.sizes, seconds)
            found[f"{name}, exponent"] = fitted.measured
            found[f"{name}, exponent without what is fixed"] = fitted.without_fixed
        return {**found, "peak memory, largest size / smallest": self.memory_growth()}


def exponents(sizes: Sequence[int], seconds: Sequence[float]) -> Exponents:
    """Exponents of the two fits; NaN without what is fixed if a larger size took less time."""
    factors = np.divide(sizes[1:], sizes[:-1])
    if len(sizes) < 3 or not np.allclose(factors, factors[0]):
        raise ValueError(f"three or more sizes that grow by one factor are needed, not {sizes}")
    return Exponents(_slope(sizes, seconds), _slope(sizes[1:], np.diff(seconds)))


def _slope(sizes: Sequence[int], values: Iterable[float]) -> float:
    found = np.fromiter(values, float)
    if found.min() <= 0:
        return float("nan")
    return float(np.polyfit(np.log(sizes), np.log(found), 1)[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--layers", type=int, nargs="+", default=LAYERS, help="layers with weights")
    add("--images", type=int, nargs="+", default=IMAGES, help="numbers of images")
    add("--side", type=int, default=224, help="of an image in pixels (default %(default)s)")
    add("--repeats", type=int, default=1, help="runs of each size (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    found = (
        with_layers(options.layers, options.repeats),
        with_images(options.images, options.side, options.repeats),
    )
    for growth in found:
        print_figures(growth.figures())
    write_figures({growth.what: asdict(growth) for growth in found}, options.json)
    return 0


def with_layers(layers: Sequence[int], repeats: int) -> Growth:
    """The command on networks with so many layers with weights."""
    runs = []
    for count in layers:
        with tempfile.TemporaryDirectory() as name:
            in_own_process(_prepare_deep, count, Path(name))
            runs.append(_fastest(Path(name), IMAGES_OF_LAYERS, repeats))
    return Growth("layers", layers, runs)


def with_images(images: Sequence[int], side: int, repeats: int) -> Growth:
    """The command on one network with so many images."""
    with tempfile.TemporaryDirectory() as name:
        in_own_process(prepare, NETWORK, side, max(images), Path(name))
        return Growth("images", images, [_fastest(Path(name), n, repeats) for n in images])


def _prepare_deep(layers: int, folder: Path) -> None:
    pixels = smooth_images(IMAGES_OF_LAYERS, IMAGE[0])
    np.save(folder / DATA, pixels)
    calibration = pixels[:CALIBRATION_IMAGES].astype(np.float32)
    write_archive(build_deep_network(layers), folder / ARCHIVE, calibration)


def _fastest(folder: Path, images: int, repeats: int) -> CommandRun:
    runs = (_run(folder, images) for _ in range(repeats))
    return min(runs, key=lambda run: run.seconds)


def _run(folder: Path, images: int) -> CommandRun:
    return run_command(folder / ARCHIVE, folder / DATA, images, "--target-snr", LOW_TARGET)


if __name__ == "__main__":
    sys.exit(main())
