"""Faults of outputs that a user kept on the chip; the archive and the data are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.data_faults import Fault, is_pictures
from benchmarks.judgement.situation import Expected, Samples, Situation, expected
from benchmarks.judgement.tasks import Task
from benchmarks.judgement.training import float_outputs

Array = NDArray[Any]
Change = Callable[[Samples], Samples]


def late(situation: Situation) -> Change:
    """Results some frames behind."""
    frames = int(situation.random.integers(1, 5))
    return lambda outputs: [np.concatenate([x[:1]] * frames + [x[:-frames]]) for x in outputs]


def backwards(situation: Situation) -> Change:
    """Frames in the order of their names as texts."""
    count = len(situation.data[0])
    order = sorted(range(count), key=str)
    return lambda outputs: [x[order] for x in outputs]


def repeated(situation: Situation) -> Change:
    """One buffer for every few frames, which holds the last of them."""
    size = int(situation.random.integers(2, 6))

    def changed(outputs: Samples) -> Samples:
        count = len(outputs[0])
        rows = np.minimum(np.arange(count) // size * size + size - 1, count - 1)
        return [x[rows] for x in outputs]

    return changed


def other_scale(situation: Situation) -> Change:
    """The scale of another archive."""
    factor = np.float32(situation.one_of(0.4, 0.6, 0.8, 1.25, 1.7, 3.0, 255.0))
    return lambda outputs: [x * factor for x in outputs]


def other_zero_point(situation: Situation) -> Change:
    """A zero point that is off, by a share of the span."""
    share = float(situation.random.uniform(0.05, 0.5))
    return lambda outputs: [(x + share * np.ptp(x)).astype(np.float32) for x in outputs]


def constant(situation: Situation) -> Change:
    """One result for all frames."""
    return lambda outputs: [np.repeat(x[:1], len(x), 0) for x in outputs]


def scrambled(situation: Situation) -> Change:
    """Channels in another order."""
    seed = int(situation.random.integers(1 << 30))

    def changed(outputs: Samples) -> Samples:
        random = np.random.default_rng(seed)
        return [x[..., random.permutation(x.shape[-1])] for x in outputs]

    return changed


def activated(situation: Situation) -> Change:
    """A sigmoid too many on the host."""
    return lambda outputs: [(1 / (1 + np.exp(-x))).astype(np.float32) for x in outputs]


def channels_first(situation: Situation) -> Change:
    """Maps as channels first, in the shape of channels last."""
    return lambda outputs: [x.transpose(0, 3, 1, 2).reshape(x.shape) for x in outputs]


def of_other_weights(situation: Situation) -> Change:
    """What a network with the same layers gives that was trained once more."""
    graph, random = situation.task.graph.copied(), situation.random
    for name in graph.weighted:
        kernel = graph.arrays[name]["kernel"]
        noise = 0.5 * kernel.std() * random.standard_normal(kernel.shape)
        graph.arrays[name]["kernel"] = (kernel + noise).astype(np.float32)
    return lambda outputs: float_outputs(graph, situation.data)


def reversed_colours(samples: Samples) -> Samples:
    """Frames in BGR."""
    return [samples[0][..., ::-1], *samples[1:]]


def divided(samples: Samples) -> Samples:
    """Frames from 0 to 1."""
    return [samples[0] / np.float32(255), *samples[1:]]


def turned(samples: Samples) -> Samples:
    """Frames upside down."""
    return [samples[0][:, ::-1, ::-1], *samples[1:]]


def _outputs(make: Callable[[Situation], Change], words: str) -> Callable[[Situation], Expected]:
    def apply(situation: Situation) -> Expected:
        situation.of_chip = make(situation)
        return expected("device-differs", "device-not-matched", words=words)

    return apply


def _frames(change: Change, words: str) -> Callable[[Situation], Expected]:
    def apply(situation: Situation) -> Expected:
        situation.of_chip, situation.chip_frames = list, change
        return expected("device-differs", "device-not-matched", words=words)

    return apply


def _always(task: Task) -> bool:
    return True


def _has_maps(task: Task) -> bool:
    shapes = [task.graph.shape(name) for name in task.graph.outputs]
    return all(height > 1 and channels > 1 for height, _, channels in shapes)


def _has_channels(task: Task) -> bool:
    return all(task.graph.shape(name)[2] > 2 for name in task.graph.outputs)


CHIP_FAULTS: Mapping[str, Fault] = {
    name: (name, fits, apply)
    for name, fits, apply in (
        ("chip/late", _always, _outputs(late, "late not-renewed")),
        ("chip/names as text", _always, _outputs(backwards, "reordered")),
        ("chip/one buffer", _always, _outputs(repeated, "repeated not-renewed")),
        ("chip/scale", _always, _outputs(other_scale, "other-scale")),
        ("chip/zero point", _always, _outputs(other_zero_point, "other-scale")),
        ("chip/constant", _always, _outputs(constant, "not-renewed repeated frames-alike")),
        ("chip/channels", _has_channels, _outputs(scrambled, "channels-reordered")),
        ("chip/sigmoid", _always, _outputs(activated, "activation-added activation-twice")),
        ("chip/channels first", _has_maps, _outputs(channels_first, "transposed")),
        ("chip/other weights", _always, _outputs(of_other_weights, "")),
        ("chip/BGR frames", is_pictures, _frames(reversed_colours, "input-channels")),
        ("chip/frames of 0..1", is_pictures, _frames(divided, "input-scale input-black")),
        ("chip/turned frames", is_pictures, _frames(turned, "input-turned")),
    )
}
