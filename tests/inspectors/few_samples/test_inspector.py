"""Few samples that decide for all, on archives with integers: quiet first and loud after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspectors.base_inspector import Context
from inspectors.few_samples import FewSamplesInspector
from inspectors.few_samples.ranges import followed
from inspectors.noise import NoiseInspector
from tests.emulator.measuring.decisions import vector_network
from tests.emulator.networks import weights
from tests.emulator.quantized_networks import INPUT, Batch, Pair, quantized_pair
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.house.evidence import loud, quiet
from utils.backends import embedded
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.dataset.facts import DatasetFacts
from utils.emulator.measuring.engine_pass import engine_pass
from utils.findings import Finding, Severity
from utils.har.model import load_model
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.agreement import AgreementMeasurements, SampleFigures
from utils.measurements.output_kind import OutputKind, SettledKind, WhatIsJudged
from utils.recommendations.tried_ranges import settled

OUTPUT = "net/output_layer1"
SAMPLES = 128
LOUD = [9, 37]


def archive(
    folder: Path, times: float, samples: int = SAMPLES, activation: str = "linear"
) -> tuple[Pair, Batch]:
    """Four classes; two samples are so many times as loud as the others."""
    random = np.random.default_rng(3)
    batch = {INPUT: random.standard_normal((samples, 1, 1, 8)).astype(np.float32)}
    batch[INPUT] = np.clip(batch[INPUT], -2, 2)
    batch[INPUT][[place for place in LOUD if place < samples]] *= times
    arrays = {"fc1/kernel": weights(8, 4, seed=2), "fc1/bias": np.zeros(4, np.float32)}
    return quantized_pair(
        folder / "classes.har", vector_network(4, activation), arrays, batch
    ), batch


def run(pair: Pair, batch: Batch, kind: OutputKind = "classes") -> Measurements:
    judged = WhatIsJudged({OUTPUT: SettledKind(kind)})
    return engine_pass(pair.floats, Need.NOISE, {}, pair.quantized, judged).run([batch])


def context_of(folder: Path, pair: Pair, batch: Batch, measured: Measurements) -> Context:
    np.save(folder / "data.npy", batch[INPUT])
    inputs = pair.model.float_network.input_layers
    facts: DatasetFacts = open_dataset(str(folder / "data.npy"), inputs, SAMPLES).facts
    return build_context(pair.model, measured, facts)


def found_in(folder: Path, times: float, samples: int = SAMPLES) -> list[Finding]:
    pair, batch = archive(folder, times, samples)
    context = context_of(folder, pair, batch, run(pair, batch))
    assert str(FewSamplesInspector().should_skip(context)) == ""
    return list(FewSamplesInspector().inspect(context))


@quiet("few-samples-decide")
@pytest.mark.parametrize("times", [1.0, 1.5])
def test_samples_that_reach_about_as_far_as_others_decide_nothing(
    tmp_path: Path, times: float
) -> None:
    assert found_in(tmp_path, times) == []


@quiet("few-samples-decide")
def test_of_few_samples_none_are_few(tmp_path: Path) -> None:
    # That most of them lie below all together is worth knowing, and no more.
    (found,) = found_in(tmp_path, 1000.0, samples=31)
    assert found.severity is Severity.INFO
    assert found.layers == (OUTPUT,)


@loud("few-samples-decide")
def test_two_shocks_that_set_every_range(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, 1000.0)
    assert (found.id, found.severity) == ("few-samples-decide", Severity.WARNING)
    assert found.layers == (INPUT, "net/fc1")
    assert found.evidence.startswith(f"samples 9 and 37, 2 of 128: {INPUT} ")
    assert "of the signal that 128 samples have at net/output_layer1" in found.evidence
    assert found.remedy.startswith("Calibrate without samples 9 and 37, or clip ")
    assert found.recommendation is not None
    ranges = found.recommendation.ranges
    assert ranges.keys() == {INPUT, "net/fc1"}
    assert all(-20 < low < 0 < high < 20 for low, high in ranges.values())
    assert ranges[INPUT] == pytest.approx((-2.0, 2.0))
    forced, clipped = found.commands
    assert forced.startswith(f"quantization_param([{INPUT}], force_range_out=[-2, 2])")
    assert clipped.startswith("pre_quantization_optimization(activation_clipping, layers=[net/fc1]")


def test_clipping_all_of_them_at_once_is_tried_and_brings_decisions_back(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, 1000.0)
    assert found.recommendation is not None
    ranges = found.recommendation.ranges
    model = load_model(str(tmp_path / "classes.har"))
    inputs = model.float_network.input_layers
    calibration = open_dataset(str(tmp_path / "data.npy"), inputs, SAMPLES)
    settings = Settings(judged=WhatIsJudged({OUTPUT: SettledKind("classes")}))
    job = OpenedJob(model, calibration, Need.NOISE, settings)
    emulation = embedded.measure(job)
    together = settled(found, emulation.try_ranges(ranges, [tuple(ranges)]).trials)
    assert together.severity is Severity.WARNING
    assert together.recommendation is not None
    assert together.recommendation.proven
    said = "a trial confirms it for all other samples: at net/output_layer1 the same class"
    assert together.evidence.count(said) == 1
    # One at a time they show nothing: the other one still leaves no codes.
    alone = settled(found, emulation.try_ranges(ranges).trials)
    assert alone.recommendation is None


def test_where_no_decision_is_lost_it_is_worth_knowing_and_no_more(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, 4.0)
    assert found.severity is Severity.INFO
    assert found.asks_for_nothing


def test_nothing_is_said_of_data_that_did_not_set_the_ranges(tmp_path: Path) -> None:
    pair, batch = archive(tmp_path, 1000.0)
    others = {INPUT: batch[INPUT] * np.float32(0.5)}
    context = context_of(tmp_path, pair, others, run(pair, others))
    assert [f for f in FewSamplesInspector().inspect(context) if "ranges" in f.headline] == []


def with_energies(context: Context, signal: np.ndarray, noise: np.ndarray) -> Context:
    """The same, with other energies of the samples at the output, and no peaks."""
    measured = context.measurements
    assert measured is not None
    assert measured.agreement is not None
    samples = SampleFigures(np.arange(SAMPLES), signal, noise)
    output = replace(measured.agreement.outputs[OUTPUT], samples=samples, settled=SettledKind())
    return replace(
        context,
        measurements=replace(
            measured,
            agreement=AgreementMeasurements({OUTPUT: output}),
            layers={name: replace(each, peaks=None) for name, each in measured.layers.items()},
        ),
    )


@pytest.fixture
def plain(tmp_path: Path) -> Context:
    pair, batch = archive(tmp_path, 1.0)
    return context_of(tmp_path, pair, batch, run(pair, batch))


def energies(loudest: float) -> np.ndarray:
    found = np.ones(SAMPLES)
    found[LOUD] = loudest
    return found


def test_an_error_that_one_sample_holds_is_an_info(plain: Context) -> None:
    (found,) = FewSamplesInspector().inspect(
        with_energies(plain, 1000 * energies(1.0), energies(1e4))
    )
    assert found.severity is Severity.INFO
    assert found.headline == "A few samples hold most of the error at an output"
    assert found.asks_for_nothing
    assert "samples 9 and 37 hold 99% of the error that 128 samples have" in found.evidence


@loud("few-samples-decide")
def test_a_signal_that_two_samples_hold_hides_the_others(plain: Context) -> None:
    hidden = with_energies(plain, energies(1e4), energies(1.0))
    (found,) = FewSamplesInspector().inspect(hidden)
    assert found.severity is Severity.WARNING
    assert found.headline == "A few samples hold most of the signal at an output"
    assert "22.0 dB over all samples and 0.0 dB at the median sample" in found.evidence


@quiet("few-samples-decide")
def test_a_few_samples_hold_what_a_detector_is_to_find(tmp_path: Path) -> None:
    pair, batch = archive(tmp_path, 1.0, activation="sigmoid")
    scores = context_of(tmp_path, pair, batch, run(pair, batch, "scores"))
    hidden = with_energies(scores, energies(1e4), energies(1.0))
    assert list(FewSamplesInspector().inspect(hidden)) == []
    few_errors = with_energies(scores, 1000 * energies(1.0), energies(1e4))
    assert [found.layers for found in FewSamplesInspector().inspect(few_errors)] == [(OUTPUT,)]


@quiet("worst-samples")
def test_where_most_samples_are_worse_nobody_says_that_some_are(plain: Context) -> None:
    hidden = with_energies(plain, energies(1e4), energies(1.0))
    ids = [finding.id for finding in NoiseInspector().inspect(hidden)]
    assert "worst-samples" not in ids


@quiet("few-samples-decide")
def test_samples_that_are_all_alike_decide_nothing(plain: Context) -> None:
    alike = with_energies(plain, 100 * energies(1.0), energies(1.0))
    assert list(FewSamplesInspector().inspect(alike)) == []


@pytest.mark.parametrize(
    ("own", "lines"), [((0.1, 0.2), ["conv1"]), ((0.3, 0.2), ["conv1", "avgpool1"])]
)
def test_a_pool_with_the_codes_of_the_layer_before_it_takes_its_range(
    own: tuple[float, ...], lines: list[str]
) -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", activation="relu"),
        build_layer("avgpool1", type="avgpool"),
        build_layer("output_layer1"),
    ]
    encodings = {
        f"{name}/layer_params/{kind}": values
        for name, scales in (("conv1", (0.1, 0.2)), ("avgpool1", own))
        for kind, values in (
            ("output_scales", np.array([scales])),
            ("output_zero_points", np.zeros((1, len(scales)))),
        )
    }
    encodings |= {f"{n}/limvals_out": np.array([0.0, 51.0]) for n in ("conv1", "avgpool1")}
    context = build_context(build_model(layers, quantized=encodings))
    clipped = [layer.base_name for layer in context.model.network if not followed(context, layer)]
    assert [name for name in ("conv1", "avgpool1") if name in clipped] == lines
