"""The search for guilty layers: what is run how often, and what the work allowed suffices for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fixtures.noise_archives import images
from tests.har.archives import NAME
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring import local_errors
from utils.emulator.measuring.sensitivity import Search, measured_sensitivity
from utils.emulator.measuring.work import total_work
from utils.emulator.quantized import alone
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.quantizer.integers import coded_layers

OUTPUT = f"{NAME}/output_layer1"
Batches = list[dict[str, NDArray[np.float32]]]


@pytest.fixture(scope="module")
def model(sound: tuple[str, str]) -> Model:
    return load_model(sound[0])


@pytest.fixture(scope="module")
def networks(model: Model) -> tuple[FloatEmulator, QuantizedEmulator]:
    floats = FloatEmulator(model.float_network, model.float_parameters)
    return floats, QuantizedEmulator(floats, model.network, coded_layers(model))


def batches(samples: int, size: int = 8) -> Batches:
    first = range(0, samples, size)
    return [{f"{NAME}/input_layer1": images()[i : min(i + size, samples)]} for i in first]


def test_every_layer_runs_by_itself_once_for_every_batch(
    networks: tuple[FloatEmulator, QuantizedEmulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: Counter[str] = Counter()

    def counted(quantized: Any, name: str, *others: Any) -> Any:
        runs[name] += 1
        return alone.alone(quantized, name, *others)

    monkeypatch.setattr(local_errors, "alone", counted)
    found = measured_sensitivity(*networks, batches(16), [OUTPUT])
    assert set(runs) == set(found.local) == set(found.output_snr_db)
    assert set(runs.values()) == {2}


def test_what_is_known_grows_with_the_samples(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    search = Search(*networks, [OUTPUT])
    found = [(f.samples, search.spent) for f in search.refined(batches(24))]
    assert [samples for samples, _ in found] == [8, 16, 24]
    costs = {spent / samples for samples, spent in found}
    assert len(costs) == 1
    assert search.spent == pytest.approx(search.most_work(24))


def test_earlier_results_stay_as_they_were(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    refined: Iterator[Any] = Search(*networks, [OUTPUT]).refined(batches(16))
    first = next(refined)
    before = {name: noise.count for name, noise in first.local.items()}
    next(refined)
    assert {name: noise.count for name, noise in first.local.items()} == before


def test_little_work_suffices_for_the_worst_layers_of_one_sample(
    networks: tuple[FloatEmulator, QuantizedEmulator],
) -> None:
    work = 4 * total_work(networks[0].network)
    search = Search(*networks, [OUTPUT], work)
    (found,) = search.refined(batches(16))
    assert found.samples == 1
    assert 0 < len(found.exact) < len(found.local)
    worst = sorted(found.local, key=lambda name: found.local[name].snr_db)
    assert found.exact == set(worst[: len(found.exact)])
