"""Statistics of every place, measured or derived."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, build_statistics, chain
from utils.errors import ArchiveError
from utils.har.network import Network
from utils.quantizer.calibration import (
    LayerStatistics,
    channel_statistics,
    completed_statistics,
    statistics_from_arrays,
)


def network() -> Network:
    return build_network(
        chain(
            build_layer("input_layer1", shape=(2, 2, 3)),
            build_layer("fc1", "dense", shape=(1, 1, 4), activation="relu"),
            build_layer("fc2", "dense", shape=(1, 1, 1), activation="linear"),
            build_layer("output_layer1", shape=(1, 1, 1)),
        )
    )


def test_statistics_per_channel() -> None:
    values = np.zeros((5, 2, 2, 2))
    values[..., 0] = np.linspace(-1.0, 2.0, 20).reshape(5, 2, 2)
    found = channel_statistics(values.astype(np.float32))
    assert found.count == 20
    np.testing.assert_allclose(found.minimum, [-1.0, 0.0])
    np.testing.assert_allclose(found.maximum, [2.0, 0.0])
    np.testing.assert_allclose(found.mean, [0.5, 0.0], atol=1e-7)
    np.testing.assert_allclose(found.std, [np.linspace(-1, 2, 20).std(), 0.0], rtol=1e-6)
    assert found.non_zero_share == 0.5


def test_inputs_are_what_the_layer_before_computed() -> None:
    x = np.random.default_rng(0).normal(size=(6, 2, 2, 3))
    y, z = np.ones((6, 1, 1, 4)), np.ones((6, 1, 1, 1))
    found = statistics_from_arrays(
        network(), {"input_layer1": x, "fc1": y, "net/fc2": z}, {"fc1": y - 2}
    )
    assert set(found) == {"net/input_layer1", "net/fc1", "net/fc2"}
    assert found["net/input_layer1"].inputs == ()
    # A dense layer tells pixels apart.
    np.testing.assert_allclose(found["net/fc1"].inputs[0].mean, x.reshape(6, 12).mean(axis=0))
    assert found["net/fc1"].preact is not None
    assert found["net/fc1"].preact.high == -1.0
    assert found["net/fc2"].preact is None


def test_places_that_follow_from_others() -> None:
    given = {
        "input_layer1": LayerStatistics(build_statistics(-1.0, 2.0, channels=3, count=40)),
        "fc1": LayerStatistics(build_statistics(channels=4), build_statistics(-3.0, channels=4)),
        "fc2": LayerStatistics(build_statistics(-5.0, 5.0, channels=1)),
    }
    found = completed_statistics(network(), given)
    assert found["net/fc1"].inputs[0].channels == 12
    assert found["net/fc1"].inputs[0].count == 10
    assert found["net/fc2"].preact is found["net/fc2"].output
    assert found["net/output_layer1"].output is found["net/fc2"].output


@pytest.mark.parametrize("missing", ["input_layer1", "fc1", "fc2"])
def test_places_that_do_not(missing: str) -> None:
    given = {
        name: LayerStatistics(build_statistics(channels=channels))
        for name, channels in (("input_layer1", 3), ("fc1", 4), ("fc2", 1))
        if name != missing
    }
    with pytest.raises(ArchiveError, match=f"no calibration statistics for layer net/{missing}"):
        completed_statistics(network(), given)
