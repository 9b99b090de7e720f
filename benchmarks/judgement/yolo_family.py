"""A detector as YOLOv8: two scales, boxes as distributions of distances, and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.judgement import samples
from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.tasks import COUNT, Array, Draft, Task

SIDE, CLASSES = 64, 3
CELLS = (8, 16)  # of a scale, in pixels
COUNTS = tuple((SIDE // cell) ** 2 for cell in CELLS)
LARGE = 20.0  # pixels from which on a box belongs to the coarse scale
BINS = 16  # of the distance from the middle of a cell to a side of its box, in cells
IS_THERE = 4  # place in the truth, behind the distances; the classes follow


def yolo(draft: Draft) -> Task:
    """Boxes and scores at each of two scales, and no other outputs."""
    graph = draft.graph()
    recipe = ((0.0,) * 3, (255.0,) * 3)
    last = graph.conv(graph.on_chip(graph.input((SIDE, SIDE, 3)), *recipe), 12, 3, 2, "silu")
    width = int(draft.random.integers(10, 15))
    last = _block(graph, graph.conv(last, 2 * width, 3, 2, "silu"), width)
    fine = _block(graph, graph.conv(last, 3 * width, 3, 2, "silu"), width)
    coarse = _block(graph, graph.conv(fine, 4 * width, 3, 2, "silu"), width)
    fine = _block(graph, graph.joined("concat", graph.doubled(coarse), fine), width)
    down = graph.conv(fine, 2 * width, 3, 2, "silu")
    coarse = _block(graph, graph.joined("concat", down, coarse), width)
    for source in (fine, coarse):
        _head(graph, source, width)
    found = samples.pictures(COUNT, SIDE, draft.seed(), CLASSES, 2)

    def loss(outputs: Sequence[tf.Tensor], truth: tf.Tensor) -> tf.Tensor:
        return _loss(*_flat(outputs, tf.reshape, tf.concat), truth)

    def score(outputs: Sequence[Array], truth: Array) -> float:
        return _score(*_flat(outputs, np.reshape, np.concatenate), truth)

    return Task(
        graph,
        (found.images,),
        _truth(found),
        loss,
        score,
        ("detection",) * 4,
        700,
        is_pictures=True,
    )


def _block(graph: TrainableGraph, source: str, width: int) -> str:
    """Two branches, one of them through a bottleneck, all of its links joined."""
    parts = [graph.conv(source, width, 1, 1, "silu") for _ in range(2)]
    inner = graph.conv(graph.conv(parts[-1], width, 3, 1, "silu"), width, 3, 1, "silu")
    parts.append(graph.joined("ew_add", parts[-1], inner))
    return graph.conv(graph.joined("concat", *parts), 2 * width, 1, 1, "silu")


def _head(graph: TrainableGraph, source: str, width: int) -> None:
    for channels, activation in ((4 * BINS, "linear"), (CLASSES, "sigmoid")):
        inner = graph.conv(source, 2 * width, 3, 1, "silu")
        made = graph.conv(inner, channels, 1, 1, activation, normalized=False)
        if channels == CLASSES:
            graph.arrays[made]["bias"] -= 4
        graph.add_output(made)


def _flat(
    outputs: Sequence[Any], reshape: Callable[..., Any], joined: Callable[..., Any]
) -> tuple[Any, Any]:
    """Boxes (samples, cells, 4, bins) and scores (samples, cells, classes) of all scales.

    Parameters
    ----------
    reshape, joined : of TensorFlow or of numpy.
    """
    boxes = [reshape(x, (-1, n, 4, BINS)) for x, n in zip(outputs[::2], COUNTS, strict=True)]
    scores = [reshape(x, (-1, n, CLASSES)) for x, n in zip(outputs[1::2], COUNTS, strict=True)]
    return joined(boxes, 1), joined(scores, 1)


def _middles() -> Array:
    """(cells, 2): x and y of the middles of the cells of all scales, in pixels."""
    found = []
    for cell in CELLS:
        rows, columns = np.mgrid[0 : SIDE // cell, 0 : SIDE // cell]
        found.append(np.stack([columns.ravel(), rows.ravel()], 1) * cell + cell / 2)
    return np.concatenate(found)


def _truth(found: samples.Pictures) -> Array:
    """(samples, cells, 5 + classes): distances to left, top, right, bottom in cells; whether."""
    truth = np.zeros((len(found.labels), sum(COUNTS), 5 + CLASSES), np.float32)
    middles = _middles()
    for i, (boxes, labels) in enumerate(zip(found.boxes, found.labels, strict=True)):
        for (x, y, width, height), label in zip(boxes, labels, strict=True):
            scale = int(max(width, height) >= LARGE)
            cell, across = CELLS[scale], SIDE // CELLS[scale]
            column, row = (min(int(v // cell), across - 1) for v in (x, y))
            place = scale * COUNTS[0] + row * across + column
            left, top = middles[place] - (x - width / 2, y - height / 2)
            sides = np.array([left, top, width - left, height - top]) / cell
            truth[i, place] = (*sides.clip(0, BINS - 1.01), 1, *np.eye(CLASSES)[label])
    return truth


def _loss(boxes: tf.Tensor, scores: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
    there, wanted = truth[..., IS_THERE], truth[..., IS_THERE + 1 :]
    lower = tf.floor(truth[..., :4])
    above = truth[..., :4] - lower
    bins = tf.cast(lower, tf.int32)
    shares = tf.nn.log_softmax(boxes)
    near = tf.one_hot(bins, BINS) * (1 - above)[..., None]
    near += tf.one_hot(bins + 1, BINS) * above[..., None]
    distances = -tf.reduce_sum(near * shares, [2, 3]) * there
    scores = tf.clip_by_value(scores, 1e-6, 1 - 1e-6)
    each = -(wanted * tf.math.log(scores) + (1 - wanted) * tf.math.log(1 - scores))
    return tf.reduce_mean(0.3 * tf.reduce_sum(distances, 1) + tf.reduce_sum(each, [1, 2]))


def _score(boxes: Array, scores: Array, truth: Array) -> float:
    """F1 of boxes of the right class that overlap by half; one for each cell."""
    shares = np.exp(boxes - boxes.max(-1, keepdims=True))
    distances = (shares / shares.sum(-1, keepdims=True)) @ np.arange(BINS)
    wanted = truth[..., :4]
    there, fires = truth[..., IS_THERE] > 0.5, scores.max(-1) > 0.5
    common = np.minimum(distances, wanted)
    overlap = _area(common) / np.maximum(_area(distances) + _area(wanted) - _area(common), 1e-6)
    is_class = scores.argmax(-1) == truth[..., IS_THERE + 1 :].argmax(-1)
    hits = there & fires & (overlap > 0.5) & is_class
    return float(2 * hits.sum() / max(there.sum() + fires.sum(), 1))


def _area(sides: Array) -> Array:
    """Of boxes given by their distances from one middle."""
    areas: Array = (sides[..., 0] + sides[..., 2]) * (sides[..., 1] + sides[..., 3])
    return areas
