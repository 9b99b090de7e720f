"""On-chip normalization of the inputs: asked for by the script, found in the graph, or both.

The compiler either inserts a layer behind the input or fuses the constants into the first
convolution; then only the model script still tells them. Exporters leave their own
multiplications and additions behind the input, which become layers of the same type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from inspectors.normalization.steps import NormalizationStep, joined
from utils.errors import ArchiveError
from utils.har.model import Model
from utils.har.network import Layer, Network
from utils.har.parameters import Parameters
from utils.har.parsed import parsed_graph
from utils.model_script import ModelScript, Name, Normalization, Statement, normalizations
from utils.model_script.places import by_place
from utils.model_script.settings import normalized_inputs

# Same constants in a script and in a layer: float32 and hand-rounded numbers differ by less.
SAME = 0.01
# They reorder channels, but leave their values and their number as they are.
REORDERING = ("bgr_to_rgb", "rgb_to_bgr")
CONVERTED_CHANNELS = 3  # every input conversion ends in RGB, BGR or YUV


def normalization_steps(
    model: Model, script: ModelScript | None, layer: Layer
) -> tuple[NormalizationStep, ...]:
    """What normalizes an input, from the data to the first layer that computes.

    A script line and the layer that it became are one step; layers that no line explains are
    joined where they stand in a row.

    Parameters
    ----------
    layer : the input layer.
    """
    found = list(_steps_behind(model.float_network, model.float_parameters, layer.name))
    steps = found or list(_parsed_steps(model, layer.name))
    fused: list[NormalizationStep] = []
    # What a script asks for later is inserted nearer to the data.
    for line in reversed(script_steps(script)):
        if layer.name not in addressed_inputs(line, script, model.network):
            continue
        index = _explained(line, steps)
        if index is None:
            fused.append(line)
        else:
            steps[index] = replace(line, layers=steps[index].layers)
    return tuple(_runs_joined((*fused, *steps)))


def script_steps(script: ModelScript | None) -> tuple[NormalizationStep, ...]:
    """Every normalization of a script, in script order."""
    if script is None:
        return ()
    statements = script.commands("normalization")
    return tuple(map(_script_step, normalizations(script), statements))


def _script_step(line: Normalization, statement: Statement) -> NormalizationStep:
    values = [argument.value for argument in by_place(statement)]
    lists = [value for value in values if isinstance(value, tuple)]
    return NormalizationStep(
        mean=line.mean,
        std=line.std,
        line=line.line,
        targets=line.targets,
        input_argument=line.input_layer or "",
        not_numbers=tuple(
            str(item)
            for value in lists
            for item in value
            if isinstance(item, bool) or not isinstance(item, (int, float))
        ),
    )


def conversions(script: ModelScript | None) -> tuple[str, ...]:
    """Names of the colour conversions that a script puts between the data and the network."""
    if script is None:
        return ()
    inserted = [
        str(value)
        for statement in script.commands("input_conversion")
        for value in statement.positional[-1:]
        if isinstance(value, Name)
    ]
    return (*inserted, *(statement.command for statement in script.commands("yuv_to_rgb")))


def values_are_converted(script: ModelScript | None) -> bool:
    """Whether a conversion computes new values, so that statistics of the data end there."""
    return bool(set(conversions(script)) - set(REORDERING))


def channel_counts(script: ModelScript | None, layer: Layer) -> frozenset[int]:
    """How many channels there may be where an input is normalized."""
    counts = {layer.output_shape[2]}
    return frozenset(counts | {CONVERTED_CHANNELS} if values_are_converted(script) else counts)


def addressed_inputs(
    line: NormalizationStep, script: ModelScript | None, network: Network
) -> tuple[str, ...]:
    """Names of the inputs that a script line is about.

    A line that names no input is about all of them, as far as they have its number of channels.
    """
    if line.input_argument:
        name = network.resolve(line.input_argument)
        return tuple(layer.name for layer in network.input_layers if layer.name == name)
    converted = (CONVERTED_CHANNELS,) if values_are_converted(script) else ()
    return normalized_inputs(len(line.mean), network, converted)


def _explained(line: NormalizationStep, steps: Sequence[NormalizationStep]) -> int | None:
    """Index of the layer of the graph that a script line became."""
    free = [index for index, step in enumerate(steps) if not step.line]
    names = {target.rpartition("/")[2] for target in line.targets}
    for index in free:
        if any(name.rpartition("/")[2] in names for name in steps[index].layers):
            return index
    for index in free:
        if _same(line, steps[index]):
            return index
    return None


def _same(line: NormalizationStep, step: NormalizationStep) -> bool:
    if not (line.is_computable and step.is_computable and len(line.mean) == len(step.mean)):
        return False
    # A mean is as exact as the grey levels it is subtracted from are wide.
    return bool(
        np.allclose(line.std, step.std, rtol=SAME)
        and np.all(np.abs(np.subtract(line.mean, step.mean)) <= SAME * np.abs(line.std))
    )


def _runs_joined(steps: Iterable[NormalizationStep]) -> Iterator[NormalizationStep]:
    for in_script, run in groupby(steps, key=lambda step: step.line > 0):
        members = tuple(run)
        whole = None if in_script else joined(members)
        yield from members if whole is None else (whole,)


def _steps_behind(
    network: Network, parameters: Parameters, name: str
) -> Iterator[NormalizationStep]:
    """Normalization layers that an input passes before anything else is computed from it."""
    current = network.layers.get(name)
    while current is not None:
        successors = {successor.name: successor for successor in network.successors(current)}
        current = next(iter(successors.values())) if len(successors) == 1 else None
        if current is None or len(current.inputs) != 1:
            return
        if current.type == "normalization" and current.activation == "linear":
            yield _layer_step(current.name, parameters)
        elif not current.is_pass_through:
            return


def _layer_step(name: str, parameters: Parameters) -> NormalizationStep:
    arrays = parameters.layer(name)
    if "kernel" not in arrays or "bias" not in arrays:
        return NormalizationStep((), (), layers=(name,))
    kernel, bias = (_floats(arrays[key]) for key in ("kernel", "bias"))
    if kernel.size != bias.size or not np.all(kernel):
        return NormalizationStep((), (), layers=(name,))
    std = 1.0 / kernel
    return NormalizationStep(tuple((-bias * std).tolist()), tuple(std.tolist()), layers=(name,))


def _floats(array: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.asarray(array, dtype=np.float64).ravel()


def _parsed_steps(model: Model, name: str) -> Iterator[NormalizationStep]:
    """Normalization of the graph as it was parsed, which the compiler has fused since."""
    try:
        parsed = parsed_graph(model)
    except ArchiveError:
        # Nothing else is read from this graph; what it would add stays unknown.
        return
    if parsed is not None:
        yield from _steps_behind(parsed.network, parsed.parameters, name)
