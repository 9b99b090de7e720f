"""The step from an original model to an archive, both written to files before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspectors.normalization.steps import NormalizationStep
from tests.fixtures.original_models import Archive
from utils.backends.stages.reference_step import reference_step
from utils.backends.stages.runs import FloatRun
from utils.emulator.floats.engine import FloatEmulator
from utils.har.archive import open_archive
from utils.har.model import Model
from utils.har.network import network_from_hn
from utils.har.parameters import Parameters
from utils.measurements.output_kind import WhatIsJudged
from utils.quantizer.writer import build_quantized_har
from utils.stages import StageRequest, Step

BATCH = 4


def parsed_only(folder: Path, archive: Archive) -> str:
    path = str(folder / "parsed.har")
    build_quantized_har(
        path,
        name=archive.name,
        network=archive.network(),
        weights=archive.weights(),
        state="hailo_model",
    )
    return path


def optimized_too(folder: Path, parsed: Archive, optimized: Archive) -> str:
    path = str(folder / "optimized.har")
    build_quantized_har(
        path,
        name=optimized.name,
        network=optimized.network(),
        weights=optimized.weights(),
        native_network=parsed.network(),
        native_weights=parsed.weights(),
        state="fp_optimized_model",
    )
    return path


def step_to(
    har: str,
    references: Sequence[str],
    samples: NDArray[Any],
    steps: Sequence[NormalizationStep] = (),
    *,
    has_parsed: bool = True,
    **request: Any,
) -> Step:
    """What the step says; `has_parsed` False hides the parsed graph of an optimized archive."""
    archive = open_archive(har)
    network = network_from_hn(archive.json["hn"], "graph")
    fp = network_from_hn(archive.json.get("fp_hn", archive.json["hn"]), "graph")
    none = Parameters(None, network)
    floats = Parameters(archive.arrays.get("params_fp_opt"), fp)
    model = Model(archive, network, fp, floats, none, none, none)
    optimized = None
    if "fp_hn" in archive.json:
        optimized = FloatRun(FloatEmulator(fp, floats), BATCH)
    parsed = optimized
    if optimized is None or has_parsed:
        native = network_from_hn(archive.json.get("native_hn", archive.json["hn"]), "graph")
        weights = Parameters(archive.arrays.get("params"), native)
        parsed = FloatRun(FloatEmulator(native, weights), BATCH)
    assert parsed is not None
    (layer,) = parsed.network.input_layers
    return reference_step(
        StageRequest(tuple(references), **request),
        model,
        parsed,
        optimized,
        {layer.name: np.asarray(samples)},
        WhatIsJudged(),
        {layer.name: tuple(steps)},
    )


def words(step: Step) -> list[str]:
    return [reason.word for reason in step.reasons]
