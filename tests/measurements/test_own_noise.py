"""How clear channels are by themselves: alone where that was measured, else with all the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.fixtures.builders import (
    build_layer_noise,
    build_noise,
    build_noise_measurements,
    build_statistics,
)
from utils.measurements import LayerMeasurement, Measurements
from utils.measurements.noise import LayerNoise, Sensitivity, TensorNoise
from utils.measurements.own_noise import (
    CLEAR_DB,
    NEGLIGIBLE_SHARE,
    are_clear,
    hardly_count,
    own_snr_db,
)

NAME = "net/conv1"
COUNT = 1000


def tensor(*ratios: float) -> TensorNoise:
    """Noise of channels about their mean, whose variance is 1."""
    noise = COUNT * 10 ** (-np.array(ratios) / 10)
    return TensorNoise(
        float(COUNT * len(ratios)), float(noise.sum()), np.zeros(len(ratios)), COUNT, noise
    )


def measured(together: TensorNoise, alone: TensorNoise | None = None) -> Measurements:
    channels = len(together.error_sums)
    seen = build_statistics(-3.0, 3.0, channels=channels)
    seen = replace(seen, mean=np.zeros(channels), energy=np.ones(channels))
    noise = build_noise({"conv1": LayerNoise(together)})
    if alone is not None:
        noise = replace(noise, sensitivity=Sensitivity(16, local={NAME: alone}))
    return build_noise_measurements(noise, conv1=LayerMeasurement(seen))


def test_what_a_layer_adds_by_itself_comes_first() -> None:
    both = measured(tensor(5.0, 5.0), tensor(25.0, 30.0))
    assert own_snr_db(both, NAME) == pytest.approx([25.0, 30.0])
    assert own_snr_db(measured(tensor(5.0, 7.0)), NAME) == pytest.approx([5.0, 7.0])
    assert own_snr_db(None, NAME) is None
    assert own_snr_db(both, "net/conv2") is None


@pytest.mark.parametrize(
    ("ratios", "clear"),
    [
        ((CLEAR_DB, CLEAR_DB, 0.0), True),
        ((CLEAR_DB - 0.1, CLEAR_DB - 0.1, 0.0), False),
        ((30.0, 10.0, 99.0), True),
        ((15.0, 10.0, 99.0), False),
    ],
)
def test_half_of_the_channels_decide(ratios: tuple[float, ...], clear: bool) -> None:
    chosen = np.array([True, True, False])
    assert are_clear(measured(tensor(*ratios)), NAME, chosen) is clear


def test_what_was_not_measured_is_not_called_clear() -> None:
    everything = np.ones(3, np.bool_)
    assert not are_clear(None, NAME, everything)
    assert not are_clear(measured(tensor(40.0, 40.0)), NAME, everything)
    assert not are_clear(
        build_noise_measurements(build_noise({"conv1": build_layer_noise(40.0)})), NAME, everything
    )
    assert not are_clear(measured(tensor(40.0, 40.0, 40.0)), NAME, ~everything)


def alone(**shares: tuple[float, float]) -> Measurements:
    """Layers that make these shares of the noise of two outputs."""
    ratios = {
        name: {f"out{i}": -10 * float(np.log10(share)) for i, share in enumerate(each)}
        for name, each in shares.items()
    }
    noise = replace(build_noise({}), sensitivity=Sensitivity(16, output_snr_db=ratios))
    return build_noise_measurements(noise)


def test_layers_hardly_count_that_make_next_to_nothing_of_the_noise_of_any_output() -> None:
    less, more = NEGLIGIBLE_SHARE * 0.49, NEGLIGIBLE_SHARE * 0.51
    found = alone(a=(less, less), b=(less, less), c=(1 - 2 * less, 1 - 2 * less))
    assert hardly_count(found, ["a", "b"])
    assert not hardly_count(found, ["a", "c"])
    at_one_output = alone(a=(less, more), b=(less, more), c=(1 - 2 * less, 1 - 2 * more))
    assert hardly_count(at_one_output, ["a"])
    assert not hardly_count(at_one_output, ["a", "b"])


def test_what_was_not_measured_may_count() -> None:
    assert not hardly_count(alone(a=(1.0, 1.0)), ["other"])
    assert not hardly_count(measured(tensor(5.0)), [NAME])
    assert not hardly_count(None, [NAME])
