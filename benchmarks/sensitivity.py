"""What it costs to know what every layer does to the outputs, and how good the estimate is.

Measured on archives of a residual network with 30, 60 and 120 layers with weights:

- first order: random probes, one backward pass for each, serve all layers at once;
- replay: every layer exactly, running again only what follows it;
- naive: every layer exactly, one after the other; each time the whole network runs twice, in float
  and with the error of that layer in place, as one traced graph;
- a bare forward pass of the float network, to compare with.

Times are those of a second round over the same images in the same call: what was traced in the
first one is there already. Tracing is listed by itself. The rank correlation is Spearman's; it and
the mean absolute difference compare first order with replay over all layers.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.archive import random_images, write_archive
from benchmarks.deep_network import build_deep_network
from benchmarks.figures import print_figures, write_figures
from benchmarks.float_graph import FloatArray, FloatGraph
from utils.backends import embedded
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import Model, load_model

LAYERS = (30, 60, 120)
IMAGES = 64

Batch = Mapping[str, FloatArray]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sensitivity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--layers", type=int, nargs="+", default=LAYERS, help="layers with weights, each a network")
    add("--images", type=int, default=IMAGES, help="number of images (default %(default)s)")
    add("--repeats", type=int, default=3, help="timed runs of each (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    embedded.prepare_tensorflow()
    figures = {}
    for layers in options.layers:
        figures[str(layers)] = found = _figures(layers, options.images, options.repeats)
        print_figures(found, f"{layers:4} layers: ", width=48)
    write_figures(figures, options.json)
    return 0


def _figures(layers: int, count: int, repeats: int) -> dict[str, float]:
    from benchmarks.single_layers import SingleLayers

    net = build_deep_network(layers)
    model = _archived(net)
    images = random_images(net, count, seed=1)
    size = default_batch_size(model.float_network)
    batches = [{net.input_name: images[i : i + size]} for i in range(0, count, size)]
    measured = SingleLayers(model)
    found = {
        name: [_timed(run, batches) for _ in range(repeats)]
        for name, run in {
            "forward pass": measured.forward,
            "first order": measured.first_order,
            "replay": measured.replay,
            "naive": measured.naive,
        }.items()
    }
    seconds = {name: statistics.median(t.second for t in times) for name, times in found.items()}
    tracing = {name: statistics.median(t.tracing for t in times) for name, times in found.items()}
    ways = {name: times[0].result for name, times in found.items()}
    return {
        "images": count,
        "layers that add noise": len(ways["replay"]),
        **{f"{name} [s]": value for name, value in seconds.items()},
        **{f"tracing, {name} [s]": value for name, value in tracing.items()},
        "first order / forward pass": seconds["first order"] / seconds["forward pass"],
        "replay / naive": seconds["replay"] / seconds["naive"],
        "replay / naive, with tracing": _sum("replay", seconds, tracing)
        / _sum("naive", seconds, tracing),
        "naive / forward pass": seconds["naive"] / seconds["forward pass"],
        **_agreement(ways["first order"], ways["replay"]),
        "largest difference between replay and naive [dB]": max(
            abs(ways["replay"][name] - value) for name, value in ways["naive"].items()
        ),
    }


def _archived(net: FloatGraph) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.har"
        write_archive(net, path)
        return load_model(str(path))


def _agreement(estimate: Mapping[str, float], exact: Mapping[str, float]) -> dict[str, float]:
    pairs = np.array([[estimate[name], value] for name, value in exact.items()])
    return {
        "rank correlation of first order and replay": rank_correlation(*pairs.T),
        "mean absolute difference [dB]": float(np.abs(pairs[:, 0] - pairs[:, 1]).mean()),
        "span of the exact values [dB]": float(np.ptp(pairs[:, 1])),
    }


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Spearman's correlation of values without ties."""
    ranks = [values.argsort().argsort() for values in (one, other)]
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


@dataclass(frozen=True)
class _Timed:
    """Seconds of the second round, what the first one took longer, and what came out."""

    second: float
    tracing: float
    result: Mapping[str, float]


class _TwoRounds(Sequence[Batch]):
    """All batches twice; remembers when the second round of the latest walk through them began."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = [*batches, *batches]
        self.second_began = 0.0

    def __iter__(self) -> Iterator[Batch]:
        for index, batch in enumerate(self._batches):
            if index == len(self) // 2:
                self.second_began = time.perf_counter()
            yield batch

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: Any) -> Any:
        return self._batches[index]


def _timed(
    run: Callable[[Sequence[Batch]], Mapping[str, float]], batches: Sequence[Batch]
) -> _Timed:
    rounds = _TwoRounds(batches)
    began = time.perf_counter()
    result = run(rounds)
    second = time.perf_counter() - rounds.second_began
    return _Timed(second, rounds.second_began - began - second, result)


def _sum(name: str, *seconds: Mapping[str, float]) -> float:
    return sum(found[name] for found in seconds)


if __name__ == "__main__":
    sys.exit(main())
