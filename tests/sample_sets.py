"""Contexts with samples that were looked at, made from arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from tests.builders import build_context, build_layer, build_model, scoped, stored_statistics
from utils.dataset import CalibrationSet, InputInfo
from utils.har.model import Model
from utils.har.statistics import ChannelStatistics
from utils.sample_digester import SampleDigester
from utils.stored_inputs import stored_bounds

Array = NDArray[Any]


def input_model(
    *arrays: Array,
    script: str | None = None,
    stored: Mapping[str, ChannelStatistics] | None = None,
) -> Model:
    """A model with an input for each array.

    Parameters
    ----------
    stored : what calibration left of the inputs, by name.
    """
    inputs = [
        build_layer(f"input_layer{number}", "input_layer", shape=array.shape[1:])
        for number, array in enumerate(arrays, 1)
    ]
    joined = build_layer("concat1", inputs=[layer.name for layer in inputs])
    statistics: dict[str, Any] = {}
    for name, values in (stored or {}).items():
        statistics |= stored_statistics(f"{name}/stats/output_0", values)
    return build_model(
        [*inputs, joined, build_layer("output_layer1")], optimized=statistics, script=script
    )


def statistics_of(array: Array) -> ChannelStatistics:
    """What calibration on these samples stores."""
    values = array.reshape(-1, array.shape[-1]).astype(np.float64)
    return ChannelStatistics(
        values.min(axis=0), values.max(axis=0), values.mean(axis=0), (values**2).mean(axis=0)
    )


def sampled(
    *arrays: Array, model: Model | None = None, in_file: int | None = None, **facts: Any
) -> Context:
    """A context whose samples are these arrays, one for each input.

    Parameters
    ----------
    model : by default one that stores nothing of its inputs.
    in_file : how many samples the file holds; by default so many that nothing is said of it.
    """
    model = model or input_model(*arrays)
    names = [scoped(f"input_layer{number}") for number in range(1, len(arrays) + 1)]
    batch = dict(zip(names, arrays, strict=True))
    number = len(arrays[0])
    calibration = CalibrationSet(
        "set.npz",
        samples=4096 if in_file is None else in_file,
        used=number,
        inputs={n: InputInfo(a.shape[1:], a.dtype.name) for n, a in batch.items()},
        arrays={},
    )
    digester = SampleDigester(calibration, stored_bounds(model))
    digester.add(batch)
    return build_context(model, calibration=calibration, **{"samples": digester.digests(), **facts})
