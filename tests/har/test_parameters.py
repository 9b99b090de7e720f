"""Keys of npz members: which layer, which suffix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.fixtures.members import npz_member
from tests.har.archives import npz
from utils.har.network import Layer, Network
from utils.har.parameters import LayerParameters, Parameters


def network() -> Network:
    return build_network(
        chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1"))
    )


def parameters(arrays: dict[str, Any], graph: Network | None = None) -> Parameters:
    return Parameters(npz_member(npz(**arrays)), graph or network())


def one(key: str) -> LayerParameters:
    return parameters({key: np.array([4.5])}).layer("net/conv1")


@pytest.mark.parametrize("index", ["", ":0", ":0:0"])
@pytest.mark.parametrize("scope", ["net/", ""])
@pytest.mark.parametrize(
    "suffix",
    [
        "kernel",
        "layer_params/output_scales",
        "stats/output_0/stats_limvals",
        "output_stage/piecewise/x_points",
        "layer_noise_analysis/noise_results/net/output_layer1",
        "layer_noise_analysis/noise_results/output_layer1",
    ],
)
def test_key_grammar(scope: str, suffix: str, index: str) -> None:
    found = one(f"{scope}conv1/{suffix}{index}")
    assert list(found) == [suffix]
    assert suffix in found
    for asked in (suffix, f"{suffix}:0", f"{suffix}:0:0"):
        assert found[asked] == 4.5


def test_suffix_that_names_another_layer_stays_with_the_first() -> None:
    found = parameters(
        {
            "net/conv1/layer_noise_analysis/noise_results/net/output_layer1": np.ones(1),
            "net/output_layer1/layer_params/output_scales:0": np.ones((1, 3)),
        }
    )
    assert list(found.layer("net/conv1")) == [
        "layer_noise_analysis/noise_results/net/output_layer1"
    ]
    assert list(found.layer("net/output_layer1")) == ["layer_params/output_scales"]


def test_longest_layer_name_wins() -> None:
    layers = [
        Layer(name, "input_layer", output_shapes=((1, 1, 1),))
        for name in ("net/conv1", "net/conv1/kernel")
    ]
    found = parameters({"net/conv1/kernel/bias:0": np.ones(1)}, Network("net", layers))
    assert list(found.layer("net/conv1/kernel")) == ["bias"]
    assert not found.layer("net/conv1")


def test_second_input_keeps_its_index() -> None:
    found = parameters(
        {"net/conv1/input_scale:0:0": np.array(1.0), "net/conv1/input_scale:0:1": np.array(2.0)}
    ).layer("net/conv1")
    assert found["input_scale"] == 1.0
    assert len(found) == 2


@pytest.mark.parametrize(
    "key", ["params_kind", "mode", "net/conv9/kernel:0", "other/conv1x/kernel"]
)
def test_what_belongs_to_no_layer_is_left_out(key: str) -> None:
    found = parameters({key: np.ones(1)})
    assert not found
    assert not found.layer("net/conv1")


def test_unscoped_names_need_to_be_unambiguous() -> None:
    layers = [
        Layer(name, "input_layer", output_shapes=((1, 1, 1),)) for name in ("a/conv1", "b/conv1")
    ]
    found = parameters(
        {"conv1/kernel:0": np.ones(1), "b/conv1/bias:0": np.ones(1)}, Network("two", layers)
    )
    assert not found.layer("a/conv1")
    assert list(found.layer("b/conv1")) == ["bias"]


def test_no_member_and_no_array() -> None:
    empty = Parameters(None, network())
    assert not empty
    layer = empty.layer("net/conv1")
    assert len(layer) == 0
    with pytest.raises(KeyError):
        _ = layer["kernel"]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "float32", "float64", "<U14"])
def test_arrays_come_back_as_they_were(dtype: str) -> None:
    array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    for stored in (array, np.asfortranarray(array)):
        found = parameters({"net/conv1/value:0": stored}).layer("net/conv1")["value"]
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)
