"""Families built as the networks that people deploy: gates, pyramids, heads at several scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from benchmarks.judgement import samples
from benchmarks.judgement.graphs import TrainableGraph
from benchmarks.judgement.tasks import COUNT, Array, Draft, Task, cross_entropy, top_one
from benchmarks.judgement.text_lines import GLYPHS, PLACES, lines

POINT_CELL = 2  # pixels of a cell of a heatmap
DEPTH_FACTOR = 1.25  # by which a depth may be off, as depth networks are judged


def _mobile(draft: Draft) -> Task:
    """Widened and narrowed again, with gates that see the whole map, as MobileNetV3 has them."""
    graph, act = draft.graph(), draft.one_of("hardswish", "silu")
    last = graph.conv(draft.pixels(graph, 32), 16, 3, 2, act)
    for stride in (2, *[1] * draft.random.integers(1, 3), 2):
        width = graph.shape(last)[2] if stride == 1 else int(draft.random.integers(16, 33))
        last = _widened(draft, graph, last, width, stride, act)
    last = graph.pooled(graph.conv(last, 64, 1, 1, act))
    graph.add_output(graph.dense(last, 5))
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    labels = found.labels[:, 0]
    kinds = ("classes",)
    return Task(
        graph, (found.images,), labels, cross_entropy, top_one, kinds, 500, is_pictures=True
    )


def _widened(
    draft: Draft, graph: TrainableGraph, source: str, width: int, stride: int, act: str
) -> str:
    inner = graph.conv(source, 3 * graph.shape(source)[2], 1, 1, act)
    inner = graph.depthwise(inner, stride, act)
    if draft.random.random() < 0.7:
        channels = graph.shape(inner)[2]
        gate = graph.conv(graph.pooled(inner), channels // 4, 1, 1, "relu", normalized=False)
        gate = graph.conv(gate, channels, 1, 1, "sigmoid", normalized=False)
        inner = graph.joined("ew_mult", inner, gate)
    inner = graph.conv(inner, width, 1, 1, "linear")
    return (
        inner
        if graph.shape(inner) != graph.shape(source)
        else graph.joined("ew_add", source, inner)
    )


def _reader(draft: Draft) -> Task:
    """A line of text: at each of many places a sign or none, as readers with CTC give it."""
    values, signs = lines(COUNT, draft.seed())
    graph, act = draft.graph(), draft.one_of("relu", "silu", "hardswish")
    last = graph.on_chip(graph.input(values.shape[1:]), (127.5,) * 3, (127.5,) * 3)
    for steps in ((2, 2), (2, 2), (2, 1)):
        last = graph.conv(last, int(draft.random.integers(20, 36)), 3, steps, act)
    last = graph.conv(last, 32, (2, 1), (2, 1), act)
    last = graph.conv(last, 32, (1, 3), (1, 1), act)
    last = graph.conv(last, GLYPHS + 1, 1, 1, "linear", normalized=False)
    is_share = draft.random.random() < 0.5
    if is_share:
        last = graph.add("softmax1", "softmax", (last,), graph.shape(last), groups=1)
    graph.add_output(last)

    def loss(found: Sequence[tf.Tensor], truth: tf.Tensor) -> tf.Tensor:
        logits = tf.math.log(found[0] + 1e-7) if is_share else found[0]
        return cross_entropy([logits], truth)

    kinds = ("segmentation",)
    return Task(graph, (values,), signs[:, None], loss, _lines_read, kinds, 400, is_pictures=True)


def _lines_read(found: Sequence[Array], truth: Array) -> float:
    """Share of lines that are read rightly, with repeated signs and gaps taken out."""
    chosen = found[0].argmax(-1).reshape(len(truth), PLACES)
    pairs = zip(chosen, truth.reshape(len(truth), PLACES), strict=True)
    return float(np.mean([_text(read) == _text(wanted) for read, wanted in pairs]))


def _text(signs: Array) -> list[int]:
    is_new = np.append(True, signs[1:] != signs[:-1])
    return [int(sign) for sign in signs[is_new] if sign]


def _keypoints(draft: Draft) -> Task:
    """A heatmap for each corner of the box around a shape."""
    side, graph, act = 48, draft.graph(), draft.activation()
    first = graph.conv(draft.pixels(graph, side), 16, 3, 2, act)
    second = graph.conv(first, 24, 3, 2, act)
    last = graph.conv(graph.conv(second, 32, 3, 2, act), 32, 3, 1, act)
    last = graph.joined("concat", graph.doubled(last), second)
    last = graph.conv(last, 24, 3, 1, act)
    last = graph.conv(graph.joined("concat", graph.doubled(last), first), 16, 3, 1, act)
    end = draft.one_of("linear", "sigmoid")
    graph.add_output(graph.conv(last, 4, 1, 1, end, normalized=False))
    found = samples.pictures(COUNT, side, draft.seed(), 5)
    x, y, width, height = (found.boxes[:, 0, i] for i in range(4))
    points = [(x + a * width / 2, y + b * height / 2) for b in (-1, 1) for a in (-1, 1)]
    truth = np.stack([_heat(*point, side // POINT_CELL) for point in points], -1)

    def loss(outputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> tf.Tensor:
        return 100 * tf.reduce_mean(tf.square(outputs[0] - wanted))

    kinds = ("heatmap",)
    return Task(graph, (found.images,), truth, loss, _points_found, kinds, 500, is_pictures=True)


def _heat(x: Array, y: Array, cells: int) -> Array:
    """Maps (samples, cells, cells) with a peak of 1 at points in pixels."""
    middles = (np.arange(cells) + 0.5) * POINT_CELL
    away = [np.square(middles - at[:, None]) for at in (x, y)]
    spread = 2 * (1.5 * POINT_CELL) ** 2
    maps: Array = np.exp(-(away[1][:, :, None] + away[0][:, None]) / spread)
    return maps.astype(np.float32)


def _points_found(found: Sequence[Array], truth: Array) -> float:
    """Share of the peaks that are off by two cells or less."""
    cells = truth.shape[2]
    at = [maps.reshape(len(maps), -1, maps.shape[-1]).argmax(1) for maps in (found[0], truth)]
    rows, columns = np.divmod(at[0], cells), np.divmod(at[1], cells)
    away = np.hypot(rows[0] - columns[0], rows[1] - columns[1])
    return float((away <= 2).mean())


def _depth(draft: Draft) -> Task:
    """How far away every pixel is: what is small is far."""
    graph, act = draft.graph(), draft.activation()
    first = graph.conv(draft.pixels(graph, 32), 16, 3, 1, act)
    second = graph.conv(graph.halved(first), 28, 3, 1, act)
    third = graph.conv(graph.halved(second), 32, 3, 1, act)
    last = graph.conv(graph.joined("concat", graph.doubled(third), second), 20, 3, 1, act)
    last = graph.conv(graph.joined("concat", graph.doubled(last), first), 16, 3, 1, act)
    end, farthest = draft.one_of(("sigmoid", 1.0), ("linear", 1.0), ("relu", 10.0))
    last = graph.conv(last, 1, 1, 1, end, normalized=False)
    if end == "relu":
        graph.arrays[last]["bias"] += 5
    graph.add_output(last)
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    near = 0.1 + 0.9 * (found.boxes[:, 0, 2] - 8) / 16
    is_shape = found.masks > 0
    truth = np.where(is_shape, 1 - near[:, None, None].clip(0.1, 0.9), 0.95)[..., None]

    def loss(outputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.abs(outputs[0] / farthest - wanted) / wanted)

    def score(outputs: Sequence[Array], wanted: Array) -> float:
        ratio = np.maximum(outputs[0] / farthest, 1e-3) / wanted
        is_near = np.maximum(ratio, 1 / ratio) < DEPTH_FACTOR
        return float(is_near[wanted < 0.93].mean())

    kinds = ("regression",)
    truth = truth.astype(np.float32)
    return Task(graph, (found.images,), truth, loss, score, kinds, 400, is_pictures=True)


def _several_heads(draft: Draft) -> Task:
    """A class and three attributes of the same picture."""
    graph, act = draft.graph(), draft.activation()
    last = draft.pixels(graph, 32)
    for stride in (2, *[1] * draft.random.integers(0, 2), 2, 2):
        last = graph.conv(last, int(draft.random.integers(20, 36)), 3, stride, act)
    last = graph.pooled(last)
    graph.add_output(graph.dense(last, 5))
    graph.add_output(graph.dense(graph.dense(last, 16, "relu"), 3, "sigmoid"))
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    x, y, width, _ = (found.boxes[:, 0, i] for i in range(4))
    attributes = np.stack([x > 16, y > 16, width > 16], 1)
    truth = np.concatenate([found.labels[:, :1], attributes], 1).astype(np.int32)

    def loss(outputs: Sequence[tf.Tensor], wanted: tf.Tensor) -> tf.Tensor:
        shares = tf.clip_by_value(outputs[1][:, 0, 0], 1e-6, 1 - 1e-6)
        is_so = tf.cast(wanted[:, 1:], tf.float32)
        right = is_so * tf.math.log(shares) + (1 - is_so) * tf.math.log(1 - shares)
        return cross_entropy(outputs, wanted[:, 0]) - tf.reduce_mean(right)

    def score(outputs: Sequence[Array], wanted: Array) -> float:
        is_same = (outputs[1][:, 0, 0] > 0.5) == (wanted[:, 1:] > 0)
        return (top_one(outputs, wanted[:, 0]) + 2 * float(is_same.mean()) - 1) / 2

    kinds = ("classes", "scores")
    return Task(graph, (found.images,), truth, loss, score, kinds, 500, is_pictures=True)


def _thermal(draft: Draft) -> Task:
    """Counts of a sensor with one channel and more than 8 bit."""
    found = samples.pictures(COUNT, 32, draft.seed(), 5)
    counts = (4 * found.images.astype(np.float32).mean(-1, keepdims=True)).round()
    graph, act = draft.graph(), draft.activation()
    last = graph.on_chip(graph.input((32, 32, 1)), (450.0,), (250.0,))
    for stride in (2, *[1] * draft.random.integers(0, 2), 2, 2):
        last = graph.conv(last, int(draft.random.integers(16, 32)), 3, stride, act)
    graph.add_output(graph.dense(graph.pooled(last), 5))
    labels = found.labels[:, 0]
    return Task(graph, (counts,), labels, cross_entropy, top_one, ("classes",), 500)


MODERN_FAMILIES: Mapping[str, Callable[[Draft], Task]] = {
    "mobile": _mobile,
    "reader": _reader,
    "keypoints": _keypoints,
    "depth": _depth,
    "several_heads": _several_heads,
    "thermal": _thermal,
}
