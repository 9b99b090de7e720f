"""Our full pass against two other procedures, on ResNet-18's shape and the same images.

    python -m benchmarks.procedures --images 64

- onnxruntime's `qdq_loss_debug`: all tensors of a float and of a quantized model go to lists, then
  each activation's signal-to-noise ratio is computed, pooled over all values as ours is;
- the procedure of the tool that this one follows: three sweeps at batch size 1, one for each
  inspector that needs data, whose tensors are fetched and reduced in numpy.

Our full pass measures more: both networks, statistics, histograms, and the noise of every layer.
Beside it stands the pass that measures of every layer only its noise, which is what
`qdq_loss_debug` measures, and what decides at the outputs. With tracing both begin with the archive
on the disk, as `qdq_loss_debug` begins with its two models; without, they are run a second time.
Importing TensorFlow and onnxruntime counts for none. Each runs in a process of its own, whose peak
memory is told.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.entrants import ARCHIVE, DATA, ENTRANTS, prepare
from benchmarks.figures import print_figures, write_figures
from benchmarks.own_process import in_own_process, peak_memory_mib, seconds_of
from benchmarks.qdq_loss import QdqLoss, qdq_loss
from utils.backends import embedded
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import Model, load_model

Run = Callable[[Any], object]

NETWORK = "resnet18"
GOAL = 0.2  # of the time of qdq_loss_debug


@dataclass(frozen=True)
class Pass:
    """One of our ways over the data.

    Parameters
    ----------
    traced : seconds from the archive on the disk, with tracing and compiling.
    seconds : of a second run.
    """

    traced: float
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Procedures:
    """What each took."""

    images: int
    side: int
    ours: Pass
    noise: Pass
    qdq_loss: QdqLoss
    sweeps: Pass

    def ratios(self) -> dict[str, float]:
        """What ours takes of the time and the memory of the others."""
        return {
            "full pass with tracing / qdq_loss_debug": self.ours.traced / self.qdq_loss.seconds,
            "full pass / qdq_loss_debug": self.ours.seconds / self.qdq_loss.seconds,
            "noise alone with tracing / qdq_loss_debug": self.noise.traced / self.qdq_loss.seconds,
            "noise alone / qdq_loss_debug": self.noise.seconds / self.qdq_loss.seconds,
            "peak memory / that of qdq_loss_debug": self.ours.peak_mib / self.qdq_loss.peak_mib,
            "full pass / three sweeps": self.ours.seconds / self.sweeps.seconds,
        }

    def figures(self) -> dict[str, float]:
        """What a terminal shows."""
        return {
            "images": self.images,
            "full pass with tracing [s]": self.ours.traced,
            "full pass [s]": self.ours.seconds,
            "full pass, peak memory [MiB]": self.ours.peak_mib,
            "noise alone with tracing [s]": self.noise.traced,
            "noise alone [s]": self.noise.seconds,
            "qdq_loss_debug [s]": self.qdq_loss.seconds,
            "qdq_loss_debug, peak memory [MiB]": self.qdq_loss.peak_mib,
            "activations that qdq_loss_debug tells of": self.qdq_loss.activations,
            "three sweeps [s]": self.sweeps.seconds,
            **self.ratios(),
        }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.procedures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--images", type=int, default=64, help="number of images (default %(default)s)")
    add("--side", type=int, default=224, help="of an image in pixels (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    found = compared(options.images, options.side)
    print_figures(found.figures())
    write_figures(asdict(found), options.json)
    return 0


def compared(images: int, side: int) -> Procedures:
    """Run all of them, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        in_own_process(prepare, NETWORK, side, images, folder)
        return Procedures(
            images,
            side,
            in_own_process(_full_pass, folder),
            in_own_process(_noise_alone, folder),
            in_own_process(_qdq_loss, side, folder),
            in_own_process(_three_sweeps, folder),
        )


def _full_pass(folder: Path) -> Pass:
    embedded.prepare_tensorflow()
    from benchmarks.contestants import full_pass

    return _timed(_at_its_size(full_pass), folder)


def _noise_alone(folder: Path) -> Pass:
    embedded.prepare_tensorflow()
    from benchmarks.contestants import noise_alone

    return _timed(_at_its_size(noise_alone), folder)


def _three_sweeps(folder: Path) -> Pass:
    embedded.prepare_tensorflow()
    from benchmarks.contestants import three_sweeps

    return _timed(three_sweeps, folder)


def _at_its_size(prepared: Callable[[Model, int], Run]) -> Callable[[Model], Run]:
    """A pass in batches of the size that the tool takes for the network."""
    return lambda model: prepared(model, default_batch_size(model.float_network))


def _timed(prepared: Callable[[Model], Run], folder: Path) -> Pass:
    images = np.load(folder / DATA, mmap_mode="r")
    runs: list[Run] = []

    def from_the_archive() -> None:
        runs.append(prepared(load_model(str(folder / ARCHIVE))))
        runs[0](images)

    return Pass(
        seconds_of(from_the_archive), seconds_of(lambda: runs[0](images)), peak_memory_mib()
    )


def _qdq_loss(side: int, folder: Path) -> QdqLoss:
    return qdq_loss(ENTRANTS[NETWORK].build(side), np.load(folder / DATA, mmap_mode="r"))


if __name__ == "__main__":
    sys.exit(main())
