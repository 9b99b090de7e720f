"""What share of the data pass it takes to see whether outputs decide as in float.

Measured in processor time of the thread that reduces tensors, beside that of the whole pass, twice:
with the kinds of the outputs as the graph settles them, and with all of them unknown, where every
reading is measured that the shape allows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.entrants import ARCHIVE, DATA, ENTRANTS, prepare
from benchmarks.figures import print_figures, write_figures
from utils.backends import embedded
from utils.har.model import Model, load_model
from utils.measurements import Need
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.kinds import settled_kinds

NETWORKS = ("yolov8n", "resnet18", "mobilenet_v2")
IMAGES = 8
# What is measured in the data pass itself.
IN_THE_PASS = ~(Need.SENSITIVITY | Need.PRECISION_PLAN)
MEASURING = ("add_front", "add_output", "count")  # methods of AgreementPass


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    add = parser.add_argument
    add("--network", nargs="+", choices=ENTRANTS, default=NETWORKS, help="networks to measure")
    add("--side", type=int, help="of the images, in pixels (default: as the network takes them)")
    add("--images", type=int, default=IMAGES, help="number of images (default %(default)s)")
    add("--repeats", type=int, default=5, help="timed runs of each (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    embedded.prepare_tensorflow()
    figures = {}
    for network in options.network:
        side = options.side or ENTRANTS[network].side
        with tempfile.TemporaryDirectory() as folder:
            prepare(network, side, options.images, Path(folder))
            figures[network] = _figures(Path(folder), options.repeats)
        print_figures(figures[network], f"{network:12} ", width=36)
    write_figures(figures, options.json)
    return 0


def _figures(folder: Path, repeats: int) -> dict[str, float]:
    model, images = load_model(str(folder / ARCHIVE)), np.load(folder / DATA)
    settled = WhatIsJudged(settled_kinds(model))
    ways = {"kinds settled": settled, "all kinds unknown": WhatIsJudged()}
    return {
        f"share of the data pass, {name} [%]": 100 * _share(model, images, judged, repeats)
        for name, judged in ways.items()
    }


def _share(model: Model, images: Any, judged: WhatIsJudged, repeats: int) -> float:
    from utils.emulator.floats.engine import FloatEmulator
    from utils.emulator.measuring.engine_pass import engine_pass
    from utils.emulator.quantized.quantized_run import QuantizedEmulator
    from utils.quantizer.integers import coded_layers

    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    data_pass = engine_pass(floats, IN_THE_PASS, model.calibrated_ranges(), quantized, judged)
    (entering,) = floats.input_shapes
    batch = {entering: images.astype(np.float32)}
    data_pass.add(batch)  # traces, and fills caches
    shares = []
    for _ in range(repeats):
        with _timed() as spent:
            start = time.process_time()
            data_pass.add(batch)
            shares.append(sum(spent) / (time.process_time() - start))
    return statistics.median(shares)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Seconds of processor time of every call that measures agreement."""
    from utils.emulator.measuring.agreement_pass import AgreementPass

    spent: list[float] = []

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            start = time.thread_time()
            found = method(*arguments)
            spent.append(time.thread_time() - start)
            return found

        return call

    with ExitStack() as stack:
        for name in MEASURING:
            wrapped = timed(getattr(AgreementPass, name))
            stack.enter_context(mock.patch.object(AgreementPass, name, wrapped))
        yield spent


if __name__ == "__main__":
    sys.exit(main())
