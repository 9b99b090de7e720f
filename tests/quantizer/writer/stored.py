"""What an archive stores, in the form in which the writer takes it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.har.archives import (
    members_of,
)
from utils.har.model import Model
from utils.quantizer.calibration import LayerStatistics

Arrays = dict[str, NDArray[Any]]


def arrays_of(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as members:
        return {key: members[key] for key in members.files}


def suffixes(members: dict[str, bytes]) -> list[str]:
    stem = next(name for name in members if name.endswith(".metadata.json"))
    return [name.removeprefix(stem.removesuffix("metadata.json")) for name in members]


def by_suffix(path: str) -> dict[str, bytes]:
    members = members_of(path)
    return dict(zip(suffixes(members), members.values(), strict=True))


def weights_of(model: Model) -> Arrays:
    return {
        f"{layer.name}/{suffix}": array
        for layer in model.float_network
        for suffix, array in model.float_parameters.layer(layer.name).items()
    }


def statistics_of(model: Model) -> dict[str, LayerStatistics]:
    found = {}
    for layer in model.network:
        output = model.stored_statistics(layer.name, "output_0")
        entering = [
            model.stored_statistics(layer.name, f"input_{index}")
            for index in range(len(layer.inputs))
        ]
        assert output
        found[layer.name] = LayerStatistics(
            output,
            model.stored_statistics(layer.name, "preact"),
            tuple(seen for seen in entering if seen),
        )
    return found


def vectors_of(model: Model) -> Arrays:
    stored = {
        layer.name: model.optimized.layer(layer.name)["layer_params/eq_vec_out"]
        for layer in model.network
    }
    return {name: vector for name, vector in stored.items() if vector.ndim}


def modes_of(model: Model) -> dict[str, str]:
    """What the model script asked for, read back from the quantized graph."""
    return {
        layer.name: "a16_w16"
        for layer in model.float_network
        if str(model.network[layer.name].quantization_params["precision_mode"]).startswith("a16")
        and layer.type != "output_layer"
    }
