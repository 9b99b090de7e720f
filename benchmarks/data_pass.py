"""How fast and how lean the data pass is, on an archive of a ResNet-18 at 224x224.

Compared in one run, repeats interleaved, medians reported:

- our float pass: every measurement of the float network that any inspector can ask for;
- our full pass: the same, with the integers of the archive beside it, and the noise of every layer
  and output; what single layers do (`benchmarks.sensitivity`) is not part of it;
- a bare forward pass of the same network in onnxruntime, with the same threads, at our batch
  size and at the batch size that suits it best;
- the procedure of the tool that this one follows: three sweeps at batch size 1, one for each
  inspector that needs data, whose tensors are fetched and reduced in numpy.

The weights are random. Tracing and loading are done before. Peak memory is that of child
processes which stream images from a file through the full pass.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.archive import write_archive
from benchmarks.figures import print_figures, write_figures
from benchmarks.resnet18 import IMAGE, build_resnet18
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import load_model
from utils.measurements import Need

ONNX_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
MEMORY_IMAGES = (64, 512)
FULL_PASS = ~(Need.SENSITIVITY | Need.PRECISION_PLAN)
ROOT = Path(__file__).resolve().parent.parent
_CHILD = (sys.executable, "-m", "benchmarks.data_pass")
# getrusage counts in KiB, except on macOS.
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    options = _parser().parse_args(argv)
    if options.child:
        archive, images = options.child
        sys.stdout.write(str(_peak_memory(archive, images, options.images)))
        return 0
    if options.write:
        write_archive(build_resnet18(), Path(options.write))
        return 0
    # Memory comes first: a child starts with the peak of its parent, which is still small here.
    memory = {} if options.no_memory else _memory()
    figures = {**_speed(options), **memory}
    print_figures(figures)
    write_figures(figures, options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.data_pass",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=int, default=64, help="number of images (default 64)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each (default 5)")
    parser.add_argument("--batch-size", type=int, help="of our passes (default: their own)")
    parser.add_argument("--no-memory", action="store_true", help="leave peak memory out")
    parser.add_argument("--json", metavar="PATH", help="write the figures there, too")
    parser.add_argument("--child", nargs=2, metavar=("HAR", "NPY"), help=argparse.SUPPRESS)
    parser.add_argument("--write", metavar="HAR", help=argparse.SUPPRESS)
    return parser


def _speed(options: argparse.Namespace) -> dict[str, float]:
    embedded.prepare_tensorflow()
    from benchmarks import contestants

    net = build_resnet18()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet18.har"
        write_archive(net, path)
        model = load_model(str(path))
    size = options.batch_size or default_batch_size(model.float_network)
    shape = (options.images, *IMAGE)
    images = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    forward = contestants.onnx_forward(net, images, embedded.processors())
    best = min(ONNX_BATCH_SIZES, key=lambda n: min(_seconds(lambda: forward(n)) for _ in range(2)))
    seconds = _interleaved(
        {
            "float pass": contestants.float_pass(model, images, size),
            "full pass": contestants.full_pass(model, images, size),
            "onnxruntime, same batch size": lambda: forward(size),
            "onnxruntime, best batch size": lambda: forward(best),
            "three sweeps": contestants.three_sweeps(model, images),
        },
        options.repeats,
    )
    return {
        "images": options.images,
        "threads": embedded.processors(),
        "batch size of our passes": size,
        "best batch size of onnxruntime": best,
        **{f"{name} [s]": statistics.median(found) for name, found in seconds.items()},
        **_ratios("of medians", {n: statistics.median(found) for n, found in seconds.items()}),
        # Where others use the processors, too, the fastest runs are the least disturbed.
        **_ratios("of fastest runs", {name: min(found) for name, found in seconds.items()}),
    }


def _ratios(kind: str, seconds: Mapping[str, float]) -> dict[str, float]:
    floats, full, same, best, sweeps = seconds.values()
    return {
        f"float pass / onnxruntime, same batch size, {kind}": floats / same,
        f"float pass / onnxruntime, best batch size, {kind}": floats / best,
        f"full pass / onnxruntime, same batch size, {kind}": full / same,
        f"full pass / onnxruntime, best batch size, {kind}": full / best,
        f"three sweeps / float pass, {kind}": sweeps / floats,
    }


def _interleaved(
    contestants: Mapping[str, Callable[[], object]], repeats: int
) -> dict[str, list[float]]:
    for run in contestants.values():  # traces, and fills caches
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, run in contestants.items():
            seconds[name].append(_seconds(run))
    return seconds


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _memory() -> dict[str, float]:
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        path, archive = Path(folder) / "images.npy", Path(folder) / "resnet18.har"
        subprocess.run([*_CHILD, "--write", str(archive)], cwd=ROOT, check=True)
        shape = (max(MEMORY_IMAGES), *IMAGE)
        np.save(path, np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))
        for images in MEMORY_IMAGES:
            child = [*_CHILD, "--images", str(images), "--child", str(archive), str(path)]
            result = subprocess.run(child, cwd=ROOT, check=True, stdout=subprocess.PIPE)
            peaks[images] = int(result.stdout) / 2**20
    few, many = MEMORY_IMAGES
    return {
        **{f"peak memory at {n} images [MiB]": peak for n, peak in peaks.items()},
        f"peak memory, {many} images / {few} images": peaks[many] / peaks[few],
    }


def _peak_memory(archive: str, path: str, images: int) -> int:
    """Bytes in use at the highest, after the command's full pass over an npy file."""
    model = load_model(archive)
    calibration = open_dataset(path, model.float_network.input_layers, images)
    embedded.measure(OpenedJob(model, calibration, FULL_PASS))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT


if __name__ == "__main__":
    sys.exit(main())
