"""Sigmoids used in their tail and all over, quiet first and loud after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspectors.activation_tables import ActivationTableInspector
from inspectors.activation_tables.harm import has_gained
from inspectors.noise import NoiseInspector
from tests.backends.closer_look.test_tables_on_host import measured
from tests.emulator.quantized_networks import Batch, Pair
from tests.emulator.tables import LAYER, OUTPUT, TAIL, WHOLE, depth, inside
from tests.fixtures.builders import build_context
from tests.house.evidence import loud, quiet
from utils.causes import Proof
from utils.causes.folding import diagnosis_of
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Finding, Severity
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.output_kind import OutputKind, SettledKind, WhatIsJudged

NEED = ActivationTableInspector.NEEDS | NoiseInspector.NEEDS
ONE_SIDED = (-3.85, 0.15)  # the line lies above the function there
LINE = f"change_output_activation({LAYER}, linear)"


def run(
    folder: Path, made: tuple[Pair, Batch], kind: OutputKind = "regression", *, quick: bool = False
) -> Measurements:
    settings = Settings(judged=WhatIsJudged({OUTPUT: SettledKind(kind)}), quick=quick)
    return measured(folder, made, NEED, settings)


def found_in(made: tuple[Pair, Batch], measurements: Measurements) -> list[Finding]:
    context = build_context(made[0].model, measurements)
    return list(ActivationTableInspector().inspect(context))


def found_at(
    folder: Path, made: tuple[Pair, Batch], kind: OutputKind = "regression"
) -> list[Finding]:
    return found_in(made, run(folder, made, kind))


@quiet("activation-table")
@pytest.mark.parametrize("activation", ["sigmoid", "silu", "tanh", "relu"])
@pytest.mark.parametrize("kind", ["regression", "unknown"])
def test_quiet_where_the_whole_function_is_used(
    tmp_path: Path, activation: str, kind: OutputKind
) -> None:
    assert found_at(tmp_path, depth(tmp_path, WHOLE, activation), kind) == []


@quiet("activation-table")
def test_quiet_where_no_decision_is_lost(tmp_path: Path) -> None:
    # No score of the tail fires, neither in float nor on the chip.
    assert found_at(tmp_path, depth(tmp_path, TAIL), "scores") == []
    (found,) = found_at(tmp_path, depth(tmp_path, ONE_SIDED), "scores")
    assert found.severity == Severity.INFO
    assert found.recommendation is None


@quiet("activation-table")
def test_quiet_where_a_trial_gains_nothing(tmp_path: Path) -> None:
    made = depth(tmp_path, TAIL)
    measurements = run(tmp_path, made)
    trial = measurements.table_trials[OUTPUT]
    refuted = replace(trial, after=trial.before)
    assert has_gained(trial)
    assert not has_gained(refuted)
    assert found_in(made, replace(measurements, table_trials={OUTPUT: refuted})) == []


@loud("activation-table")
def test_loud_where_a_sigmoid_is_used_in_its_tail(tmp_path: Path) -> None:
    (found,) = found_at(tmp_path, depth(tmp_path, TAIL))
    assert (found.id, found.severity) == ("activation-table", Severity.ERROR)
    assert found.layers == (LAYER,)
    assert "sigmoid is a few straight lines" in found.headline
    assert "9 lines for sigmoid" in found.evidence
    assert found.remedy == (
        f"End the network at {LAYER} with a linear output, apply the sigmoid on the host, and "
        "quantize again."
    )
    assert found.recommendation is not None
    assert found.commands == (LINE,)
    assert found.recommendation.proven
    assert not found.recommendation.default
    gain = found.recommendation.gain
    assert gain is not None
    assert gain.measure == f"SNR in dB at {OUTPUT}"
    assert gain.after > gain.before + 20
    assert found.measured[LAYER] > 0.8
    assert found.measured[f"SNR of {OUTPUT} after"] == gain.after


def test_the_median_sample_is_told_where_loud_ones_hide_it(tmp_path: Path) -> None:
    made = depth(tmp_path, TAIL)
    measurements = run(tmp_path, made)
    (alike,) = found_in(made, measurements)
    assert "median sample" not in alike.evidence
    trial = measurements.table_trials[OUTPUT]
    samples = trial.before.samples
    signal = samples.signal * np.where(np.arange(len(samples.signal)) == 0, 1e6, 1.0)
    loud_one = replace(trial.before, samples=replace(samples, signal=signal))
    told = replace(trial, before=loud_one)
    (found,) = found_in(made, replace(measurements, table_trials={OUTPUT: told}))
    assert f"before {samples.snr_db_at(0.5):.1f}" in found.evidence.partition("median sample")[2]


def test_an_output_of_unknown_kind_warns_where_every_reading_loses(tmp_path: Path) -> None:
    (found,) = found_at(tmp_path, depth(tmp_path, TAIL), "unknown")
    assert found.severity == Severity.WARNING
    assert "--output-kind" in found.why
    (known,) = found_at(tmp_path, depth(tmp_path, TAIL))
    assert "--output-kind" not in known.why


def test_16_bit_is_as_loud(tmp_path: Path) -> None:
    (found,) = found_at(tmp_path, depth(tmp_path, TAIL, modes={"conv2": "a16_w16"}))
    assert found.severity == Severity.ERROR


def test_without_a_trial_nothing_is_proven(tmp_path: Path) -> None:
    made = depth(tmp_path, TAIL)
    (found,) = found_in(made, run(tmp_path, made, quick=True))
    assert found.remedy.startswith("End the network at")
    assert found.recommendation is None


def test_inside_of_a_network_the_function_cannot_leave(tmp_path: Path) -> None:
    made = inside(tmp_path, TAIL)
    measurements = run(tmp_path, made)
    (found,) = found_in(made, measurements)
    assert found.layers == (LAYER,)
    assert found.recommendation is None
    assert found.remedy == f"Train the network with a hard sigmoid at {LAYER}."
    # Without the search nobody knows how much of the noise at the output is the table's.
    assert measurements.noise is not None
    unsearched = replace(measurements, noise=replace(measurements.noise, sensitivity=None))
    assert found_in(made, unsearched) == []


def test_it_explains_the_noise_behind_it(tmp_path: Path) -> None:
    made = depth(tmp_path, TAIL)
    context = build_context(made[0].model, run(tmp_path, made))
    findings = [
        *ActivationTableInspector().inspect(context),
        *NoiseInspector().inspect(context),
    ]
    diagnosis = diagnosis_of(findings, made[0].model.network, EXPLANATIONS)
    first = diagnosis.causes[0]
    assert first.finding.id == "activation-table"
    assert first.proof is Proof.TRIAL
    assert ids(first.explains) >= {"output-snr-low", "noise-born-here"}
    assert diagnosis.next is not None
    assert diagnosis.next.commands == (LINE,)


def ids(findings: Sequence[Finding]) -> set[str]:
    return {finding.id for finding in findings}


def test_no_bias_is_blamed_for_what_the_table_does(tmp_path: Path) -> None:
    made = depth(tmp_path, ONE_SIDED)
    measurements = run(tmp_path, made)
    told, untold = (
        ids(list(NoiseInspector().inspect(build_context(made[0].model, each))))
        for each in (measurements, replace(measurements, tables={}))
    )
    assert "error-is-bias" in untold
    assert "error-is-bias" not in told


@pytest.mark.parametrize("needs", [Need.NOISE])
def test_it_skips_where_no_table_was_compared(tmp_path: Path, needs: Need) -> None:
    made = depth(tmp_path, WHOLE, "relu")
    found = measured(tmp_path, made, needs)
    inspector = ActivationTableInspector()
    assert "curved" in str(inspector.should_skip(build_context(made[0].model, found)))
    assert "-d" in str(inspector.should_skip(build_context(made[0].model)))
    assert inspector.should_skip(build_context(made[0].model, replace(found, noise=None)))
