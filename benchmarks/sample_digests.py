"""How long it takes to look at the samples of a large calibration set, and how much memory.

Every sample is hashed and its statistics are taken, as the command does it: 1,024 images of
640 x 640 pixels, which a child process streams from a file. Compared with our float pass through
an archive of a ResNet-18 (`benchmarks.data_pass`), for as many pixels.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.archive import random_images, write_archive
from benchmarks.figures import print_figures, write_figures
from benchmarks.own_process import in_own_process, peak_memory_mib, seconds_of
from benchmarks.resnet import build_resnet18
from utils.backends import embedded
from utils.dataset.calibration_set import open_dataset
from utils.dataset.sample_digester import SampleDigester
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import load_model
from utils.har.network import Layer

NAME = "net/input_layer1"
DRAWN = 16  # images that are drawn; the others are these, shifted by some pixels


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    options = _parser().parse_args(argv)
    figures = _figures(options)
    print_figures(figures)
    write_figures(figures, options.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sample_digests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--images", type=int, default=1024, help="number (default 1024)")
    parser.add_argument("--side", type=int, default=640, help="pixels on each side (default 640)")
    parser.add_argument(
        "--float-images", type=int, default=32, help="images of the float pass (default 32)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each (default 3)")
    parser.add_argument("--json", metavar="PATH", help="write the figures there, too")
    return parser


def _figures(options: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images.npy"
        _write_images(path, options.images, options.side)
        # Children come first: each starts with the peak of its parent, which is still small here.
        runs = [in_own_process(_looked_at, str(path), options.side) for _ in range(options.repeats)]
    seconds = statistics.median(seconds for seconds, _ in runs)
    per_pixel = _float_pass(options.float_images, options.repeats)
    pixels = options.images * options.side**2
    return {
        "images": options.images,
        "side": options.side,
        "looking at the samples [s]": seconds,
        "float pass over as many pixels [s]": per_pixel * pixels,
        "looking at the samples / float pass": seconds / (per_pixel * pixels),
        "peak memory [MiB]": max(peak for _, peak in runs),
    }


def _write_images(path: Path, images: int, side: int) -> None:
    random = np.random.default_rng(1)
    # Blocks of equal pixels are enough of a picture: what is done does not depend on values.
    coarse = random.integers(0, 256, (DRAWN, -(-side // 8), -(-side // 8), 3), dtype=np.uint8)
    drawn = np.repeat(np.repeat(coarse, 8, axis=1), 8, axis=2)[:, :side, :side]
    header = {"descr": "|u1", "fortran_order": False, "shape": (images, side, side, 3)}
    with path.open("wb") as file:  # a mapping would count as memory in use
        np.lib.format.write_array_header_1_0(file, header)
        for index in range(images):
            file.write(np.roll(drawn[index % DRAWN], index // DRAWN, axis=0).tobytes())


def _looked_at(path: str, side: int) -> tuple[float, float]:
    """Seconds it took, and MiB in use at the highest."""
    layer = Layer(NAME, "input_layer", output_shapes=((side, side, 3),))
    start = time.perf_counter()
    calibration = open_dataset(path, [layer], 1)
    # Bounds that some values leave, so that these are counted.
    bounds = (np.full(3, 8, np.float32), np.full(3, 248, np.float32))
    digester = SampleDigester(calibration, {NAME: bounds})
    for batch in calibration.batches(digester.batch_size, np.arange(calibration.samples)):
        digester.add(batch)
    digester.digests()
    seconds = time.perf_counter() - start
    return seconds, peak_memory_mib()


def _float_pass(images: int, repeats: int) -> float:
    """Seconds for each pixel of the images."""
    embedded.prepare_tensorflow()
    from benchmarks import contestants

    net = build_resnet18()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet18.har"
        write_archive(net, path)
        model = load_model(str(path))
    values = random_images(net, images, seed=1)
    run = contestants.float_pass(model, default_batch_size(model.float_network))
    run(values)  # traces, and fills caches
    seconds = statistics.median(seconds_of(lambda: run(values)) for _ in range(repeats))
    return float(seconds / (images * values.shape[1] * values.shape[2]))


if __name__ == "__main__":
    sys.exit(main())
