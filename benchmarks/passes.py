"""How long a bare forward pass, our float pass and our full pass take on the same images."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.entrants import ARCHIVE, DATA, ENTRANTS
from benchmarks.own_process import seconds_of
from utils.backends import embedded
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import load_model

ONNX_BATCH_SIZES = (1, 2, 4, 8, 16)
TRIED_IMAGES = 16  # that show which of them is best
MOST_ROUNDS = 5
ENOUGH_SECONDS = 45.0  # no round of passes begins after them


@dataclass(frozen=True)
class Passes:
    """Seconds for all images, as medians.

    Parameters
    ----------
    layers : of the network.
    rounds : how often each was timed.
    batch_size, onnx_batch_size : of our passes (their own choice), and the best of onnxruntime.
    compiling : by how much the first batch of the full pass took longer than a later one.
    """

    layers: int
    threads: int
    rounds: int
    batch_size: int
    onnx_batch_size: int
    bare_forward: float
    float_pass: float
    full_pass: float
    compiling: float


def timed_passes(network: str, side: int, folder: Path, enough: float) -> Passes:
    """Time an entrant whose archive and images lie in a folder."""
    embedded.prepare_tensorflow()
    from benchmarks import contestants

    images = np.load(folder / DATA)
    net = ENTRANTS[network].build(side)
    model = load_model(str(folder / ARCHIVE))
    size = default_batch_size(model.float_network)
    forward = contestants.onnx_forward(net, images, embedded.processors())
    floats = contestants.float_pass(model, size)
    full = contestants.full_pass(model, size)
    first = images[:size]
    floats(first)
    compiling = seconds_of(lambda: full(first))
    best = _best_batch_size(forward, len(images))
    seconds, rounds = _by_turns(
        {
            "bare": lambda: forward(len(images), best),
            "float": lambda: floats(images),
            "full": lambda: full(images),
        },
        enough,
    )
    return Passes(
        len(net.layers),
        embedded.processors(),
        rounds,
        size,
        best,
        seconds["bare"],
        seconds["float"],
        seconds["full"],
        compiling - seconds["full"] * len(first) / len(images),
    )


def _best_batch_size(forward: Callable[[int, int], None], images: int) -> int:
    tried = min(TRIED_IMAGES, images)
    forward(tried, 1)
    return min(ONNX_BATCH_SIZES, key=lambda size: seconds_of(lambda: forward(tried, size)))


def _by_turns(
    ways: Mapping[str, Callable[[], object]], enough: float
) -> tuple[dict[str, float], int]:
    """Median seconds of each way, and the number of rounds."""
    began = time.perf_counter()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    rounds = 0
    while not rounds or (rounds < MOST_ROUNDS and time.perf_counter() < began + enough):
        for name, run in ways.items():
            seconds[name].append(seconds_of(run))
        rounds += 1
    return {name: statistics.median(found) for name, found in seconds.items()}, rounds
