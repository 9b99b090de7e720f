"""The network that the SDK holds against the one in the archive."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.backends.sdk.runs import Case
from tests.emulator.quantized_networks import pair_of
from tests.fixtures.builders import build_network, replaced
from tests.har.archives import small_network, small_statistics, write_small
from tests.sdk_standin.archives import made_for
from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends.sdk.graph_check import disagreements
from utils.har.model import load_model
from utils.quantizer.calibration import LayerStatistics


def held(flavour: str, path: str, case: Case) -> list[str]:
    """What the SDK with one archive says of the model of another."""
    with installed(flavour):
        runner = importlib.import_module("hailo_sdk_client").ClientRunner(har=path)
        return list(disagreements(runner, case.model))


pytestmark = pytest.mark.filterwarnings("ignore:stand-in noise")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_same_archive_agrees(flavour: str, cases: Mapping[str, Case], tmp_path: Path) -> None:
    assert held(flavour, cases[flavour].har, cases[flavour]) == []
    for kind, modes in (("joins", {}), ("chain", {"conv1": "a16_w16", "fc3": "a16_w16"})):
        path = made_for(flavour, pair_of(kind, tmp_path, modes)[0].path)
        assert held(flavour, path, Case(flavour, path, "", load_model(path))) == []


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_another_network_is_told(flavour: str, cases: Mapping[str, Case], tmp_path: Path) -> None:
    other = made_for(flavour, pair_of("chain", tmp_path)[0].path)
    found = held(flavour, other, cases[flavour])
    assert found[0].startswith("the SDK has net/activation1, net/avgpool1, ")
    assert "codes the output of " in found[-1]
    back = held(flavour, cases[flavour].har, Case(flavour, other, "", load_model(other)))
    assert back[0].startswith("the SDK does not know net/activation1, net/avgpool1")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_other_activations_and_scales_are_told(
    flavour: str, cases: Mapping[str, Case], tmp_path: Path
) -> None:
    layers = [
        replaced(layer, params={**layer.params, "activation": "linear"})
        if layer.base_name == "conv2"
        else layer
        for layer in small_network()
    ]
    network = build_network(layers, ["fc2"])
    seen = small_statistics()
    wider = {name: _wider(each) if name == "net/conv1" else each for name, each in seen.items()}
    path = write_small(tmp_path / "x.har", network=network, statistics=wider)
    first, second = held(flavour, made_for(flavour, path), cases[flavour])
    assert first == "the SDK and the archive do not agree whether net/conv2 has an activation"
    assert second.startswith("the SDK codes the output of net/conv1")


def _wider(seen: LayerStatistics) -> LayerStatistics:
    output = replace(seen.output, maximum=seen.output.maximum * 2)
    return replace(seen, output=output)


def runner_with(**members: Any) -> Any:
    return SimpleNamespace(**members)


@pytest.mark.parametrize(
    "runner",
    [
        runner_with(),
        runner_with(get_hn=lambda: "[]", get_params_translated=dict),
        runner_with(get_hn_dict=lambda: {"layers": []}, get_params_translated=lambda: None),
        runner_with(get_params_translated=lambda: {"net/conv1": {"kernel": 1}}),
    ],
)
def test_what_the_sdk_does_not_offer_is_not_compared(
    runner: Any, cases: Mapping[str, Case]
) -> None:
    assert list(disagreements(runner, cases["3.33"].model)) == []


@pytest.mark.parametrize("suffix", ["", ":0"])
@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        (lambda scales: scales, False),
        (lambda scales: scales.astype(np.float32).reshape(1, 1, 1, -1), False),
        (lambda scales: np.repeat(scales[:1], 7) if scales.size == 1 else scales, False),
        (lambda scales: scales * 1.01, True),
        (lambda scales: np.zeros_like(scales), True),
        (lambda scales: np.repeat(scales, 2), True),
    ],
)
def test_scales_are_compared_as_they_are_spelled(
    suffix: str, change: Any, is_told: bool, tmp_path: Path
) -> None:
    model = pair_of("joins", tmp_path)[0].model
    encoding = model.encoding("net/conv1")
    assert encoding is not None
    key = f"layer_params/output_scales{suffix}"
    given = {"net/conv1": {key: change(np.asarray(encoding.scales))}}
    found = list(disagreements(runner_with(get_params_translated=lambda: given), model))
    assert bool(found) is is_told
    assert all("net/conv1" in sentence for sentence in found)
