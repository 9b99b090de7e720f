"""Variations that a healthy network has: nothing of them is to be told as a warning or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.judgement.archive_faults import has_original
from benchmarks.judgement.situation import Situation

Variation = Callable[[Situation], None]


def _as_it_is(situation: Situation) -> None:
    """Nothing is varied."""


def _other_light(situation: Situation) -> None:
    """Pictures a bit brighter or darker than those of the calibration; not those of tests."""
    if situation.task.is_pictures:
        factor = situation.random.uniform(0.85, 1.15)
        changed = np.clip(situation.data[0] * factor, 0, 255).round().astype(np.uint8)
        situation.given = [changed, *situation.data[1:]]


def _as_floats(situation: Situation) -> None:
    """The same values as float32."""
    situation.calibration = [x.astype(np.float32) for x in situation.calibration]
    if situation.given is not None:
        situation.given = [x.astype(np.float32) for x in situation.given]


def _level_zero(situation: Situation) -> None:
    """No algorithm ran, as the script asked."""
    situation.level, situation.algorithms = 0, ()


def _finetuned(situation: Situation) -> None:
    """Weights that training while quantizing moved by little."""
    situation.finetune(float(10 ** situation.random.uniform(-2.5, -1.5)))


def _tolerant_four_bit(situation: Situation) -> None:
    """The layer with the most weights between the first and the last at 4 bit, as asked."""
    inner = situation.graph.weighted[1:-1]
    plain = [name for name in inner if situation.graph.layers[name].type != "dw"]
    if plain:
        largest = max(plain, key=lambda name: situation.graph.arrays[name]["kernel"].size)
        situation.modes[largest] = "a8_w4"
        situation.lines += f"quantization_param([{largest}], precision_mode=a8_w4)\n"


def _last_in_sixteen(situation: Situation) -> None:
    """The last layer with 16 bit, as asked."""
    last = situation.graph.weighted[-1]
    situation.modes[last] = "a16_w16"
    situation.lines += f"quantization_param([{last}], precision_mode=a16_w16)\n"


def _kind_told(situation: Situation) -> None:
    """What the outputs stand for is told."""
    for name, kind in zip(situation.graph.outputs, situation.task.kinds, strict=True):
        situation.options += ["--output-kind", f"{name.rpartition('/')[2]}={kind}"]


def _with_original(situation: Situation) -> None:
    """The original is given, where this project can write it."""
    situation.with_reference = has_original(situation.task)


def _with_chip(situation: Situation) -> None:
    """Outputs of a chip that computes what was quantized, apart from a code now and then."""
    random = np.random.default_rng(int(situation.random.integers(1 << 30)))

    def rounded(outputs: list[np.ndarray]) -> list[np.ndarray]:
        found = []
        for values in outputs:
            code = np.ptp(values) / 255
            found.append((values + code * random.integers(-1, 2, values.shape) * 0.9).astype("f4"))
        return found

    situation.of_chip = list if situation.random.random() < 0.5 else rounded


VARIATIONS: Mapping[str, Variation] = {
    "as it is": _as_it_is,
    "other light": _other_light,
    "floats": _as_floats,
    "level 0": _level_zero,
    "finetuned": _finetuned,
    "4 bit where tolerated": _tolerant_four_bit,
    "16 bit at the end": _last_in_sixteen,
    "kind told": _kind_told,
    "with original": _with_original,
    "with chip": _with_chip,
}
