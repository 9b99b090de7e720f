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

from tests.backends.sdk.runs import INNER, INPUT, Case
from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends.sdk import differences
from utils.backends.sdk.differences import (
    InterlayerTensors,
    InternalOutputs,
    Preactivations,
    capture_of,
    graph_of,
    inference_contexts,
    known_chips,
    linear_activation,
    loaded_runner,
    quantize_now,
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


class Interlayer:
    """A model of 3.x whose layers are as Keras or as the SDK keeps them."""

    def __init__(self, layers: Any, refusal: Exception | None = None) -> None:
        self.layers = layers
        self._refusal = refusal

    def compile(self, save_interlayer: Any) -> None:
        if self._refusal:
            raise self._refusal
        self.saved = save_interlayer

    def __call__(self, data: Any) -> None:
        self.data = data
        self.interlayer_tensors = dict.fromkeys(self.saved, (data, data))


@pytest.mark.parametrize(
    "layers",
    [
        {"net/conv1": 1},
        [SimpleNamespace(name="conv1", full_name="net/conv1")],
        (SimpleNamespace(name="net/conv1"),),
    ],
)
def test_layers_may_be_a_list_with_names(layers: Any) -> None:
    capture = capture_of(SimpleNamespace(_model=Interlayer(layers)), BATCH, 3)
    assert list(capture.layers()) == ["net/conv1"]
    assert list(capture.run(BATCH)) == ["net/conv1"]


@pytest.mark.parametrize(
    ("batch", "handed_over"), [({"a": 1}, 1), ({"a": 1, "b": 2}, {"a": 1, "b": 2})]
)
def test_a_single_input_is_handed_over_bare(batch: Any, handed_over: Any) -> None:
    model = Interlayer({"net/conv1": 1})
    found = InterlayerTensors(SimpleNamespace(_model=model), batch).run(batch)
    assert model.data == handed_over
    assert found == {"net/conv1": [handed_over, handed_over]}


class Internal:
    """A model of 5.x; what a call returns is given."""

    def __init__(self, result: Any) -> None:
        self.model = SimpleNamespace(layers={"a": 1, "b": 2}, set_output_interal_layers=self.choose)
        self._result = result

    def choose(self, names: Any) -> None:
        self.chosen = names

    def __call__(self, data: Any, training: bool) -> Any:
        assert not training
        return self._result


@pytest.mark.parametrize(
    "result", [("out", [1, (2, 3)]), ["out", (1, [2, 3])], ("out", {"a": 1, "b": (2, 3)})]
)
def test_internal_layers_come_in_several_containers(result: Any) -> None:
    assert InternalOutputs(Internal(result), BATCH).run(BATCH) == {"a": [1], "b": [2, 3]}


@pytest.mark.parametrize("result", ["out", ("out",), ("out", [1]), ("out", [1, 2, 3]), None])
def test_another_number_of_internal_layers_is_refused(result: Any) -> None:
    with pytest.raises(SdkError, match="asked for 2 inner layers"):
        InternalOutputs(Internal(result), BATCH).run(BATCH)


@pytest.mark.parametrize(
    "refusal",
    [TypeError("save_interlayer"), ValueError("unknown"), AttributeError("x"), SdkError("y")],
)
def test_where_one_way_is_refused_the_other_is_tried(refusal: Exception) -> None:
    model = Internal(("out", [1, 2]))
    vars(model)["_model"] = Interlayer({"a": 1}, refusal)
    assert isinstance(capture_of(model, BATCH, 3), InternalOutputs)


@pytest.mark.parametrize(
    ("major", "way"), [(0, InterlayerTensors), (3, InterlayerTensors), (5, InternalOutputs)]
)
def test_where_both_are_there_the_one_known_for_the_version_is_taken(major: int, way: Any) -> None:
    model = Internal(("out", [1, 2]))
    vars(model)["_model"] = Interlayer({"a": 1})
    assert isinstance(capture_of(model, BATCH, major), way)


@pytest.mark.parametrize("model", [None, SimpleNamespace(), SimpleNamespace(_model=None)])
def test_where_neither_is_there_both_reasons_are_told(model: Any) -> None:
    with pytest.raises(SdkError, match=r"cannot be captured: .*has no .*; .*has no model"):
        capture_of(model, BATCH, 3)


def test_switches_are_used_as_far_as_they_are_there() -> None:
    calls: list[Any] = []
    quantize_now(SimpleNamespace())
    model = SimpleNamespace(
        set_quantized=lambda: calls.append("quantized"), set_native=calls.append
    )
    quantize_now(model)
    assert calls == ["quantized", False]


def debugged(**members: Any) -> Preactivations:
    flow = SimpleNamespace(predecessors_sorted=lambda name: [f"before {name}"])
    facts = {
        "activation_atomic_op": SimpleNamespace(name="act"),
        "intermidiate_results": {"before act": "found"},
        "_layer_flow": flow,
        **members,
    }
    layer = SimpleNamespace(**{k: v for k, v in facts.items() if v != "absent"})
    found = Preactivations({"net/conv1": layer})
    assert layer._debug_mode is True
    return found


@pytest.mark.parametrize("results", [{"before act": "found"}, {"before act": ["found"]}])
def test_what_enters_the_activation_is_found(results: Any) -> None:
    assert debugged(intermidiate_results=results).of("net/conv1") == "found"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"activation_atomic_op": None}, "knows of no activation"),
        ({"activation_atomic_op": "absent"}, "no activation_atomic_op"),
        ({"intermidiate_results": "absent"}, "no intermidiate_results"),
        ({"_layer_flow": "absent"}, "no _layer_flow"),
        ({"intermidiate_results": {}}, "did not keep"),
        ({"_layer_flow": SimpleNamespace(predecessors_sorted=lambda name: [])}, "did not keep"),
    ],
)
def test_what_hides_the_activation_is_told(members: Any, reason: str) -> None:
    with pytest.raises(SdkError, match=reason):
        debugged(**members).of("net/conv1")


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
    lists = [value for name, value in vars(differences).items() if name.isupper()]
    ways = [way for found in lists if isinstance(found, tuple) for way in found]
    ways = [getattr(way, "way", way) for way in ways] + [Preactivations.way]
    ways = [way for way in ways if isinstance(way, differences.Way)]
    assert len(ways) == 13
    for way in ways:
        assert way.serves
        assert way.source
