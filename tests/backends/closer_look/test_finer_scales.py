"""Finer codes for channels that have few, on archives that lack what would give them more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import calibrated
from benchmarks.float_graph import FloatGraph
from inspectors.agreement import AgreementInspector
from inspectors.weights import WeightsInspector
from tests.fixtures.builders import build_context
from tests.fixtures.noise_archives import images, sound_network
from tests.har.archives import NAME
from tests.house.evidence import loud, quiet
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.findings import Finding, Severity
from utils.har.model import Model, load_model
from utils.jobs.bundle import bundled, unbundled
from utils.jobs.measured import Measured
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.left_out import QUICK, SCALE_TRIALS, TOO_FEW
from utils.measurements.output_kind import OutputKind, SettledKind, WhatIsJudged
from utils.measurements.own_noise import unclear_coarse_layers
from utils.measurements.scale_trial import best_trial
from utils.quantizer.writer import build_quantized_har

OUTPUT, HEAD = f"{NAME}/output_layer1", f"{NAME}/fc2"
SMALL, LARGE = f"{NAME}/conv8", f"{NAME}/conv9"
NEED = Need.NOISE | Need.SENSITIVITY | Need.SCALE_TRIALS


def apart(net: FloatGraph, ratio: float) -> FloatGraph:
    """Channels of conv8 far apart, as folded batch normalization leaves them; conv9 takes it back.

    The function of the network stays the same.
    """
    made, read = net.arrays[SMALL], net.arrays[LARGE]
    channels = made["bias"].size
    factors = np.geomspace(1.0, ratio, channels).astype(np.float32)
    made["kernel"] /= factors
    made["bias"] /= factors
    read["kernel"] *= factors[:, None]
    return net


def in_raw_units(net: FloatGraph) -> FloatGraph:
    """Targets in units of their own: one of eight spans so much that others have no code."""
    head = net.arrays[HEAD]
    factors = np.array([5000.0, *[1.0] * 7], np.float32)
    head["kernel"] *= factors
    head["bias"] *= factors
    return net


def archive(folder: Path, net: FloatGraph, **options: object) -> str:
    path = folder / "model.har"
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, images()),
        optimization_level=1,
        **options,  # type: ignore[arg-type]
    )
    np.save(folder / "data.npy", images())
    return str(path)


def measured(
    path: str, kind: OutputKind, samples: int = 64, *, is_quick: bool = False
) -> tuple[Model, Measurements]:
    model = load_model(path)
    data = str(Path(path).parent / "data.npy")
    calibration = open_dataset(data, model.float_network.input_layers, samples)
    settings = Settings(judged=WhatIsJudged({OUTPUT: SettledKind(kind)}), quick=is_quick)
    found = embedded.measure(OpenedJob(model, calibration, NEED, settings))
    return model, found.measurements


def coarse_findings(model: Model, found: Measurements) -> list[Finding]:
    every = WeightsInspector().inspect(build_context(model, found))
    return [finding for finding in every if finding.id == "coarse-channels"]


@quiet("coarse-channels")
@loud("coarse-channels")
def test_equalization_that_is_switched_off_is_tried_and_proven(tmp_path: Path) -> None:
    model, found = measured(archive(tmp_path, sound_network(), equalization={}), "unknown")
    assert found.scale_trials == ()
    assert coarse_findings(model, found) == []

    path = archive(tmp_path, apart(sound_network(), 100.0), equalization={})
    model, found = measured(path, "unknown")
    assert unclear_coarse_layers(model, found) == (SMALL,)
    assert [trial.change for trial in found.scale_trials] == ["equalization", "sixteen_bit"]
    best = best_trial(found.scale_trials)
    assert best is not None
    assert best.after[OUTPUT].snr_db > best.before[OUTPUT].snr_db + 3
    (finding,) = coarse_findings(model, found)
    assert finding.severity is Severity.WARNING
    assert finding.recommendation is not None
    assert finding.recommendation.proven
    assert finding.recommendation.gain is not None
    assert "with equalization: " in finding.evidence
    assert f"tried without gain: 16 bit at {NAME}/" in finding.evidence
    assert any("equalization would choose" in said for said in found.assumptions)


def test_what_the_archive_has_is_not_tried(tmp_path: Path) -> None:
    _, found = measured(archive(tmp_path, apart(sound_network(), 1e4)), "unknown")
    assert "equalization" not in {trial.change for trial in found.scale_trials}


@loud("channel-without-codes")
def test_a_target_in_a_unit_of_its_own_gets_its_codes_back(tmp_path: Path) -> None:
    model, found = measured(archive(tmp_path, in_raw_units(sound_network())), "regression")
    changes = [trial.change for trial in found.scale_trials]
    assert changes == ["output_scales", "sixteen_bit"]
    scales, wide = found.scale_trials
    assert scales.before[OUTPUT].silenced > 0
    assert scales.after[OUTPUT].silenced == 0
    best = best_trial((scales, wide))
    assert best is not None
    findings = list(AgreementInspector().inspect(build_context(model, found)))
    (finding,) = (each for each in findings if each.id == "channel-without-codes")
    assert finding.recommendation is not None
    assert finding.recommendation.proven
    assert "with a scale for each channel of the outputs: " in finding.evidence
    is_scales = "output_encoding_vector" in finding.commands[0]
    assert is_scales == (best.change == "output_scales")
    assert any("output_encoding_vector is taken" in said for said in found.assumptions)


def test_trials_travel_as_plain_data(tmp_path: Path) -> None:
    _, found = measured(archive(tmp_path, in_raw_units(sound_network())), "regression")
    again = unbundled(Measured, bundled(Measured(measurements=found))).measurements
    assert again is not None
    assert again.scale_trials == found.scale_trials


@pytest.mark.parametrize(
    ("samples", "is_quick", "reason"), [(4, False, TOO_FEW), (64, True, QUICK)]
)
def test_what_is_not_tried_is_told(
    tmp_path: Path, samples: int, is_quick: bool, reason: str
) -> None:
    path = archive(tmp_path, in_raw_units(sound_network()))
    _, found = measured(path, "regression", samples, is_quick=is_quick)
    assert found.scale_trials == ()
    assert found.left_out[SCALE_TRIALS] == reason
