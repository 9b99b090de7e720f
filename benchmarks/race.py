"""The whole command against a bare forward pass of the same network in onnxruntime.

    python -m benchmarks.race --network yolov8n --images 64

Both run in processes of their own, one after the other, with the same threads, on an archive that
is written for it with random weights and on smooth images. What the command spent on what comes
from its own debug log; peak memory is that of its process.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.archive import write_archive
from benchmarks.figures import print_figures, write_figures
from benchmarks.float_graph import FloatGraph
from benchmarks.images import smooth_images
from benchmarks.onnx_graph import to_onnx
from benchmarks.resnet18 import build_resnet18
from benchmarks.yolov8 import MEDIUM, NANO, SCRIPT, build_yolov8
from utils.backends import embedded

ROOT = Path(__file__).resolve().parent.parent
CALIBRATION_IMAGES = 4
ONNX_BATCH_SIZES = (1, 4)
PHASE = re.compile(r"\] (.+) took ([0-9.]+) s$", re.MULTILINE)
SHORTEST_PHASE = 0.3  # seconds


@dataclass(frozen=True)
class Entrant:
    """A network that takes part.

    Parameters
    ----------
    build : makes it; raw pixels go in.
    side : of its images, in pixels.
    script : of its archive.
    """

    build: Callable[[], FloatGraph]
    side: int
    script: str | None = None


NETWORKS = {
    "yolov8n": Entrant(lambda: build_yolov8(NANO, 640), 640, SCRIPT),
    "yolov8n-1280": Entrant(lambda: build_yolov8(NANO, 1280), 1280, SCRIPT),
    "yolov8m": Entrant(lambda: build_yolov8(MEDIUM, 640), 640, SCRIPT),
    "resnet18": Entrant(build_resnet18, 224),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.race",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--network", choices=[*NETWORKS], default="yolov8n", help="default: %(default)s")
    add("--images", type=int, default=64, help="number of images (default %(default)s)")
    add("--target-snr", default="20", help="for the command (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    entrant = NETWORKS[options.network]
    with tempfile.TemporaryDirectory() as folder:
        figures = _figures(entrant, options.images, options.target_snr, Path(folder))
    print_figures(figures, f"{options.network}: ", width=36)
    write_figures(figures, options.json)
    return 0


def _figures(entrant: Entrant, images: int, target: str, folder: Path) -> dict[str, float]:
    net, data, har = entrant.build(), folder / "images.npy", folder / "model.har"
    pixels = smooth_images(images, entrant.side)
    np.save(data, pixels)
    write_archive(net, har, pixels[:CALIBRATION_IMAGES].astype(np.float32), entrant.script)
    bare = _bare_forward(net, pixels)
    started = time.perf_counter()
    command = [sys.executable, "main.py", "-d", str(data), "--no-interactive", str(har)]
    command += ["--log-path", str(folder / "run.log"), "--target-snr", target, "-c", str(images)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise RuntimeError(f"the command ended with status {status}")
    phases = PHASE.findall((folder / ".run_debug.log").read_text("utf-8"))
    return {
        "images": images,
        "threads": embedded.processors(),
        "layers": len(net.layers),
        "archive [MB]": har.stat().st_size / 1e6,
        "bare forward [s]": bare,
        "whole command [s]": seconds,
        "whole command / bare forward": seconds / bare,
        "peak memory [MiB]": usage.ru_maxrss / 1024,
        **{f"{what} [s]": float(s) for what, s in phases if float(s) >= SHORTEST_PHASE},
    }


def _bare_forward(net: FloatGraph, pixels: np.ndarray) -> float:
    """Seconds for all images at the better batch size, without loading and warming up."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = embedded.processors()
    session = onnxruntime.InferenceSession(to_onnx(net), settings, ["CPUExecutionProvider"])
    columns = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))

    def forward(size: int) -> float:
        session.run(None, {net.input_name: columns[:size].astype(np.float32)})
        started = time.perf_counter()
        for first in range(0, len(columns), size):
            batch = columns[first : first + size].astype(np.float32)
            session.run(None, {net.input_name: batch})
        return time.perf_counter() - started

    return min(forward(size) for size in ONNX_BATCH_SIZES)


if __name__ == "__main__":
    sys.exit(main())
