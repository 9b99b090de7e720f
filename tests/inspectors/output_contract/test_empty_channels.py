"""Channels of an output whose weights are all 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspectors.output_contract.empty_channels import empty_channels
from tests.fixtures.builders import build_context, build_layer, build_model, chain
from tests.house.evidence import loud, quiet
from utils.findings import Finding

RANDOM = np.random.default_rng(3)


def weights(channels: int, *empty: int) -> np.ndarray[Any, Any]:
    """A kernel (3, 3, 6, channels), some channels of which are 0."""
    kernel = RANDOM.normal(size=(3, 3, 6, channels))
    kernel[..., list(empty)] = 0
    return kernel


def found(kernel: Any, last: str = "", inner: Any = None) -> list[Finding]:
    """What is said of a head with these weights, behind a layer and in front of another."""
    channels = 6 if kernel is None else kernel.shape[-1]
    shape = (4, 4, channels)
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", shape=(4, 4, 6)),
        build_layer("conv2", shape=shape),
        *([build_layer(last, shape=shape)] if last else []),
        build_layer("output_layer1", shape=shape),
    ]
    arrays = {"conv1/kernel": weights(6) if inner is None else inner}
    if kernel is not None:
        arrays["conv2/kernel"] = kernel
    return list(empty_channels(build_context(build_model(chain(*layers), float_arrays=arrays))))


@quiet("output-channel-empty")
@pytest.mark.parametrize(
    ("kernel", "inner"),
    [
        (weights(6), None),
        (weights(6) * 1e-9, None),  # small, but trained
        (weights(6, *range(6)), None),  # a whole output without weights is told as such
        (None, None),  # an archive without weights
        (weights(6), weights(6, 1, 4)),  # pruned within the network
    ],
)
def test_quiet(kernel: Any, inner: Any) -> None:
    assert found(kernel, inner=inner) == []


@quiet("output-channel-empty")
def test_what_fills_up_the_number_of_channels_is_only_worth_knowing() -> None:
    (finding,) = found(weights(8, 5, 6, 7))
    assert finding.severity.label == "info"
    assert finding.asks_for_nothing


@loud("output-channel-empty")
@pytest.mark.parametrize("last", ["", "softmax1", "activation1"])
@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (weights(4, 2), "channel 2 of 4 of net/conv2"),
        (weights(5, 0, 4), "channels 0 and 4 of 5 of net/conv2"),
        (weights(5, 4), "channel 4 of 5 of net/conv2"),  # nothing is filled up to 5
    ],
)
def test_loud(kernel: Any, said: str, last: str) -> None:
    (finding,) = found(kernel, last)
    assert (finding.id, finding.severity.label) == ("output-channel-empty", "warning")
    assert said in finding.evidence
    assert finding.layers == ("net/conv2",)
    assert finding.remedy.startswith("Compare the weights of ")
