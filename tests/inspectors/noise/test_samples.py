from __future__ import annotations

import math

import pytest

from inspectors.noise import NoiseInspector
from tests.fixtures.builders import build_context, build_model, build_noise_measurements
from tests.house.evidence import loud, quiet
from tests.inspectors.noise.judged import (
    OUTPUT,
    expected,
    inspect,
    network,
    noise_of,
    only,
    the,
)
from utils.dataset.facts import DatasetFacts
from utils.measurements.noise import SampleNoise


def sample(index: int, snr: float) -> SampleNoise:
    if snr == -math.inf:
        return SampleNoise(index, 0.0, 1.0)
    return SampleNoise(index, 1.0, 10 ** (-snr / 10))


@quiet("worst-samples")
@loud("worst-samples")
@pytest.mark.parametrize(
    ("pooled", "lowest", "loud"),
    [
        (25.0, 15.0, False),
        (25.0, 14.9, True),
        (38.0, 28.1, False),
        (38.0, 27.9, True),
        (50.0, 30.0, False),
        (50.0, 29.9, True),
        (25.0, -math.inf, False),
        (25.0, math.nan, False),
        (math.inf, math.inf, False),
        (-math.inf, -math.inf, False),
    ],
)
def test_worst_samples(pooled: float, lowest: float, loud: bool) -> None:
    worst = [sample(7, lowest), sample(3, pooled)]
    found = inspect({"conv3": pooled}, worst_samples={OUTPUT: worst})
    assert only(found, "worst-samples") == expected("info" if loud else "", OUTPUT)
    if loud:
        measured = the(found, "worst-samples").measured
        assert measured == {"sample 7 at net/output_layer1": pytest.approx(lowest)}


def test_the_list_of_samples_is_shortened_and_says_if_it_may_be_longer() -> None:
    kept = [sample(index, 5.0 + index / 100) for index in range(12)]
    found = the(inspect({"conv3": 25.0}, worst_samples={OUTPUT: kept}), "worst-samples")
    assert found.evidence == (
        "at least 12 samples at net/output_layer1, whose SNR over all samples is 25.0 dB: sample "
        "0 has "
        "5.0 dB, sample 1 has 5.0 dB, sample 2 has 5.0 dB and 9 more, because the output "
        "is small, not because of noise"
    )
    assert len(found.measured) == 12
    found = the(inspect({"conv3": 25.0}, worst_samples={OUTPUT: kept}, samples=12), "worst-samples")
    assert "at least" not in found.evidence


def test_samples_that_are_just_quiet_are_told_from_noisy_ones() -> None:
    # On average a sample of this set has noise of 0.1 * 3 * 100,000 / 64.
    average = 30_000 / 64
    noisy, quiet = SampleNoise(1, average, 2 * average), SampleNoise(2, average / 9, average / 2)
    found = the(
        inspect({"conv3": 10.0}, worst_samples={OUTPUT: [noisy, noisy, quiet]}), "worst-samples"
    )
    assert "1 of them because the output is small, not because of noise" in found.evidence
    assert found.remedy == "Look at what is special about sample 1."


@pytest.mark.parametrize("snr_db", [19.0, 21.0])
def test_only_noisy_samples_are_to_be_looked_at(snr_db: float) -> None:
    average = 30_000 / 64
    noisy = SampleNoise(1, 2 * average * 10 ** (snr_db / 10), 2 * average)
    noise = {"conv3": 35.0}
    found = the(inspect(noise, worst_samples={OUTPUT: [noisy]}), "worst-samples")
    assert f"sample 1 has {snr_db:.1f} dB" in found.evidence
    assert bool(found.remedy) == (snr_db < 20)


def test_samples_are_named_by_their_files_where_they_have_some() -> None:
    noise = noise_of({"conv3": 25.0}, worst_samples={OUTPUT: [sample(7, 5.0)]})
    names = tuple(f"{index:02d}.jpg" for index in range(64))
    context = build_context(
        build_model(network(activation="sigmoid")),
        build_noise_measurements(noise, 64),
        DatasetFacts("pictures", 64, 64, {}, names=names),
    )
    found = the(list(NoiseInspector().inspect(context)), "worst-samples")
    assert "sample 7 (07.jpg) has 5.0 dB" in found.evidence
    assert list(found.measured) == ["sample 7 at net/output_layer1"]
