from __future__ import annotations

from typing import Any

import pytest

from tests.baseline.runs import layer, run
from utils.baseline.network_identity import other_network
from utils.baseline.run_facts import LayerFacts

Layers = dict[str, LayerFacts]


def network(count: int, **facts: Any) -> Layers:
    """An input and convolutions, each with its node and its own number of weights."""
    convs = {
        f"net/conv{i}": layer(
            **{"original_names": (f"/{i}/Conv",), "weights": (9 * i, "ab"), **facts}
        )
        for i in range(1, count + 1)
    }
    return {"net/input_layer1": layer("input_layer"), **convs}


NETWORK = network(6)


@pytest.mark.parametrize(
    ("layers", "is_other"),
    [
        (NETWORK, False),
        (network(6, weights=None), False),
        (network(6, original_names=()), False),
        (network(6, precision_mode="a16_w16"), False),
        ({**NETWORK, "net/precision_change1": layer("precision_change")}, False),
        (network(3), False),
        (network(8), False),
        (network(2), True),
        (network(13), True),
        (network(6, original_names=("/other/Conv",)), True),
        (network(6, weights=(1000, "ab")), True),
        (network(6, type="dense"), True),
        ({name.replace("net/", "other/"): facts for name, facts in NETWORK.items()}, True),
        ({}, True),
    ],
)
def test_most_layers_with_weights_have_to_be_the_same(layers: Layers, is_other: bool) -> None:
    runs = run(layers=layers), run(layers=NETWORK)
    assert bool(other_network(*runs)) == bool(other_network(*reversed(runs))) == is_other


def test_other_weights_are_another_training_and_not_another_network() -> None:
    retrained = {n: layer(weights=(9, f"{n}")) for n in "abc"}
    assert not other_network(
        run(layers=retrained), run(layers={n: layer(weights=(9, "")) for n in "abc"})
    )


def test_a_network_without_weights_is_known_by_all_layers() -> None:
    pools = {n: layer("maxpool") for n in "abc"}
    assert not other_network(run(layers=pools), run(layers=pools))
    assert other_network(run(layers=pools), run(layers={n: layer("maxpool") for n in "xyz"}))


def test_the_sentence_names_both() -> None:
    sentence = other_network(run(name="one", layers=network(2)), run(name="two", layers=NETWORK))
    assert "one, here two" in sentence
    assert "of 6 layers 2 are the same" in sentence
