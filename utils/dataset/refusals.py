"""Why arrays of numbers cannot be used as they are, and the line that makes them fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import permutations
from typing import Any

from numpy.typing import NDArray

from utils.dataset.input_names import MOST_INPUTS
from utils.dataset.recipes.commands import Taken, array_names, command_for
from utils.dataset.recipes.fitting import Headed, fitting_steps
from utils.dataset.recipes.steps import Kind, Step, Steps, in_words
from utils.dataset.shapes import shape_difference
from utils.errors import DatasetError
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer
from utils.wording import listed, plural

PASS_AGAIN = "pass the new array with -d"


def as_remedy(words: str, ending: str = PASS_AGAIN) -> str:
    """A whole sentence of an imperative without its end."""
    return f"{words[0].upper()}{words[1:]}{f', and {ending}' if ending else ''}."


def shape_refusal(
    path: str,
    inputs: Sequence[Layer],
    names: Mapping[str, str],
    arrays: Mapping[str, Headed],
    fitting: Collection[str] = (),
    samples: Mapping[str, NDArray[Any]] | None = None,
) -> DatasetError:
    """Arrays that do not have the shapes of their inputs.

    Parameters
    ----------
    names : of the array of an input in an npz file, by the input's scoped name; "" in an npy file.
        Without names the data are no such file, and have no line that mends them.
    arrays : what the headers say, by the same; of all inputs.
    fitting : inputs whose arrays are right, whatever their shape, as behind a conversion.
    samples : some of the arrays that do not fit, by input.
    """
    if exchanged := _exchanged(path, inputs, names, arrays):
        return exchanged
    steps = {
        layer.name: ()
        if layer.name in fitting
        else fitting_steps(arrays[layer.name], layer.output_shape, (samples or {}).get(layer.name))
        for layer in inputs
    }
    wrong = [layer for layer in inputs if steps[layer.name] != ()]
    differences = [
        f"{layer.name}: {shape_difference(arrays[layer.name].shape, layer.output_shape)}"
        for layer in wrong
    ]
    advice = {layer.name: _advice(layer, steps[layer.name]) for layer in wrong}
    return DatasetError(
        "The samples do not have the shape of the network's input",
        finding_id="calibration-shape",
        evidence=f"{path}, {'; '.join(differences)}",
        remedy=_advice_in_words(advice, len(inputs)),
        command=_mending_command(path, inputs, names, steps),
        inputs=tuple(advice),
    )


def _mending_command(
    path: str, inputs: Sequence[Layer], names: Mapping[str, str], steps: Mapping[str, Steps | None]
) -> str:
    new = array_names(inputs)
    taken = {
        new[layer.name]: Taken(names[layer.name], found)
        for layer in inputs
        if (found := steps[layer.name]) is not None and layer.name in names
    }
    return command_for(path, taken) if len(taken) == len(inputs) else ""


def _advice(layer: Layer, steps: Steps | None) -> str:
    if steps:
        return in_words(steps)
    height, width, channels = layer.output_shape
    if is_image_shaped(layer.output_shape):
        return f"save pictures of {height} x {width} with {plural(channels, 'channel')}"
    return f"save samples of {height} x {width} x {channels}, as the network was trained on"


def _advice_in_words(advice: Mapping[str, str], inputs: int) -> str:
    """One sentence of what to do about each input; its name only where there are several.

    Parameters
    ----------
    advice : by the scoped name of an input that is concerned.
    inputs : how many the network has.
    """
    if len(set(advice.values())) == 1:
        words = next(iter(advice.values()))
        named = f"for {listed(list(advice))} " if inputs > 1 else ""
        each = "for each input " if len(advice) == inputs > 1 else named
        return as_remedy(f"{each}{words}", "" if words.startswith("save") else PASS_AGAIN)
    return f"Of {', of '.join(f'{name} {words}' for name, words in advice.items())}."


def _exchanged(
    path: str, inputs: Sequence[Layer], names: Mapping[str, str], arrays: Mapping[str, Headed]
) -> DatasetError | None:
    """Arrays that all fit as they are, had each the name of another."""
    if not 1 < len(inputs) <= MOST_INPUTS or len(names) < len(inputs):
        return None
    fitting = [
        order
        for order in permutations(inputs)
        if all(
            arrays[other.name].shape[1:] == layer.output_shape
            for layer, other in zip(inputs, order, strict=True)
        )
    ]
    if not fitting:
        return None
    new = array_names(inputs)
    moved = [(layer, other) for layer, other in zip(inputs, fitting[0], strict=True)]
    step = Step(Kind.EXCHANGE_ARRAYS)
    return DatasetError(
        "The arrays of the inputs are exchanged",
        finding_id="calibration-input-names",
        evidence=f"{path}, "
        + "; ".join(
            f"the array for {other.name} has the shape of {layer.name}"
            for layer, other in moved
            if layer is not other
        ),
        remedy=as_remedy(in_words((step,)), ""),
        command=command_for(
            path, {new[layer.name]: Taken(names[other.name]) for layer, other in moved}
        ),
    )


def count_refusal(
    path: str, inputs: Sequence[Layer], names: Mapping[str, str], arrays: Mapping[str, Headed]
) -> DatasetError:
    """Arrays of different numbers of samples; parameters as above."""
    counts = {layer.name: arrays[layer.name].shape[0] for layer in inputs}
    many = {count for count in counts.values() if count > 1}
    target = min(many)
    cut = Step(Kind.CUT_SAMPLES, f"x = x[:{target}]", (plural(target, "sample"),))
    steps: dict[str, Steps] = {
        name: (_repeat(target),) if count == 1 else (cut,) if count > target else ()
        for name, count in counts.items()
    }
    done = {step.kind: step for found in steps.values() for step in found}
    return DatasetError(
        "The inputs have different numbers of samples",
        finding_id="calibration-counts",
        evidence=f"{path}, {', '.join(f'{count:,} for {name}' for name, count in counts.items())}",
        remedy=as_remedy(in_words(tuple(done.values())), ""),
        command=_mending_command(path, inputs, names, steps),
        inputs=tuple(name for name, found in steps.items() if found),
    )


def _repeat(count: int) -> Step:
    return Step(Kind.REPEAT_SAMPLE, f"x = np.repeat(x, {count}, axis=0)")


def single_array_refusal(path: str, array: Headed, inputs: Sequence[Layer]) -> DatasetError:
    """One npy file for a network of several inputs: split it where it holds them all."""
    new = array_names(inputs)
    steps = _stacked(array, inputs) or _joined(array, inputs)
    fitting = [layer for layer in inputs if array.shape[1:] == layer.output_shape]
    others = listed([new[layer.name] for layer in inputs if layer not in fitting[:1]])
    remedy, fits = f"Save an npz file with arrays named {others}.", ""
    if steps:
        remedy = as_remedy(in_words((steps[0][-1],)), "")
    elif fitting:
        own = new[fitting[0].name]
        remedy = f"Save an npz file with this array as {own} and with samples for {others}."
        fits = f"; the array fits {listed([layer.name for layer in fitting])}"
    taken = {new[layer.name]: Taken("", found) for layer, found in zip(inputs, steps, strict=False)}
    return DatasetError(
        "The data file holds one array, but the network has several inputs",
        finding_id="calibration-input-names",
        evidence=f"{path} of shape {array.shape}, {len(inputs)} inputs{fits}",
        remedy=remedy,
        command=command_for(path, taken) if taken else "",
    )


def _stacked(array: Headed, inputs: Sequence[Layer]) -> list[Steps]:
    """What takes each input's samples out of an axis that counts the inputs."""
    for axis in (0, 1):
        rest = (*array.shape[:axis], *array.shape[axis + 1 :])
        if len(array.shape) <= axis or array.shape[axis] != len(inputs):
            continue
        if all(rest[1:] == layer.output_shape for layer in inputs):
            return [
                (Step(Kind.SPLIT_STACK, f"x = x[{':, ' * axis}{place}]"),)
                for place in range(len(inputs))
            ]
    return []


def _joined(array: Headed, inputs: Sequence[Layer]) -> list[Steps]:
    """What cuts each input's part out of an axis along which they were joined."""
    if len(array.shape) != 4:
        return []
    for axis in (3, 2, 1):
        sizes = [layer.output_shape[axis - 1] for layer in inputs]
        others = {(*s[: axis - 1], *s[axis:]) for s in (layer.output_shape for layer in inputs)}
        rest = (*array.shape[1:axis], *array.shape[axis + 1 :])
        if others == {rest} and sum(sizes) == array.shape[axis]:
            ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
            return [
                (Step(Kind.SPLIT_JOINED, f"x = x[{':, ' * axis}{end - size}:{end}]"),)
                for size, end in zip(sizes, ends, strict=True)
            ]
    return []
