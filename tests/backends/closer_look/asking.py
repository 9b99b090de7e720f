"""What trials behind the data pass yield, and what an inspector says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatArray
from inspectors.base_inspector import BaseInspector
from tests.fixtures.builders import build_context
from tests.fixtures.noise_archives import images, sound_network
from tests.har.archives import NAME
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.findings import Finding
from utils.har.model import Model, load_model
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.quantizer.writer import build_quantized_har

Made = tuple[Model, Measurements]


def measured(path: str, data: str, need: Need, samples: int = 64, *, quick: bool = False) -> Made:
    """Of an archive and its data, with 30 dB wanted at every output."""
    model = load_model(path)
    calibration = open_dataset(data, model.float_network.input_layers, samples)
    settings = Settings(quick=quick, target_db=30.0)
    return model, embedded.measure(OpenedJob(model, calibration, need, settings)).measurements


def written(
    folder: Path,
    seen: FloatArray,
    level: int,
    *algorithms: str,
    tuned: Mapping[str, FloatArray] | None = None,
) -> tuple[str, str]:
    """Paths of the sound network's archive, calibrated on some images, and of its own images.

    Parameters
    ----------
    tuned : weights by ``layer/suffix`` that are quantized in place of its own.
    """
    net, path, data = sound_network(), folder / "model.har", folder / "images.npy"
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, seen),
        optimization_level=level,
        algorithms_run=algorithms,
        tuned_weights=tuned,
    )
    np.save(data, images())
    return str(path), str(data)


def said(inspector: BaseInspector, made: Made) -> list[Finding]:
    """What an inspector finds, unless it has nothing to judge."""
    context = build_context(*made)
    return [] if inspector.should_skip(context) else list(inspector.inspect(context))
