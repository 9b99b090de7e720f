"""Families of networks, with random widths and depths, each trained for a task of its own."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.judgement import samples
from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.map_families import MAP_FAMILIES
from benchmarks.judgement.modern_families import MODERN_FAMILIES
from benchmarks.judgement.tasks import COUNT, Array, Draft, Task, cross_entropy, top_one
from benchmarks.judgement.training import trained
from benchmarks.judgement.yolo_family import yolo

LONGEST_TRAINING = 1000  # steps; tests train less


def _plain(draft: Draft) -> Task:
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    for _ in range(draft.random.integers(2, 5)):
        width = int(draft.random.integers(12, 32))
        last = graph.conv(last, width, 3, draft.one_of(1, 2) if len(graph.weighted) else 2, act)
    return _classes(draft, graph, last)


def _residual(draft: Draft) -> Task:
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    for _ in range(draft.random.integers(2, 4)):
        last = graph.conv(last, int(draft.random.integers(12, 26)), 3, 2, act)
        for _ in range(draft.random.integers(1, 3)):
            width = graph.shape(last)[2]
            inner = graph.conv(graph.conv(last, width, 3, 1, act), width, 3, 1, "linear")
            last = graph.joined("ew_add", last, inner)
    return _classes(draft, graph, last)


def _depthwise(draft: Draft) -> Task:
    graph, act = draft.graph(), draft.one_of("relu6", "relu")
    last = graph.conv(draft.pixels(graph, 32), 16, 3, 2, act)
    for stride in (2, *[1] * draft.random.integers(0, 3), 2):
        last = graph.depthwise(last, stride, act)
        last = graph.conv(last, int(draft.random.integers(20, 64)), 1, 1, act)
    return _classes(draft, graph, last)


def _classes(draft: Draft, graph: TrainableGraph, last: str) -> Task:
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    is_small = int(np.prod(graph.shape(last))) < 3000
    if not (is_small and draft.random.random() < 0.3):
        last = graph.pooled(last)
    graph.add_output(graph.dense(last, 5))
    labels = found.labels[:, 0]
    return Task(
        graph, (found.images,), labels, cross_entropy, top_one, ("classes",), 400, is_pictures=True
    )


def _transformer(draft: Draft) -> Task:
    graph, width, heads = draft.graph(), int(draft.one_of(24, 32, 48)), 4
    last = graph.conv(draft.pixels(graph, 32), 16, 3, 2, "relu")
    last = graph.conv(last, width, 3, 2, "relu")
    last = graph.conv(last, width, 2, 2, "linear", normalized=False)
    shape = (1, 16, width)
    last = graph.add(
        "format_conversion1",
        "format_conversion",
        (last,),
        shape,
        conversion_type="spatial_flatten",
    )
    for _ in range(draft.random.integers(1, 3)):
        last = _block(graph, last, heads)
    graph.add_output(graph.dense(graph.pooled(_centred(graph, last)), 5))
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    labels = found.labels[:, 0]
    return Task(
        graph,
        (found.images,),
        labels,
        cross_entropy,
        top_one,
        ("classes",),
        500,
        is_pictures=True,
        rate=2e-3,
    )


def _centred(graph: TrainableGraph, source: str) -> str:
    shape = graph.shape(source)
    centred = graph.add(
        graph.numbered("layer_normalization"),
        "layer_normalization",
        (source,),
        shape,
        reduce_axes=[3],
        rms_norm=False,
        groups=1,
    )
    graph.arrays[centred] = {"epsilon": np.array(1e-6, np.float32)}
    number = sum(layer.type == "normalization" for layer in graph.layers.values()) + 1
    scaled = graph.add(
        f"normalization{number}",
        "normalization",
        (centred,),
        shape,
        elementwise_add=False,
        activation="linear",
    )
    width = shape[2]
    graph.arrays[scaled] = {
        "kernel": np.ones((1, 1, width, 1), np.float32),
        "bias": np.zeros(width, np.float32),
    }
    return scaled


def _block(graph: TrainableGraph, source: str, heads: int) -> str:
    _, tokens, width = graph.shape(source)

    def linear(taken: str, channels: int, activation: str = "linear") -> str:
        return graph.conv(taken, channels, 1, 1, activation, normalized=False)

    def product(left: str, right: str, channels: int, transposed: bool) -> str:
        return graph.add(
            graph.numbered("matmul"),
            "matmul",
            (left, right),
            (1, tokens, channels),
            groups=heads,
            transpose_matmul_input=transposed,
        )

    centred = _centred(graph, source)
    queries, keys, values = (linear(centred, width) for _ in range(3))
    graph.arrays[queries]["kernel"] *= np.float32(0.3)
    scores = product(queries, keys, heads * tokens, transposed=True)
    shape = graph.shape(scores)
    shares = graph.add(graph.numbered("softmax"), "softmax", (scores,), shape, groups=heads)
    mixed = linear(product(shares, values, width, transposed=False), width)
    last = graph.joined("ew_add", source, mixed)
    inner = linear(linear(_centred(graph, last), 2 * width, "gelu"), width)
    return graph.joined("ew_add", last, inner)


def _table(draft: Draft) -> Task:
    return _perceptron(draft, *samples.table(COUNT, draft.seed()), 3)


def _flows(draft: Draft) -> Task:
    return _perceptron(draft, *samples.flows(COUNT, draft.seed()), 2)


def _perceptron(draft: Draft, rows: Array, labels: Array, classes: int) -> Task:
    graph, act = draft.graph(), draft.one_of("relu", "relu", "silu", "tanh")
    last = graph.input(rows.shape[1:])
    for _ in range(draft.random.integers(1, 4)):
        last = graph.dense(last, int(draft.random.integers(16, 64)), act)
    graph.add_output(graph.dense(last, classes))
    return Task(graph, (rows,), labels, cross_entropy, top_one, ("classes",), 900)


def _spectrogram(draft: Draft) -> Task:
    values, labels = samples.spectrograms(COUNT, draft.seed())
    graph, act = draft.graph(), draft.activation()
    last = graph.input(values.shape[1:])
    for _ in range(draft.random.integers(2, 4)):
        last = graph.conv(last, int(draft.random.integers(20, 48)), (1, 5), (1, 2), act)
    graph.add_output(graph.dense(graph.pooled(last), 5))
    return Task(graph, (values,), labels, cross_entropy, top_one, ("classes",), 400)


def variant(family: str, number: int, folder: Path) -> Task:
    """A trained network of a family; the same number gives the same one."""
    # `hash` of a text differs from process to process.
    draft = Draft(family, np.random.default_rng([zlib.crc32(family.encode()), number]))
    task = FAMILIES[family](draft)
    learnt = slice(0, len(task.truth) - task.tests)
    trained(
        task.graph,
        [array[learnt] for array in task.samples],
        task.truth[learnt],
        task.loss,
        min(task.steps, LONGEST_TRAINING),
        folder / f"{family}-{number}.npz",
        task.rate,
    )
    return task


FAMILIES: Mapping[str, Callable[[Draft], Task]] = {
    "plain": _plain,
    "residual": _residual,
    "depthwise": _depthwise,
    "transformer": _transformer,
    "table": _table,
    "flows": _flows,
    "spectrogram": _spectrogram,
    **MAP_FAMILIES,
    **MODERN_FAMILIES,
    "yolo": yolo,
}
