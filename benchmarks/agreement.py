"""What share of the data pass it takes to see whether outputs decide as in float.

Measured in processor time of the thread that reduces tensors, beside that of the whole pass, twice:
with the kinds of the outputs as the graph settles them, and with all of them unknown, where every
reading is measured that the shape allows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.shares import data_pass_of, run_shares
from utils.har.model import Model
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.kinds import settled_kinds

IMAGES = 8
NETWORKS = dict.fromkeys(("yolov8n", "resnet18", "mobilenet_v2"), IMAGES)
MEASURING = ("add_front", "add_output", "count")  # methods of AgreementPass


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__)
    return run_shares(parser, argv, NETWORKS, IMAGES, 5, _figures)


def _figures(model: Model, images: NDArray[Any], folder: Path, repeats: int) -> Mapping[str, float]:
    del folder
    settled = WhatIsJudged(settled_kinds(model))
    ways = {"kinds settled": settled, "all kinds unknown": WhatIsJudged()}
    return {
        f"share of the data pass, {name} [%]": 100 * _share(model, images, judged, repeats)
        for name, judged in ways.items()
    }


def _share(model: Model, images: NDArray[Any], judged: WhatIsJudged, repeats: int) -> float:
    data_pass, entering = data_pass_of(model, judged)
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
