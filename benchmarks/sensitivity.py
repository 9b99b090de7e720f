"""What it costs to know what every layer does to the outputs, and how good the budgeted search is.

Measured on archives of a residual network with 30, 60 and 120 layers with weights:

- budgeted: what the command does by itself where an output is below the target; it takes as many
  samples as half the work of the data pass allows, and stops when the worst layers are settled;
- exact: every layer on all samples (``--exact-sensitivity``), running again only what follows it;
- naive: every layer exactly, one after the other; each time the whole network runs, with the error
  of that layer in place;
- a bare forward pass of the float network, to compare with.

Everything is compiled by a run of each before. The rank correlation is Spearman's; it and the
worst layers compare budgeted with exact over all layers, at the output where each is worst.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
    runs = {
        "forward pass": measured.forward,
        "budgeted": measured.budgeted,
        "exact": measured.exact,
        "naive": measured.naive,
    }
    ways = {name: run(batches[:1] if name == "naive" else batches) for name, run in runs.items()}
    times = {name: [_seconds(run, batches) for _ in range(repeats)] for name, run in runs.items()}
    seconds = {name: statistics.median(each) for name, each in times.items()}
    alone = measured.exact(batches[:1])
    return {
        "images": count,
        "layers that add noise": len(ways["exact"]),
        **{f"{name} [s]": value for name, value in seconds.items()},
        "budgeted / forward pass": seconds["budgeted"] / seconds["forward pass"],
        "exact / naive": seconds["exact"] / seconds["naive"],
        "naive / forward pass": seconds["naive"] / seconds["forward pass"],
        **agreement(ways["budgeted"], ways["exact"]),
        "largest difference between exact and naive [dB]": max(
            abs(alone[name] - value) for name, value in ways["naive"].items()
        ),
    }


def _archived(net: FloatGraph) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.har"
        write_archive(net, path)
        return load_model(str(path))


def agreement(budgeted: Mapping[str, float], exact: Mapping[str, float]) -> dict[str, float]:
    """How well the budgeted search tells the layers apart."""
    pairs = np.array([[budgeted[name], exact[name]] for name in budgeted])
    finite = pairs[np.isfinite(pairs).all(axis=1)]  # layers whose codes pass unchanged add no error
    found = sorted(budgeted, key=budgeted.__getitem__)[:5]
    worst = sorted(exact, key=exact.__getitem__)[:3]
    return {
        "layers replayed in the budget": len(budgeted),
        "rank correlation of budgeted and exact": rank_correlation(*pairs.T),
        "true worst three among the first five": len(set(worst) & set(found)),
        "mean absolute difference [dB]": float(np.abs(finite[:, 0] - finite[:, 1]).mean()),
        "span of the exact values [dB]": float(np.ptp(finite[:, 1])),
    }


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Spearman's correlation of values without ties."""
    ranks = [values.argsort().argsort() for values in (one, other)]
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def _seconds(
    run: Callable[[Sequence[Batch]], Mapping[str, float]], batches: Sequence[Batch]
) -> float:
    began = time.perf_counter()
    run(batches)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
