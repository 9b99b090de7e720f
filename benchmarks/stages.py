"""What comparing stages takes, beside the data pass.

Where nobody asks, the parsed graph is held against the optimized one without running either. Where
an original model is given, the parsed graph runs once more; where outputs of the chip are, the
integers do. A parsed graph that was modified has to be compiled by itself.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.shares import data_pass_of, run_shares
from utils.har.model import Model
from utils.har.parsed import ParsedGraph, parsed_graph
from utils.measurements.output_kind import WhatIsJudged
from utils.stages.modified import difference

IMAGES = 8
NETWORKS = dict.fromkeys(("yolov8n", "resnet18", "mobilenet_v2"), IMAGES)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    return run_shares(parser, argv, NETWORKS, IMAGES, 5, _figures)


def _figures(model: Model, images: NDArray[Any], folder: Path, repeats: int) -> Mapping[str, float]:
    del folder
    graph = parsed_graph(model)
    assert graph is not None
    data_pass, entering = data_pass_of(model, WhatIsJudged())
    batch = {entering: images.astype(np.float32)}
    # Traced with what it needs; run a second time, it is the data pass of many images.
    first = _seconds(lambda: data_pass.add(batch), 1)
    whole = _seconds(lambda: data_pass.add(batch), repeats)
    spent = _stages(model, graph, batch, repeats)
    shares = {f"{what} [% of the data pass]": 100 * s / whole for what, s in spent.items()}
    return {"data pass, traced [s]": first, "data pass [s]": whole, **shares}


def _stages(
    model: Model, graph: ParsedGraph, batch: Mapping[str, NDArray[Any]], repeats: int
) -> Mapping[str, float]:
    """Seconds of each part."""
    from utils.backends.stages.runs import EnteredRun, FloatRun, QuantizedRun
    from utils.emulator.floats.engine import FloatEmulator
    from utils.emulator.quantized.quantized_run import QuantizedEmulator
    from utils.quantizer.integers import coded_layers

    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    found = difference(model, graph)
    size = len(next(iter(batch.values())))
    outputs = [layer.name for layer in graph.network.output_layers]
    parsed = EnteredRun(graph.network, floats, found.inserted, size)
    integers = QuantizedRun(floats, quantized, size)

    def compiled() -> None:
        own = FloatEmulator(graph.network, graph.parameters)
        FloatRun(own, size).run(batch, outputs)

    for run in (parsed, integers):
        run.run(batch, outputs)  # traces, and fills caches
    return {
        "comparing both graphs": _seconds(lambda: difference(model, graph), repeats),
        "the parsed stage": _seconds(lambda: parsed.run(batch, outputs), repeats),
        "the quantized stage": _seconds(lambda: integers.run(batch, outputs), repeats),
        "a parsed stage that is compiled": _seconds(compiled, 1),
    }


def _seconds(run: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
