"""Trials against the data pass, which measures the same network in another way."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from tests.fixtures.noise_archives import images
from tests.har.archives import NAME
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.engine_pass import engine_pass
from utils.emulator.measuring.outcomes import outcomes_of
from utils.emulator.measuring.trial import TrialRun, compared
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.har.network import Network
from utils.har.quantization import Encoding
from utils.measurements import Need
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.output_kind import SettledKind, WhatIsJudged
from utils.quantizer.integers import coded_layers

INPUT, OUTPUT = f"{NAME}/input_layer1", f"{NAME}/output_layer1"
SAMPLES = 24
JUDGED = WhatIsJudged({OUTPUT: SettledKind("regression")})


@pytest.fixture(scope="module")
def model(sound: tuple[str, str]) -> Model:
    return load_model(sound[0])


def batches(size: int) -> list[dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]]:
    return [{INPUT: images()[i : min(i + size, SAMPLES)]} for i in range(0, SAMPLES, size)]


@pytest.mark.parametrize("size", [7, pytest.param(SAMPLES, marks=pytest.mark.slow)])
def test_an_unchanged_network_has_the_ratio_of_the_data_pass(model: Model, size: int) -> None:
    floats, stored = FloatEmulator(model.float_network, model.float_parameters), coded_layers(model)
    quantized = QuantizedEmulator(floats, model.network, stored)
    measured = engine_pass(floats, Need.NOISE, {}, quantized, JUDGED).run(batches(8))
    assert measured.noise is not None
    assert measured.agreement is not None
    expected = Outcome.of(measured.agreement.outputs[OUTPUT])
    pooled = measured.noise.layers[OUTPUT].output.snr_db
    trial = TrialRun(floats, quantized, batches(size), JUDGED)
    for _ in range(2):  # the float outputs are kept
        found = trial.outcomes(model.network, stored)
        assert_same(found, expected, 0.05)
        assert found[OUTPUT].snr_db == pytest.approx(pooled, abs=0.05)
    for streamed in streamed_outcomes(floats, [quantized, quantized], size, model.network):
        assert_same(streamed, found[OUTPUT], 1e-6)


def streamed_outcomes(
    floats: FloatEmulator, networks: list[QuantizedEmulator], size: int, archived: Network
) -> list[dict[str, Outcome]]:
    """Of each network, from what is joined of batches that were compared one by one."""
    each = [
        compared(floats, networks, batch, archived, JUDGED, index * size)
        for index, batch in enumerate(batches(size))
    ]
    return [
        outcomes_of(archived, reduce(AgreementMeasurements.merged, of_one), SAMPLES)
        for of_one in zip(*each, strict=True)
    ]


def assert_same(found: dict[str, Outcome], expected: Outcome, within_db: float) -> None:
    """The outcome does not depend on how the samples are cut into batches."""
    (one,) = found.values()
    assert (one.kind, one.samples, one.measures) == ("regression", SAMPLES, expected.measures)
    for name in ("snr_db", "median_db", "p10_db"):
        assert getattr(one, name) == pytest.approx(getattr(expected, name), abs=within_db)


def test_clipping_is_that_of_numpy(model: Model) -> None:
    floats = FloatEmulator(model.float_network, model.float_parameters)
    values = np.concatenate([floats.run(batch)[OUTPUT] for batch in batches(8)]).astype(np.float64)
    top = float(values.max()) / 2
    encoding = Encoding(np.full(8, top / 155), np.full(8, 100.0), 0.0, 0.0)
    quantized = QuantizedEmulator(floats, model.network, coded_layers(model))
    found = TrialRun(floats, quantized, batches(8)).clipping(OUTPUT, encoding, 255)
    low = -100 * top / 155
    error = np.clip(values, low, top) - values
    assert found.snr_db == pytest.approx(10 * np.log10((values**2).sum() / (error**2).sum()))
    assert (found.low, found.high) == pytest.approx((values.min(), values.max()))
    assert (found.range_low, found.range_high) == pytest.approx((low, top))
