"""What share of the data pass it takes to see how samples were prepared.

Measured in processor time, beside that of the whole pass over the same images: the digests of the
samples, with the close look at orders of their values, and the hypotheses that are held against
what the archive stores. Twice: with images of the calibration's own kind, and divided by 255, where
every hypothesis is tried.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.shares import data_pass_of, run_shares
from inspectors.base_inspector import Context
from inspectors.preparation.judged import prepared_inputs
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.facts import DEFAULT_DATA_COUNT
from utils.dataset.sample_digester import SampleDigester
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.stored_inputs import stored_bounds
from utils.emulator.floats.batch_size import default_batch_size
from utils.har.model import Model
from utils.measurements.output_kind import WhatIsJudged
from utils.outputs.kinds import settled_kinds

IMAGES = {"resnet18": DEFAULT_DATA_COUNT, "yolov8n": 16}  # of the networks measured by default
WHITE = np.float32(255.0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preparation", description=__doc__)
    return run_shares(parser, argv, IMAGES, DEFAULT_DATA_COUNT, 3, _figures)


def _figures(model: Model, images: NDArray[Any], folder: Path, repeats: int) -> Mapping[str, float]:
    of_pass = _data_pass(model, images, repeats)
    figures = {"data pass [s]": of_pass}
    for name, values in {"own kind": images, "divided by 255": images / WHITE}.items():
        path = folder / "samples.npy"
        np.save(path, values)
        calibration = open_dataset(str(path), model.network.input_layers, len(values))
        seen, of_digests = _least(repeats, partial(_digests, model, calibration))
        _, of_judging = _least(repeats, partial(_judged, model, calibration, seen))
        figures[f"digests, {name} [s]"] = of_digests
        figures[f"judging, {name} [s]"] = of_judging
        figures[f"share of the data pass, {name} [%]"] = 100 * (of_digests + of_judging) / of_pass
    return figures


def _data_pass(model: Model, images: NDArray[Any], repeats: int) -> float:
    """Seconds of processor time."""
    data_pass, entering = data_pass_of(model, WhatIsJudged(settled_kinds(model)))
    size = default_batch_size(model.float_network)

    def run() -> None:
        for start in range(0, len(images), size):
            data_pass.add({entering: images[start : start + size].astype(np.float32)})

    run()  # traces, and fills caches
    return _least(repeats, run)[1]


def _digests(model: Model, calibration: CalibrationSet) -> SampleDigests | None:
    digester = SampleDigester(calibration, stored_bounds(model))
    for batch in calibration.batches(digester.batch_size):
        digester.add(batch)
    return digester.digests()


def _judged(model: Model, calibration: CalibrationSet, seen: SampleDigests | None) -> object:
    context = Context(
        model=model,
        script=None,
        calibration=calibration.facts,
        measurements=None,
        ask=lambda question: question.default,
        samples=seen,
    )
    return prepared_inputs(context)


def _least(repeats: int, work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work yields, and the seconds of processor time that it takes at the least.

    Whatever else the machine does makes it only longer.
    """
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        found = work()
        taken.append(time.process_time() - start)
    return found, min(taken)


if __name__ == "__main__":
    sys.exit(main())
