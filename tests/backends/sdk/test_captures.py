"""Every way in which inner layers may be captured."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.backends.sdk.runs import INPUT
from utils.backends.sdk.captures import (
    InterlayerTensors,
    InternalOutputs,
    Preactivations,
    capture_of,
    quantize_now,
)
from utils.errors import SdkError

BATCH = {INPUT: np.zeros((2, 8, 8, 3), np.float32)}


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
