from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.builders import build_model
from tests.har.samples import sample_model
from utils.har.float_weights import FloatWeights, float_weights

KERNEL = np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4)


def of_conv1(**arrays: object) -> FloatWeights | None:
    model = build_model(float_arrays={f"conv1/{key}": value for key, value in arrays.items()})
    return float_weights(model, model.network["net/conv1"])


def test_the_same_weights_have_the_same_fingerprint() -> None:
    first = of_conv1(kernel=KERNEL)
    assert first is not None
    assert first.count == 12
    assert of_conv1(kernel=np.asfortranarray(KERNEL), bias=np.ones(4)) == first


def test_other_weights_have_another() -> None:
    first, changed = of_conv1(kernel=KERNEL), KERNEL.copy()
    changed[0, 0, 2, 3] = np.nextafter(changed[0, 0, 2, 3], np.float32(99))
    assert of_conv1(kernel=changed) != first
    assert of_conv1(kernel=KERNEL.reshape(1, 1, 4, 3)) != first


def test_without_numbers_there_is_none() -> None:
    assert of_conv1(bias=np.ones(4)) is None
    assert of_conv1(kernel=np.array(["a"])) is None


@pytest.mark.parametrize("name", ["input_layer1", "maxpool1", "conv1", "fc2"])
def test_two_quantizations_of_a_network_have_the_same(name: str) -> None:
    found = []
    for archive in ("jet_cnn_q8", "jet_cnn_q16"):
        model = sample_model(archive)
        found.append(float_weights(model, model.network[f"jet_classifier/{name}"]))
    assert found[0] == found[1]
    assert (found[0] is None) == (name in ("input_layer1", "maxpool1"))
