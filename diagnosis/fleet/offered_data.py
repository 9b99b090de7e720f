"""The data of a folder, held against the inputs of archive after archive."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from utils.backends.opened_data import opened_data
from utils.dataset.calibration_set import CalibrationSet
from utils.dataset.facts import DEFAULT_DATA_COUNT
from utils.dataset.read_as import ReadAs
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.har.network import Layer, Shape
from utils.jobs.job import Job
from utils.model_script import ModelScript, parse_model_script
from utils.model_script.input_conversions import converted_shapes

LOOKED_AT = 16  # samples
NPY = ".npy"

Range = tuple[float, float]
Reach = tuple[Range, ...]  # lowest and highest value by input, in the order of the inputs


class OfferedData:
    """Data, each opened once for all archives whose inputs ask the same of it."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Reach | None] = {}

    def reach(self, model: Model, path: str, read_as: ReadAs) -> Reach | None:
        """How far some samples reach, if their shapes fit; 0 is one of their values.

        Returns
        -------
        None where they do not fit; nothing where they do, and cannot be read to their end.
        """
        inputs = model.float_network.input_layers
        script = model.known(_script)
        converted = converted_shapes(model.float_network, script)
        asked = (path, read_as, tuple(_asked(layer, converted, path, inputs) for layer in inputs))
        if asked not in self._known:
            self._known[asked] = _reach(model, script, path, read_as)
        return self._known[asked]


def _asked(
    layer: Layer, converted: Mapping[str, Shape], path: str, inputs: tuple[Layer, ...]
) -> Hashable:
    """What data have to have for an input; an npy file has no names."""
    is_nameless = path.lower().endswith(NPY) and len(inputs) == 1
    names = () if is_nameless else (layer.name, *layer.original_names)
    return names, layer.output_shape, converted.get(layer.name)


def _reach(model: Model, script: ModelScript | None, path: str, read_as: ReadAs) -> Reach | None:
    job = Job(model.archive.path, path, None, read_as=read_as)
    try:
        found = opened_data(job, model, script, DEFAULT_DATA_COUNT)
    except DiagnosticError:
        return None
    if not found.used:
        return None
    try:
        reach = _values(found)
    except DiagnosticError:
        return ()  # whoever runs the plan is told what is wrong with them
    return tuple(reach[layer.name] for layer in model.float_network.input_layers)


def _values(found: CalibrationSet) -> dict[str, Range]:
    """Lowest and highest value of some evenly spread samples, by input."""
    at = np.linspace(0, len(found.indices) - 1, min(LOOKED_AT, len(found.indices)))
    reach = dict.fromkeys(found.arrays, (0.0, 0.0))
    for batch in found.batches(found.bounded_batch_size, found.indices[at.astype(np.int64)]):
        for name, values in batch.items():
            low, high = reach[name]
            reach[name] = min(low, float(values.min())), max(high, float(values.max()))
    return reach


def _script(model: Model) -> ModelScript | None:
    try:
        return parse_model_script(model.script_text) if model.script_text is not None else None
    except DiagnosticError:
        return None
