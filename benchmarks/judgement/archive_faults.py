"""Faults of an archive: lines of the script, precision, ranges, and integers that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.judgement.data_faults import Fault
from benchmarks.judgement.situation import (
    FOUR_BITS,
    NOISE,
    Expected,
    Integers,
    Situation,
    Statistics,
    expected,
)
from benchmarks.judgement.tasks import Task

Array = NDArray[Any]

RANGES = "values-beyond-range range-saturates accumulator-saturates"


def _with_range(layer: str, low: float, high: float) -> Callable[[Statistics], Statistics]:
    """Statistics of a calibration that sees all values of a layer between two factors."""

    def changed(seen: Statistics) -> Statistics:
        found = seen[layer]
        least, most = float(found.output.minimum.min()), float(found.output.maximum.max())
        clipped = replace(
            found.output,
            minimum=np.clip(found.output.minimum, least * low, most * high),
            maximum=np.clip(found.output.maximum, least * low, most * high),
        )
        return {**seen, layer: replace(found, output=clipped)}

    return changed


def clipped_by_line(situation: Situation) -> Expected:
    """A line of the script forces a range that is too narrow."""
    layer, share = situation.some_layer(), float(situation.random.uniform(0.05, 0.8))
    narrow = _with_range(layer, share, share)

    def changed(seen: Statistics) -> Statistics:
        made = narrow(seen)
        low, high = made[layer].output.minimum.min(), made[layer].output.maximum.max()
        situation.lines += (
            f"quantization_param([{layer}], force_range_out=[{low:.4f}, {high:.4f}])\n"
        )
        return made

    situation.of_statistics.append(changed)
    return expected(f"{RANGES} script-blanket-clipping", NOISE, [layer])


def narrowed(situation: Situation) -> Expected:
    """A range too narrow without any line that asks for it."""
    layer, share = situation.some_layer(), float(situation.random.uniform(0.05, 0.8))
    situation.of_statistics.append(_with_range(layer, share, share))
    # To calibrate anew mends it, as a trial shows.
    return expected(RANGES, f"{NOISE} dataset-differs", [layer], anywhere="calibration-costs")


def widened(situation: Situation) -> Expected:
    """A range far too wide, as outliers make it."""
    layer, factor = situation.some_layer(), float(10 ** situation.random.uniform(0.3, 2.0))

    def changed(seen: Statistics) -> Statistics:
        found = seen[layer]
        wide = replace(
            found.output,
            minimum=found.output.minimum * factor,
            maximum=found.output.maximum * factor,
        )
        return {**seen, layer: replace(found, output=wide)}

    situation.of_statistics.append(changed)
    true = "unused-range range-out-of-reach noise-born-here"
    return expected(true, f"{NOISE} dataset-differs", [layer], anywhere="calibration-costs")


def four_bits(situation: Situation) -> Expected:
    """Weights of one or several layers at 4 bit, by lines of the script or unasked."""
    count = int(situation.random.integers(1, max(2, len(situation.graph.weighted) // 2)))
    layers = situation.random.choice(situation.graph.weighted, count, replace=False).tolist()
    situation.modes.update(dict.fromkeys(layers, "a8_w4"))
    if situation.random.random() < 0.6:
        situation.lines += f"quantization_param([{', '.join(layers)}], precision_mode=a8_w4)\n"
    else:
        situation.compression = 2
    return expected(f"{FOUR_BITS} low-snr low-snr-outlier noise-born-here", NOISE, layers)


def unequal_channels(situation: Situation) -> Expected:
    """Channels of one layer decades apart, which nobody equalized."""
    graph = situation.graph
    pairs = _followed(situation)
    first, second = situation.one_of(*pairs)
    reach = situation.random.uniform(0.5, 2.0)
    channels = len(graph.arrays[first]["bias"])
    factors = (10 ** situation.random.uniform(-reach, reach, channels)).astype(np.float32)
    graph.arrays[first]["kernel"] = graph.arrays[first]["kernel"] * factors
    graph.arrays[first]["bias"] = graph.arrays[first]["bias"] * factors
    graph.arrays[second]["kernel"] = graph.arrays[second]["kernel"] / factors[:, None]
    situation.equalized = False
    true = "unequal-channels coarse-channels weight-outliers channel-without-codes"
    return expected(true, NOISE, [first, second])


def _followed(situation: Situation) -> list[tuple[str, str]]:
    """Convolutions or dense layers with a relu, and the only one that follows each."""
    graph, found = situation.graph, []
    for name in graph.weighted:
        layer = graph.layers[name]
        behind = [o for o in graph.layers.values() if name in o.inputs]
        is_scaled = layer.type != "dw" and layer.params["activation"] in ("relu", "linear", "leaky")
        if is_scaled and len(behind) == 1 and behind[0].type == layer.type:
            kernel = graph.arrays[behind[0].name]["kernel"]
            if kernel.shape[-2] == len(graph.arrays[name]["bias"]):
                found.append((name, behind[0].name))
    return found


def has_pairs(task: Task) -> bool:
    """Whether any layer can be scaled against the next."""
    situation = Situation(task, np.random.default_rng(0), task.graph, [], None, np.zeros(0))
    return bool(_followed(situation))


def _kernel_of(arrays: Integers, layer: str) -> str:
    return next(key for key in arrays if key.startswith(f"{layer}/kernel"))


def bias_moved(situation: Situation) -> Expected:
    """The integer bias of a layer is off."""
    layer, share = situation.some_layer(), float(10 ** situation.random.uniform(-1.5, 0.5))

    def changed(arrays: Integers) -> None:
        key = next(k for k in arrays if k.startswith(f"{layer}/bias"))
        bias = arrays[key]
        spread = max(float(np.std(bias.astype(np.float64))), 1.0)
        moved = bias + share * spread * np.where(np.arange(bias.size) % 2, 1, -1).reshape(
            bias.shape
        )
        info = np.iinfo(bias.dtype) if bias.dtype.kind in "iu" else np.finfo(bias.dtype)
        arrays[key] = np.clip(np.round(moved), info.min, info.max).astype(bias.dtype)

    situation.of_integers.append(changed)
    return expected("error-is-bias noise-born-here low-snr low-snr-outlier", NOISE, [layer])


def integers_damaged(situation: Situation) -> Expected:
    """Integer weights of one layer are others, as those of another checkpoint."""
    layer, share = situation.some_layer(), float(situation.random.uniform(0.05, 1.0))
    seed = int(situation.random.integers(1 << 30))

    def changed(arrays: Integers) -> None:
        key, random = _kernel_of(arrays, layer), np.random.default_rng(seed)
        flat = arrays[key].reshape(-1).copy()
        chosen = random.choice(flat.size, int(share * flat.size), replace=False)
        flat[chosen] = flat[random.permutation(chosen)]
        arrays[key] = flat.reshape(arrays[key].shape)

    situation.of_integers.append(changed)
    true = "integers-differ noise-born-here low-snr low-snr-outlier noise-concentrated"
    return expected(true, NOISE, [layer])


def channels_zeroed(situation: Situation) -> Expected:
    """Channels of one layer have no weights, as where calibration never woke them."""
    layer, share = situation.some_layer(most=-1), float(situation.random.uniform(0.1, 0.9))

    def changed(arrays: Integers) -> None:
        key = _kernel_of(arrays, layer)
        kernel = arrays[key].copy()
        axis = -2 if situation.graph.layers[layer].type == "dw" else -1
        count = max(1, int(share * kernel.shape[axis]))
        zero = arrays.get(f"{layer}/zp_kernel:0", np.zeros(1))
        value = int(np.asarray(zero).reshape(-1)[0])
        if axis == -2:
            kernel[..., :count, :] = value
        else:
            kernel[..., :count] = value
        arrays[key] = kernel

    situation.of_integers.append(changed)
    return expected("dead-channels integers-differ", f"{NOISE} coarse-channels", [layer])


def floats_damaged(situation: Situation) -> Expected:
    """Weights of one layer are others before quantization; the original is given."""
    layer, share = situation.some_layer(), float(situation.random.uniform(0.05, 1.0))
    kernel = situation.graph.arrays[layer]["kernel"]
    flat, random = kernel.reshape(-1).copy(), situation.random
    chosen = random.choice(flat.size, int(share * flat.size), replace=False)
    flat[chosen] = flat[random.permutation(chosen)]
    situation.graph.arrays[layer]["kernel"] = flat.reshape(kernel.shape)
    situation.with_reference = True
    return expected("reference-differs")


def finetuned_away(situation: Situation) -> Expected:
    """Finetuning led the weights of all layers away from those that were trained."""
    situation.finetune(float(10 ** situation.random.uniform(-1.5, 0.2)))
    return expected("finetuning-costs", NOISE)


def activation_wrong(situation: Situation) -> Expected:
    """Another activation in one layer than in the original, which is given."""
    layers = [n for n in situation.graph.weighted if _activation(situation, n) != "linear"]
    layer = situation.one_of(*layers)
    others = [a for a in ("relu", "relu6", "linear", "tanh") if a != _activation(situation, layer)]
    situation.graph.changed(layer, activation=situation.one_of(*others))
    situation.with_reference = True
    return expected("reference-differs")


def outputs_joined(situation: Situation) -> Expected:
    """Boxes in pixels and scores leave by one output, which has one scale."""
    graph = situation.graph
    heads = [graph.layers[name].inputs[0] for name in graph.outputs]
    for name in graph.outputs:
        del graph.layers[name]
    graph.add_output(graph.joined("concat", *heads))
    channels = graph.shape(heads[0])[2]
    situation.parted = lambda found: [found[0][..., :channels], found[0][..., channels:]]
    situation.options = []  # the kinds are those of two outputs
    return expected("concatenated-output join-range-imbalance channel-without-codes", NOISE)


def sigmoid_lost(situation: Situation) -> Expected:
    """Scores leave as logits, which the host takes for scores."""
    graph = situation.graph
    for name in [graph.layers[output].inputs[0] for output in graph.outputs]:
        if _activation(situation, name) == "sigmoid":
            graph.changed(name, activation="linear")
    return expected("sigmoid-missing")


def is_yolo(task: Task) -> bool:
    """Whether the heads of a known family tell what its outputs are."""
    return task.graph.name == "yolo"


def has_boxes(task: Task) -> bool:
    """Whether boxes and scores of one scale leave the network."""
    return task.kinds == ("regression", "scores")


def _activation(situation: Situation, layer: str) -> str:
    return str(situation.graph.layers[layer].params["activation"])


def has_original(task: Task) -> bool:
    """Whether the network can be written as ONNX here, and has an activation to change."""
    plain = {"conv", "dw", "dense", "normalization", "maxpool", "avgpool", "ew_add"}
    types = {layer.type for layer in task.graph.layers.values()} - {"input_layer", "output_layer"}
    names = {str(layer.params.get("activation")) for layer in task.graph.layers.values()}
    return types <= plain and names <= {"None", "linear", "relu", "relu6", "silu"}


def _always(task: Task) -> bool:
    return True


def _has_hidden(task: Task) -> bool:
    return len(task.graph.weighted) > 1


ARCHIVE_FAULTS: Mapping[str, Fault] = {
    name: (name, fits, apply)
    for name, fits, apply in (
        ("range/forced by line", _always, clipped_by_line),
        ("range/narrowed", _always, narrowed),
        ("range/widened", _always, widened),
        ("4 bit", _always, four_bits),
        ("unequal channels", has_pairs, unequal_channels),
        ("outputs joined", has_boxes, outputs_joined),
        ("sigmoid lost", is_yolo, sigmoid_lost),
        ("integers/bias", _always, bias_moved),
        ("integers/weights", _always, integers_damaged),
        ("integers/zeroed channels", _has_hidden, channels_zeroed),
        ("floats/weights", has_original, floats_damaged),
        ("floats/activation", has_original, activation_wrong),
        ("floats/finetuned", _always, finetuned_away),
    )
}
