"""Families whose outputs are maps, boxes, numbers or vectors instead of classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from benchmarks.judgement import samples
from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.tasks import COUNT, Array, Draft, Task, cross_entropy, top_one

SIDE, CELL = 48, 8  # of the detector's pictures and of its cells, in pixels
CLASSES = 3  # that it knows
NEAR = 3.0  # pixels by which a point may be off
HEATED = 20.0  # noise that the restoration takes away, in levels


def _detector(draft: Draft) -> Task:
    """Boxes and scores of classes in two outputs, or joined behind a sigmoid."""
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, SIDE)
    for stride in (2, 2, *[1] * draft.random.integers(0, 2), 2):
        last = graph.conv(last, int(draft.random.integers(20, 36)), 3, stride, act)
    width = int(draft.random.integers(16, 32))
    boxes = graph.conv(graph.conv(last, width, 3, 1, act), 4, 1, 1, "linear", normalized=False)
    inner = graph.conv(last, width, 3, 1, act)
    scores = graph.conv(inner, CLASSES, 1, 1, "sigmoid", normalized=False)
    graph.arrays[scores]["bias"] -= 3
    graph.add_output(boxes)
    graph.add_output(scores)
    found = samples.pictures(COUNT, SIDE, draft.seed(), CLASSES, 2)
    truth = _cells(found)
    return Task(
        graph,
        (found.images,),
        truth,
        _detection_loss,
        _detection_score,
        ("regression", "scores"),
        500,
        is_pictures=True,
    )


def _cells(found: samples.Pictures) -> Array:
    """(samples, cells, cells, 5 + classes): box beside the centre of a cell, whether, class."""
    cells = SIDE // CELL
    truth = np.zeros((len(found.labels), cells, cells, 5 + CLASSES), np.float32)
    for i, (boxes, labels) in enumerate(zip(found.boxes, found.labels, strict=True)):
        for (x, y, width, height), label in zip(boxes, labels, strict=True):
            row, column = (min(int(v // CELL), cells - 1) for v in (y, x))
            middle = (x - CELL * (column + 0.5), y - CELL * (row + 0.5))
            truth[i, row, column] = (*middle, width, height, 1, *np.eye(CLASSES)[label])
    return truth


def _detection_loss(found: Sequence[tf.Tensor], truth: tf.Tensor) -> tf.Tensor:
    boxes, scores = found
    is_there, wanted = truth[..., 4:5], truth[..., 5:]
    near = is_there * tf.abs(boxes - truth[..., :4])
    right = wanted * tf.math.log(scores + 1e-6) + (1 - wanted) * tf.math.log(1 - scores + 1e-6)
    return tf.reduce_mean(0.15 * tf.reduce_sum(near, [1, 2, 3]) - tf.reduce_sum(right, [1, 2, 3]))


def _detection_score(found: Sequence[Array], truth: Array) -> float:
    """F1 of boxes of the right class that overlap by half; one for each cell."""
    boxes, scores = found
    there, fires = truth[..., 4] > 0.5, scores.max(-1) > 0.5
    sides = [
        np.minimum(boxes[..., i] + size(boxes) / 2, truth[..., i] + size(truth) / 2)
        - np.maximum(boxes[..., i] - size(boxes) / 2, truth[..., i] - size(truth) / 2)
        for i, size in enumerate((_widths, _heights))
    ]
    common = np.clip(sides[0], 0, None) * np.clip(sides[1], 0, None)
    areas = np.abs(_widths(boxes) * _heights(boxes)) + _widths(truth) * _heights(truth)
    overlap = common / np.maximum(areas - common, 1e-6)
    is_class = scores.argmax(-1) == truth[..., 5:].argmax(-1)
    hits = there & fires & (overlap > 0.5) & is_class
    return float(2 * hits.sum() / max(there.sum() + fires.sum(), 1))


def _widths(boxes: Array) -> Array:
    return boxes[..., 2]


def _heights(boxes: Array) -> Array:
    return boxes[..., 3]


def _segmentation(draft: Draft) -> Task:
    graph, act = draft.graph(), draft.activation()
    width = int(draft.random.integers(10, 18))
    first = graph.conv(draft.pixels(graph, 32), width, 3, 1, act)
    second = graph.conv(graph.halved(first), 2 * width, 3, 1, act)
    third = graph.conv(graph.halved(second), 2 * width, 3, 1, act)
    last = graph.conv(graph.joined("concat", graph.doubled(third), second), width, 3, 1, act)
    last = graph.conv(graph.joined("concat", graph.doubled(last), first), width, 3, 1, act)
    graph.add_output(graph.conv(last, 5, 1, 1, "linear", normalized=False))
    found = samples.pictures(COUNT, 32, draft.seed(), 4, 2)
    return Task(
        graph,
        (found.images,),
        found.masks,
        cross_entropy,
        _mean_overlap,
        ("segmentation",),
        300,
        is_pictures=True,
    )


def _mean_overlap(found: Sequence[Array], truth: Array) -> float:
    chosen = found[0].argmax(-1)
    pairs = [(chosen == k, truth == k) for k in range(5)]
    return float(np.mean([(a & b).sum() / max((a | b).sum(), 1) for a, b in pairs]))


def _regression(draft: Draft) -> Task:
    """Where the shape is, and how large, in pixels or in shares of the side."""
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    for stride in (2, 2, 1):
        last = graph.conv(last, int(draft.random.integers(12, 28)), 3, stride, act)
    last = graph.dense(graph.conv(last, 12, 3, 2, act), 32, "relu")
    graph.add_output(graph.dense(last, 4))
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    unit = draft.one_of(1.0, 32.0)
    truth = (found.boxes[:, 0] / unit).astype(np.float32)

    def loss(outputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.abs(outputs[0][:, 0, 0] - wanted)) * unit

    def score(outputs: Sequence[Array], wanted: Array) -> float:
        return float((np.abs(outputs[0][:, 0, 0] - wanted) * unit < NEAR).mean())

    return Task(graph, (found.images,), truth, loss, score, ("regression",), 500, is_pictures=True)


def _embedding(draft: Draft) -> Task:
    """Vectors whose nearest neighbours are of the same class."""
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    for stride in (2, *[1] * draft.random.integers(0, 2), 2):
        last = graph.conv(last, int(draft.random.integers(14, 30)), 3, stride, act)
    graph.add_output(graph.dense(graph.pooled(last), int(draft.one_of(24, 48, 96))))
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    return Task(
        graph,
        (found.images,),
        found.labels[:, 0],
        _contrast,
        _nearest,
        ("embedding",),
        400,
        is_pictures=True,
    )


def _contrast(found: Sequence[tf.Tensor], truth: tf.Tensor) -> tf.Tensor:
    vectors = tf.math.l2_normalize(found[0][:, 0, 0], -1)
    count = tf.shape(vectors)[0]
    alike = 10 * tf.matmul(vectors, vectors, transpose_b=True) - 1e9 * tf.eye(count)
    same = tf.cast(truth[:, None] == truth[None], tf.float32) - tf.eye(count)
    near = tf.reduce_sum(same * tf.nn.log_softmax(alike), 1)
    return -tf.reduce_mean(near / tf.maximum(tf.reduce_sum(same, 1), 1.0))


def _nearest(found: Sequence[Array], truth: Array) -> float:
    vectors = found[0][:, 0, 0]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    alike = vectors @ vectors.T - 2 * np.eye(len(vectors))
    return float((truth[alike.argmax(1)] == truth).mean())


def _restoration(draft: Draft) -> Task:
    """Noise taken away; the share of it that is gone is the score."""
    graph, act = draft.graph(), draft.one_of("relu", "leaky")
    first = graph.on_chip(graph.input((32, 32, 3)), (0.0,) * 3, (255.0,) * 3)
    last = first
    for _ in range(draft.random.integers(2, 4)):
        last = graph.conv(last, int(draft.random.integers(12, 20)), 3, 1, act, normalized=False)
    last = graph.conv(last, 3, 3, 1, "linear", normalized=False)
    graph.add_output(graph.joined("ew_add", first, last))
    clean = samples.pictures(COUNT, 32, draft.seed(), 4, 2).images
    noise = np.random.default_rng(5).normal(0, HEATED, clean.shape)
    noisy = np.clip(clean + noise, 0, 255).round().astype(np.uint8)

    def loss(outputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> tf.Tensor:
        return 100 * tf.reduce_mean(tf.square(outputs[0] - wanted))

    def score(outputs: Sequence[Array], wanted: Array) -> float:
        left = float(np.mean((outputs[0] - wanted) ** 2))
        return max(0.0, 1 - left / (HEATED / 255) ** 2)

    truth = (clean / 255).astype(np.float32)
    return Task(graph, (noisy,), truth, loss, score, ("image",), 300, is_pictures=True)


def _two_inputs(draft: Draft) -> Task:
    """A picture and a row of numbers, one of which decides between two classes."""
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    row = graph.input((1, 1, 6))
    for stride in (2, 2, 2):
        last = graph.conv(last, int(draft.random.integers(14, 28)), 3, stride, act)
    beside = graph.dense(row, 16, "relu")
    joined = graph.joined("concat", graph.pooled(last), beside)
    graph.add_output(graph.dense(graph.dense(joined, 32, "relu"), 6))
    found = samples.pictures(COUNT, 32, draft.seed(), 3)
    numbers = np.random.default_rng(7).normal(0, 1, (COUNT, 1, 1, 6)).astype(np.float32)
    truth = found.labels[:, 0] * 2 + (numbers[:, 0, 0, 0] > 0)
    return Task(
        graph,
        (found.images, numbers),
        truth,
        cross_entropy,
        top_one,
        ("classes",),
        500,
        is_pictures=True,
    )


def heads(graph: TrainableGraph) -> list[str]:
    """Layers that compute the outputs."""
    return [graph.layers[name].inputs[0] for name in graph.outputs]


MAP_FAMILIES: Mapping[str, Callable[[Draft], Task]] = {
    "detector": _detector,
    "segmentation": _segmentation,
    "regression": _regression,
    "embedding": _embedding,
    "restoration": _restoration,
    "two_inputs": _two_inputs,
}
