"""What enters each stage: the optimized network takes the samples as they are, others do not.

The parsed graph, and the model it was parsed from, take what the optimized one makes of the samples
before anything that they know themselves: converted by its first layers, and normalized.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspectors.normalization.on_chip import normalization_steps
from inspectors.normalization.steps import NormalizationStep
from utils.backends.stages.runs import FloatRun
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.har.network import Network
from utils.model_script import ModelScript
from utils.stages.modified import Modified
from utils.stages.runs import Samples, Tensors

Steps = Mapping[str, tuple[NormalizationStep, ...]]


@dataclass(frozen=True)
class Entering:
    """The samples as they enter the parsed graph.

    Parameters
    ----------
    converted : by input layer, as they are once the conversions on the chip are done; the samples
        themselves where there are none.
    steps : what normalizes them then, by input layer; () where nothing does.
    """

    converted: Samples
    steps: Steps

    @property
    def normalized(self) -> Samples:
        """The samples as the parsed graph takes them, float32.

        Raises
        ------
        DiagnosticError : the constants of a normalization do not fit.
        """
        return normalized(self.converted, self.steps)


def entering(
    model: Model,
    script: ModelScript | None,
    parsed: Network,
    found: Modified,
    optimized: FloatRun,
    samples: Samples,
) -> Entering:
    """What the optimized network makes of the samples before what the parsed one knows.

    Parameters
    ----------
    found : how the optimized graph differs from the parsed one.

    Raises
    ------
    DiagnosticError : an input is another one, or a conversion cannot be emulated.
    """
    network = optimized.network
    converted: dict[str, NDArray[Any]] = {}
    steps: dict[str, tuple[NormalizationStep, ...]] = {}
    for layer in parsed.input_layers:
        if layer.name not in network:
            raise DiagnosticError(
                f"the optimized graph has no input {layer.name} as the parsed has"
            )
        chain = found.inserted.get(layer.name, ())
        converting, normalizing = _split(network, chain)
        converted[layer.name] = _after(converting, optimized, samples, layer.name)
        known = normalization_steps(model, script, network[layer.name])
        steps[layer.name] = tuple(_added(known, normalizing, parsed, found))
    return Entering(converted, steps)


def _split(network: Network, chain: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Inserted layers up to the last that converts, and those that normalize behind it."""
    converting = [i for i, name in enumerate(chain) if network[name].type != "normalization"]
    end = converting[-1] + 1 if converting else 0
    return chain[:end], chain[end:]


def _after(
    converting: Sequence[str], optimized: FloatRun, samples: Samples, entered: str
) -> NDArray[Any]:
    """The samples of one input behind its conversions."""
    if not converting:
        return samples[entered]
    found = optimized.run(samples, converting[-1:])
    if converting[-1] not in found:
        raise DiagnosticError(f"{converting[-1]} converts the samples and cannot be emulated")
    return found[converting[-1]]


def _added(
    known: Sequence[NormalizationStep], inserted: Sequence[str], parsed: Network, found: Modified
) -> Iterator[NormalizationStep]:
    """Normalizations that the optimized network does, and the parsed one does not.

    A line of the script without a layer became one of those behind a conversion; where there is
    none left, it is part of other weights, if there are any.

    Parameters
    ----------
    inserted : layers that normalize, of those that the parsed network lacks.
    """
    free = [name for name in inserted if not any(name in step.layers for step in known)]
    for step in known:
        if step.layers:
            if not set(step.layers).isdisjoint(inserted) and step.layers[0] not in parsed:
                yield step
        elif free:
            yield replace(step, layers=(free.pop(0),))
        elif not found.is_nothing:
            yield step


def normalized(samples: Samples, steps: Steps) -> Tensors:
    """Samples with their normalizations, float32.

    Raises
    ------
    DiagnosticError : the constants of a normalization do not fit.
    """
    found = {}
    for name, values in samples.items():
        array = np.asarray(values, np.float32)
        for step in steps.get(name, ()):
            if not step.is_computable or len(step.mean) not in (1, array.shape[3]):
                raise DiagnosticError(
                    f"the normalization of {step.place} does not fit {name}, so nothing says what "
                    "enters the parsed graph"
                )
            mean, std = (np.asarray(each, np.float32) for each in (step.mean, step.std))
            array = (array - mean) / std
        found[name] = array
    return found
