"""One situation: an archive, the data given with it, and what of both is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.tasks import Task
from utils.facts.optimization_levels import FINETUNE
from utils.quantizer.calibration import LayerStatistics

Array = NDArray[Any]
Samples = list[Array]
Statistics = dict[str, LayerStatistics]
Integers = dict[str, Array]

CALIBRATED, GIVEN = 96, 64  # samples
FLAVOR = "model_optimization_flavor(optimization_level={}, compression_level={})\n"
SIZE = "model_optimization_config(calibration, batch_size=8, calibset_size={})\n"

# Ids of what is seen of noise at layers and outputs, and of weights with 4 bit.
NOISE = (
    "low-snr low-snr-outlier noise-born-here noise-concentrated noise-diffuse output-snr-low "
    "decisions-change error-is-bias output-constant nothing-decided worst-samples"
)
FOUR_BITS = "fragile-layer-compressed implicit-compression weights-compressed"


class Expected(NamedTuple):
    """What a first cause may be.

    Parameters
    ----------
    true : ids that name the fault itself.
    part : ids of what follows from it, or that name it vaguely.
    layers : base names of layers, one of which a true finding has to name; any, where empty.
    anywhere : true ids that need not name one.
    words : reasons of which a true finding has to measure one; any, where empty.
    """

    true: frozenset[str] = frozenset()
    part: frozenset[str] = frozenset()
    layers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    anywhere: frozenset[str] = frozenset()


def expected(
    true: str, part: str = "", layers: Sequence[str] = (), words: str = "", anywhere: str = ""
) -> Expected:
    """Made of ids, and of words, with spaces between them."""
    names = tuple(layer.rpartition("/")[2] for layer in layers)
    ids = [frozenset(text.split()) for text in (true, part, anywhere)]
    return Expected(ids[0] | ids[2], ids[1], names, tuple(words.split()), ids[2])


@dataclass
class Situation:
    """Everything that a fault may change before it is written.

    Parameters
    ----------
    task : the network and what it is for; never changed.
    random : of this situation alone.
    graph : what is quantized.
    calibration : what calibration sees, one array for each input.
    given : what the tool is given; None for the calibration set itself.
    given_rows : rows of the task's samples that `given`, or else `calibration`, was made of.
    deployed : what the user's program makes of right samples before they reach the network.
    lines : of the model script, behind normalization and the lines of optimization.
    tuned : what finetuning made of weights, by ``layer/suffix``.
    modes : precision by layer.
    of_statistics : changes of what calibration saw.
    of_integers : changes of the integers that are written.
    equalized : whether scales of channels are chosen.
    level, compression : of the optimization.
    algorithms : that ran.
    options : further arguments of the command.
    of_chip : makes outputs of a chip, one array for each output, from right ones; None: no chip.
    chip_frames : makes of the given samples those that the chip ran.
    with_reference : whether the original model is given as well.
    parted : makes outputs of the task of those of the network, where these were joined.
    """

    task: Task
    random: np.random.Generator
    graph: TrainableGraph
    calibration: Samples
    given: Samples | None
    given_rows: Array
    deployed: Callable[[Samples], Samples] = field(default=list)
    lines: str = ""
    tuned: dict[str, Array] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    of_statistics: list[Callable[[Statistics], Statistics]] = field(default_factory=list)
    of_integers: list[Callable[[Integers], None]] = field(default_factory=list)
    equalized: bool = True
    level: int = 1
    compression: int = 0
    algorithms: tuple[str, ...] = ("bias_correction",)
    options: list[str] = field(default_factory=list)
    of_chip: Callable[[Samples], Samples] | None = None
    chip_frames: Callable[[Samples], Samples] = field(default=list)
    with_reference: bool = False
    parted: Callable[[Samples], Samples] = field(default=list)

    @property
    def data(self) -> Samples:
        """What the tool is given."""
        return self.calibration if self.given is None else self.given

    def one_of(self, *choices: Any) -> Any:
        """A random choice."""
        return choices[self.random.integers(len(choices))]

    def some_layer(self, *, least: int = 0, most: int | None = None) -> str:
        """A layer with weights, between the first and the last."""
        return str(self.one_of(*self.graph.weighted[least:most]))

    def finetune(self, share: float) -> None:
        """Move the weights of all layers by so many of their standard deviations, at level 2."""
        for name in self.graph.weighted:
            kernel = self.graph.arrays[name]["kernel"]
            noise = self.random.standard_normal(kernel.shape) * kernel.std() * share
            self.tuned[f"{name}/kernel"] = (kernel + noise).astype(np.float32)
        self.level, self.algorithms = 2, (FINETUNE.flag,)

    @property
    def script(self) -> str:
        """The model script."""
        flavor = FLAVOR.format(self.level, self.compression)
        size = SIZE.format(len(self.calibration[0]))
        return f"{normalization_lines(self.graph)}{flavor}{size}{self.lines}"


def normalization_lines(graph: TrainableGraph) -> str:
    """Lines of the script that insert the normalizations of a network."""
    lines = []
    for name in graph.on_chip_normalizations:
        kernel = graph.arrays[name]["kernel"].reshape(-1).astype(np.float64)
        deviations = np.round(1 / kernel, 4)
        means = np.round(-graph.arrays[name]["bias"] * deviations, 3) + 0.0
        # A single input needs no name.
        source = f", {graph.layers[name].inputs[0]}" if len(graph.inputs) > 1 else ""
        base = name.rpartition("/")[2]
        lines.append(f"{base} = normalization({means.tolist()}, {deviations.tolist()}{source})\n")
    return "".join(lines)


def healthy(task: Task, random: np.random.Generator) -> Situation:
    """A situation without a fault: calibrated on some samples, given others."""
    rows = random.permutation(len(task.truth) - task.tests)
    taken, other = rows[:CALIBRATED], rows[CALIBRATED : CALIBRATED + GIVEN]
    calibration = [np.ascontiguousarray(array[taken]) for array in task.samples]
    given = [np.ascontiguousarray(array[other]) for array in task.samples]
    is_same = random.random() < 0.4
    return Situation(
        task,
        random,
        task.graph.copied(),
        calibration,
        None if is_same else given,
        taken if is_same else other,
    )
