"""What the archive's float network takes, and what the model script makes of samples before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from utils.backends.stages.original.preparations import Affine
from utils.har.model import Model
from utils.har.network import Network
from utils.har.parameters import Parameters
from utils.stages import StageName
from utils.stages.runs import Samples, StageRun, Tensors


class ScriptStep(Protocol):
    """One normalization in front of a network; see `inspectors.normalization.steps`."""

    @property
    def mean(self) -> tuple[float, ...]: ...  # noqa: D102

    @property
    def std(self) -> tuple[float, ...]: ...  # noqa: D102

    @property
    def line(self) -> int: ...  # noqa: D102

    @property
    def layers(self) -> tuple[str, ...]: ...  # noqa: D102


ScriptSteps = Mapping[str, Sequence[ScriptStep]]


@dataclass(frozen=True, eq=False)
class Archived:
    """The archive's float network that the original is held against.

    Parameters
    ----------
    stage : its name.
    run : runs it.
    parameters : its weights.
    raw : the samples as they were given.
    entering : the samples as it takes them.
    inside : what the script put into the network itself, by input; applied before all else.
    has_script : whether the script prepares the samples.
    """

    stage: StageName
    run: StageRun
    parameters: Parameters
    raw: Samples
    entering: Samples
    inside: Mapping[str, tuple[Affine, ...]]
    has_script: bool

    @property
    def network(self) -> Network:
        """Its graph."""
        return self.run.network

    def first(self, count: int) -> Archived:
        """The same for the first samples."""
        raw, entering = (
            {name: values[:count] for name, values in samples.items()}
            for samples in (self.raw, self.entering)
        )
        return replace(self, raw=raw, entering=entering)

    @property
    def as_script(self) -> Samples:
        """What the network behind the script's preparation gets."""
        if not self.inside:
            return self.entering
        found = {}
        for name, values in self.raw.items():
            array = np.asarray(values, np.float32)
            for step in self.inside.get(name, ()):
                array = step.applied(array)
            found[name] = array
        return found

    def fed(self, samples: Mapping[str, NDArray[np.float32]]) -> Samples:
        """Samples as the network takes them, so that these come out of the script's preparation."""
        found = {}
        for name, values in samples.items():
            array = values
            for step in reversed(self.inside.get(name, ())):
                array = step.undone(array)
            found[name] = array
        return found

    def tensors(self, samples: Samples, layers: Sequence[str]) -> Tensors:
        """What leaves some layers; those that cannot be emulated are absent."""
        return self.run.run(samples, layers)


def archived(
    model: Model,
    parsed: StageRun,
    optimized: StageRun | None,
    samples: Samples,
    normalization: ScriptSteps,
) -> Archived:
    """The parsed network, or the optimized one where only that exists.

    Parameters
    ----------
    normalization : what normalizes each input, by name of its layer.
    """
    scripted = {
        name: [step for step in steps if step.line > 0 and _fits(step, samples[name])]
        for name, steps in normalization.items()
        if name in samples
    }
    if parsed is optimized:
        inside = {
            name: tuple(Affine(step.mean, step.std) for step in steps)
            for name, steps in scripted.items()
            if steps
        }
        return Archived(
            "optimized", parsed, model.float_parameters, samples, samples, inside, bool(inside)
        )
    parameters = Parameters(model.archive.arrays.get("params"), parsed.network)
    entering = None
    if optimized is not None:
        entering = _behind_script(parsed.network, optimized, samples, scripted)
    has_script = entering is not None
    return Archived("parsed", parsed, parameters, samples, entering or samples, {}, has_script)


def _fits(step: ScriptStep, values: NDArray[Any]) -> bool:
    return Affine(step.mean, step.std).fits(values.shape[-1])


def _behind_script(
    parsed: Network,
    optimized: StageRun,
    samples: Samples,
    scripted: Mapping[str, Sequence[ScriptStep]],
) -> Samples | None:
    """Samples behind the layers that the script inserted, and what it fused; None for neither."""
    inserted = {name: _inserted(parsed, optimized.network, name) for name in samples}
    wanted = [layer for layer in inserted.values() if layer]
    fused = {
        name: [Affine(step.mean, step.std) for step in steps if not step.layers]
        for name, steps in scripted.items()
    }
    if not wanted and not any(fused.values()):
        return None
    found = optimized.run(samples, wanted) if wanted else {}
    entering = {}
    for name, values in samples.items():
        array = np.asarray(found.get(inserted[name], values), np.float32)
        for affine in fused.get(name, ()):
            array = affine.applied(array)
        entering[name] = array
    return entering


def _inserted(parsed: Network, optimized: Network, name: str) -> str:
    """The layer that hands an input on to what the parsed graph has behind it; "" for none."""
    if name not in parsed or name not in optimized:
        return ""
    behind = [layer for layer in parsed[name].outputs if layer in optimized]
    if not behind or name in optimized[behind[0]].inputs:
        return ""
    operands = optimized[behind[0]].inputs
    place = parsed[behind[0]].inputs.index(name)
    return operands[place] if place < len(operands) else ""
