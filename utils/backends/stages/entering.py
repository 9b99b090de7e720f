"""What enters each stage: the optimized network takes the samples as they are, others do not.

The parsed graph, and the model it was parsed from, take what the optimized one makes of the samples
before anything that they know themselves: converted by its first layers, and normalized.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
    """
    network = optimized.network
    converted: dict[str, np.ndarray] = {}
    steps: dict[str, tuple[NormalizationStep, ...]] = {}
    for layer in parsed.input_layers:
        chain = found.inserted.get(layer.name, ())
        converting = [name for name in chain if network[name].type != "normalization"]
        if converting:
            converted[layer.name] = optimized.run(samples, converting[-1:])[converting[-1]]
        else:
            converted[layer.name] = samples[layer.name]
        steps[layer.name] = tuple(
            step
            for step in normalization_steps(model, script, network[layer.name])
            if _is_added(step, chain, parsed, found)
        )
    return Entering(converted, steps)


def _is_added(
    step: NormalizationStep, chain: Sequence[str], parsed: Network, found: Modified
) -> bool:
    """Whether the optimized network normalizes so, and the parsed one does not.

    What the script asks for and no layer does is part of other weights, where there are any.
    """
    if step.layers:
        return not set(chain).isdisjoint(step.layers) and step.layers[0] not in parsed
    return not found.is_nothing


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
