"""What is done to samples, and to the normalization of the script, by mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.situation import CALIBRATED, Situation

Array = NDArray[Any]
Change = Callable[[Array], Array]


def normalized(situation: Situation) -> Change:
    """The normalization of the chip, done on the host."""
    (name, *_) = situation.graph.on_chip_normalizations
    arrays = situation.graph.arrays[name]
    kernel, bias = arrays["kernel"].reshape(-1).copy(), arrays["bias"].copy()
    return lambda x: (x * kernel + bias).astype(np.float32)


def divided(situation: Situation) -> Change:
    """From 0..255 to 0..1."""
    return lambda x: (x / np.float32(255)).astype(np.float32)


def symmetric(situation: Situation) -> Change:
    """From 0..255 to -1..1."""
    return lambda x: (x / np.float32(127.5) - 1).astype(np.float32)


def reversed_colours(situation: Situation) -> Change:
    """BGR for RGB, or the reverse."""
    return lambda x: x[..., ::-1]


def scrambled(situation: Situation) -> Change:
    """Channels first, reshaped into the shape of channels last."""
    return lambda x: np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(x.shape)


def cast(situation: Situation) -> Change:
    """Normalized on the host, then cast to bytes."""
    prepare = normalized(situation)
    return lambda x: prepare(x).astype(np.int32).astype(np.uint8)


def grey(situation: Situation) -> Change:
    """Without colours, in three equal channels."""
    return lambda x: np.repeat(x.mean(-1, keepdims=True), x.shape[-1], -1).round().astype(x.dtype)


def deep(situation: Situation) -> Change:
    """With 16 bit, as some files hold them."""
    return lambda x: x.astype(np.uint16) * 257


def signed(situation: Situation) -> Change:
    """Bytes with a sign, as engines for them take."""
    return lambda x: (x.astype(np.int16) - 128).astype(np.int8)


def luma(situation: Situation) -> Change:
    """Luma and two differences of colours, as JPEG and cameras hold them."""
    turn = np.array([[0.299, -0.169, 0.5], [0.587, -0.331, -0.419], [0.114, 0.5, -0.081]])
    return lambda x: (x @ turn + (0, 128, 128)).clip(0, 255).round().astype(x.dtype)


def coarse(situation: Situation) -> Change:
    """Enlarged from a quarter of the height and width."""
    return lambda x: x[:, ::4, ::4].repeat(4, 1).repeat(4, 2)


def dark(situation: Situation) -> Change:
    """As at night."""
    factor = situation.random.uniform(0.1, 0.6)
    return lambda x: (x * factor).round().astype(x.dtype)


def boxed(situation: Situation) -> Change:
    """Shrunk in one direction, with grey bars beside."""
    return _letterboxed


def _letterboxed(x: Array) -> Array:
    side = x.shape[1]
    small, around = x[:, ::2], side // 4
    bars = np.full((len(x), around, *x.shape[2:]), 114, x.dtype)
    return np.concatenate([bars, small, bars], 1)


def noise(situation: Situation) -> Change:
    """Random numbers of the range of pixels, or from 0 to 1, or normal ones."""
    seed = int(situation.random.integers(1 << 30))
    # Normal numbers have the moments of standardized values, so nobody could tell them apart.
    kind = situation.one_of("pixels", "unit", "normal") if situation.task.is_pictures else "unit"

    def made(x: Array) -> Array:
        random = np.random.default_rng(seed)
        if kind == "pixels":
            return random.integers(0, 256, x.shape).astype(np.uint8)
        if kind == "unit":
            return random.random(x.shape).astype(np.float32)
        return random.standard_normal(x.shape).astype(np.float32)

    return made


def zeros(situation: Situation) -> Change:
    """Nothing but zeros."""
    return np.zeros_like


def in_other_units(situation: Situation) -> Change:
    """All values times one factor, as in another unit."""
    factor = np.float32(situation.one_of(100.0, 10.0, 1000.0, 0.1, 0.01, 1 / 255, 255.0))
    return lambda x: x * factor


def other_columns(situation: Situation) -> Change:
    """The columns of a table in another order."""
    channels = situation.calibration[0].shape[-1]
    order = situation.random.permutation(channels)
    return lambda x: x[..., order]


def mixed_scales(situation: Situation) -> Change:
    """Every second sample from 0 to 1, the others from 0 to 255."""

    def changed(x: Array) -> Array:
        made = x.astype(np.float32)
        made[::2] /= 255
        return made

    return changed


def with_extremes(situation: Situation) -> Change:
    """A few samples far larger than all others."""
    factor = np.float32(situation.random.uniform(6, 60))
    count = int(situation.random.integers(1, 4))

    def changed(x: Array) -> Array:
        made = x.astype(np.float32)
        made[:count] *= factor
        return made

    return changed


def few(situation: Situation) -> Change:
    """A handful of samples instead of many."""
    count = int(situation.random.integers(1, 9))
    return lambda x: x[:count]


def copies(situation: Situation) -> Change:
    """A handful of samples, again and again."""
    count = int(situation.random.integers(1, 9))
    return lambda x: np.concatenate([x[:count]] * (CALIBRATED // count + 1))[: len(x)]


def without_normalization(situation: Situation) -> None:
    """Leave the normalization out of the script, and prepare nothing on the host."""
    for name in situation.graph.on_chip_normalizations:
        situation.graph.without(name)


def far_from_zero(situation: Situation) -> None:
    """Train, calibrate and deploy on values with an offset that dwarfs how much they vary."""
    (name, *_) = situation.graph.on_chip_normalizations
    offset = float(situation.random.uniform(3, 15) * np.ptp(situation.calibration[0]))
    arrays = situation.graph.arrays[name]
    mean = -arrays["bias"] / arrays["kernel"].reshape(-1) + offset
    situation.graph.set_normalization(
        name, mean.tolist(), (1 / arrays["kernel"].reshape(-1)).tolist()
    )
    situation.calibration = [situation.calibration[0] + offset]
    if situation.given is not None:
        situation.given = [situation.given[0] + offset]
    situation.deployed = lambda samples: [samples[0] + offset]


def in_unit_range(situation: Situation) -> None:
    """State mean and deviation for 0..1, where pixels are 0..255."""
    (name, *_) = situation.graph.on_chip_normalizations
    kernel = situation.graph.arrays[name]["kernel"].reshape(-1)
    mean = -situation.graph.arrays[name]["bias"] / kernel / 255
    situation.graph.set_normalization(name, mean.tolist(), (1 / kernel / 255).tolist())
