"""Every feature in which versions of the SDK differ, in every way that it may be there."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from docs.sdk_ways import ways_table
from tests.backends.sdk.runs import INNER, INPUT, Case
from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends.sdk import captures, differences
from utils.backends.sdk.captures import (
    InterlayerTensors,
    InternalOutputs,
    Preactivations,
    capture_of,
)
from utils.backends.sdk.differences import (
    graph_of,
    inference_contexts,
    known_chips,
    linear_activation,
    loaded_runner,
    value_of,
)
from utils.errors import SdkError

BATCH = {INPUT: np.zeros((2, 8, 8, 3), np.float32)}
pytestmark = pytest.mark.filterwarnings("ignore:stand-in noise")
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


def module(name: str, **members: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(members)
    return made


@pytest.mark.parametrize("place", ["client", "definitions"])
def test_contexts_are_found_in_either_module(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = module("hailo_sdk_client")
    definitions = module("hailo_sdk_client.exposed_definitions")
    vars(client if place == "client" else definitions)["InferenceContext"] = "the contexts"
    for made in (client, definitions):
        monkeypatch.setitem(sys.modules, made.__name__, made)
    assert inference_contexts(client) == "the contexts"


def test_without_contexts_there_is_no_emulation(monkeypatch: pytest.MonkeyPatch) -> None:
    client = module("hailo_sdk_client")
    monkeypatch.setitem(sys.modules, "hailo_sdk_client", client)
    with pytest.raises(SdkError, match="no InferenceContext"):
        inference_contexts(client)


def newer_runner(hw_arch: str | None = None, har: str | None = None) -> Any:
    return hw_arch, har


def older_runner(hw_arch: str | None = None, har_path: str | None = None) -> Any:
    return hw_arch, har_path


def broken_runner(hw_arch: str | None = None, har: str | None = None) -> Any:
    raise TypeError("unsupported operand")


@pytest.mark.parametrize("runner", [newer_runner, older_runner])
@pytest.mark.parametrize(("chip", "given"), [("hailo8", "hailo8"), ("", None)])
def test_the_archive_is_handed_over_by_either_argument(runner: Any, chip: str, given: Any) -> None:
    client = SimpleNamespace(ClientRunner=runner)
    assert loaded_runner(client, "/x.har", chip) == (given, "/x.har")


@pytest.mark.parametrize("text", ["a char is no operand", "'share' is unexpected", "har"])
def test_the_letters_of_the_argument_do_not_make_it_the_older_one(text: str) -> None:
    calls = []

    def runner(**given: Any) -> Any:
        calls.append(list(given))
        raise TypeError(text)

    with pytest.raises(TypeError, match=text):
        loaded_runner(SimpleNamespace(ClientRunner=runner), "/x.har", "")
    assert calls == [["har"]]


def test_what_loading_raises_is_not_mistaken_for_an_argument() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        loaded_runner(SimpleNamespace(ClientRunner=broken_runner), "/x.har", "")
    with pytest.raises(SdkError, match="no ClientRunner"):
        loaded_runner(SimpleNamespace(), "/x.har", "")


@pytest.mark.parametrize(
    ("runner", "graph"),
    [
        ({"get_hn_dict": lambda: {"layers": {}}}, {"layers": {}}),
        ({"get_hn": lambda: json.dumps({"layers": {}})}, {"layers": {}}),
        ({"get_hn": lambda: json.dumps({"layers": {}}).encode()}, {"layers": {}}),
        ({"get_hn": lambda: {"layers": {}}}, {"layers": {}}),
        ({"get_hn_dict": lambda: None, "get_hn": lambda: {"a": 1}}, {"a": 1}),
        ({"get_hn": lambda: 7}, {}),
        ({}, {}),
    ],
)
def test_the_graph_may_be_text_or_a_dict(runner: Any, graph: Any) -> None:
    assert graph_of(SimpleNamespace(**runner)) == graph


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"ActivationTypes": SimpleNamespace(linear="none")}, "none"),
        ({"ActivationType": SimpleNamespace(linear="none")}, "none"),
        ({"ActivationType": SimpleNamespace()}, None),
        ({}, None),
    ],
)
def test_activations_are_found_by_either_name(
    members: Any, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = differences.ACTIVATIONS_MODULE
    monkeypatch.setitem(sys.modules, name, module(name, **members))
    for package in ("hailo_sdk_common", "hailo_sdk_common.hailo_nn"):
        monkeypatch.setitem(sys.modules, package, module(package))
    assert linear_activation() == found


@pytest.mark.parametrize(
    ("arrays", "found"), [({"kernel": 1}, 1), ({"kernel:0": 2}, 2), ({"kernel:1": 3}, None)]
)
def test_keys_are_found_in_either_spelling(arrays: Mapping[str, int], found: int | None) -> None:
    assert value_of(arrays, "kernel") == found


@every_flavour
def test_every_version_offers_one_way_of_everything(
    flavour: str, cases: Mapping[str, Case]
) -> None:
    case = cases[flavour]
    with installed(flavour):
        client = importlib.import_module("hailo_sdk_client")
        assert case.model.hw_arch in known_chips(client)
        runner = loaded_runner(client, case.har, case.model.hw_arch)
        assert set(graph_of(runner)["layers"]) == set(case.model.network.layers)
        assert linear_activation().value == "linear"
        contexts = inference_contexts(client)
        with runner.infer_context(contexts.SDK_FP_OPTIMIZED) as opened:
            major = int(flavour[0])
            batch = {INPUT: tf.constant(BATCH[INPUT])}
            capture = capture_of(runner.get_keras_model(opened), batch, major)
            found = capture.run(batch)
        arrays = runner.get_params_translated()["net/conv1"]
        assert np.size(value_of(arrays, "layer_params/output_scales")) > 0
    assert isinstance(capture, InternalOutputs if flavour == "5.3" else InterlayerTensors)
    assert set(INNER) <= set(found)


def test_every_way_says_what_it_serves_and_where_that_is_from() -> None:
    members = {**vars(differences), **vars(captures)}
    lists = [value for name, value in members.items() if name.isupper()]
    ways = [way for found in lists if isinstance(found, tuple) for way in found]
    ways = [getattr(way, "way", way) for way in ways] + [Preactivations.way]
    ways = [way for way in ways if isinstance(way, differences.Way)]
    assert len(ways) == 14
    table = ways_table()
    for way in ways:
        assert way.serves
        assert way.source
        assert f"| {way.serves} | {way.source} |" in table
