"""What a network is trained for, and what families draw networks with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.training import Loss

Array = NDArray[Any]
Score = Callable[[Sequence[Array], Array], float]

COUNT, TESTED = 2700, 300  # samples, of which the last are tests alone
PIXELS = {
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "unit": ((0.0,) * 3, (255.0,) * 3),
    "symmetric": ((127.5,) * 3, (127.5,) * 3),
}


@dataclass
class Task:
    """A network and what it is for.

    Parameters
    ----------
    graph : the network.
    samples : one array for each input, as they are deployed.
    truth : what the network is to say.
    loss : of training.
    score : of outputs against the truth; 1 is perfect, a network that says nothing has about 0.
    kinds : of the outputs, as ``--output-kind`` takes them.
    is_pictures : whether the first input holds pictures of 0..255.
    """

    graph: TrainableGraph
    samples: tuple[Array, ...]
    truth: Array
    loss: Loss
    score: Score
    kinds: tuple[str, ...]
    steps: int = 400
    is_pictures: bool = False
    rate: float = 3e-3
    tests: int = field(default=TESTED)


@dataclass
class Draft:
    """What the families make networks of."""

    name: str
    random: np.random.Generator

    def graph(self) -> TrainableGraph:
        """An empty network with the name of the family."""
        return TrainableGraph(self.name, self.random)

    def one_of(self, *choices: Any) -> Any:
        """A random choice."""
        return choices[self.random.integers(len(choices))]

    def seed(self) -> int:
        """A seed for samples; few different ones, since making them takes seconds."""
        return int(self.random.integers(3))

    def pixels(self, graph: TrainableGraph, side: int) -> str:
        """An input for pictures, with a usual normalization on the chip."""
        recipe = PIXELS[self.one_of(*PIXELS)]
        return graph.on_chip(graph.input((side, side, 3)), *recipe)

    def activation(self) -> str:
        """A usual activation."""
        return str(self.one_of("relu", "relu", "relu6", "silu", "leaky"))


def cross_entropy(found: Sequence[tf.Tensor], truth: tf.Tensor) -> tf.Tensor:
    """Of the first output, over its last axis."""
    logits = found[0] if truth.shape.rank > 1 else found[0][:, 0, 0]
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, logits)
    return tf.reduce_mean(each)


def top_one(found: Sequence[Array], truth: Array) -> float:
    """Share of samples whose largest class is right."""
    return float((found[0][:, 0, 0].argmax(-1) == truth).mean())
