"""What benchmarks share that hold something against the data pass of a few networks."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.entrants import ARCHIVE, DATA, ENTRANTS, prepare
from benchmarks.figures import print_figures, write_figures
from utils.backends import embedded
from utils.har.model import Model, load_model
from utils.measurements import Need
from utils.measurements.output_kind import WhatIsJudged

if TYPE_CHECKING:
    from utils.emulator.measuring.data_pass import DataPass

# What is measured in the data pass itself.
IN_THE_PASS = ~(Need.SENSITIVITY | Need.PRECISION_PLAN)

# Figures by name, from a model, its images, the folder that holds them and the number of repeats.
FiguresOf = Callable[[Model, NDArray[Any], Path, int], Mapping[str, float]]


def run_shares(
    parser: argparse.ArgumentParser,
    argv: Sequence[str] | None,
    images: Mapping[str, int],
    usual_images: int,
    repeats: int,
    figures_of: FiguresOf,
) -> int:
    """Measure the networks that the arguments name; returns the exit code of the command.

    Parameters
    ----------
    parser : takes the options that all such benchmarks have.
    images : number of images by network that is measured by default.
    usual_images : the same for other networks.
    repeats : number of timed runs by default.
    """
    add = parser.add_argument
    add("--network", nargs="+", choices=ENTRANTS, default=list(images), help="networks to measure")
    add("--side", type=int, help="of the images, in pixels (default: as the network takes them)")
    add("--images", type=int, help="number of images (default: as suits the network)")
    add("--repeats", type=int, default=repeats, help="timed runs of each (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    options = parser.parse_args(argv)
    embedded.prepare_tensorflow()
    figures = {}
    for network in options.network:
        side = options.side or ENTRANTS[network].side
        count = options.images or images.get(network, usual_images)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare(network, side, count, folder)
            model, pixels = load_model(str(folder / ARCHIVE)), np.load(folder / DATA)
            figures[network] = figures_of(model, pixels, folder, options.repeats)
        print_figures(figures[network], f"{network:12} ", width=40)
    write_figures(figures, options.json)
    return 0


def data_pass_of(model: Model, judged: WhatIsJudged) -> tuple[DataPass, str]:
    """A data pass over both networks, and the name of the layer that takes the images."""
    from utils.emulator.floats.engine import FloatEmulator
    from utils.emulator.measuring.engine_pass import engine_pass
    from utils.emulator.quantized.quantized_run import QuantizedEmulator
    from utils.quantizer.integers import coded_layers

    floats = FloatEmulator(model.float_network, model.float_parameters)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    (entering,) = floats.input_shapes
    return engine_pass(floats, IN_THE_PASS, model.calibrated_ranges(), quantized, judged), entering
