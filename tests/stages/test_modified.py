"""What differs between a parsed and an optimized graph, without running either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.clean_networks import without_normalization
from tests.fixtures.stage_archives import (
    NETWORKS,
    changed_weight,
    named,
    with_layer,
    write_stages,
)
from tests.har.samples import QUANTIZED, sample_model
from utils.har.model import Model, load_model
from utils.har.parsed import parsed_graph
from utils.stages.modified import Modified, modified

both = pytest.mark.parametrize("kind", NETWORKS)


def found_in(model: Model) -> Modified:
    graph = parsed_graph(model)
    assert graph is not None
    return modified(graph.network, graph.parameters, model.float_network, model.float_parameters)


def found_at(path: str) -> Modified:
    return found_in(load_model(path, may_be_unquantized=True))


@both
def test_what_is_inserted_at_an_input_changes_nothing_behind_it(kind: str, tmp_path: Path) -> None:
    found = found_at(write_stages(tmp_path, NETWORKS[kind]()))
    assert found.is_nothing
    assert found.inserted == {f"{kind}/input_layer1": (f"{kind}/normalization1",)}


@both
@pytest.mark.parametrize(
    ("params", "what"),
    [({"activation": "relu6"}, "activation"), ({"padding": "VALID"}, "attributes")],
)
def test_a_changed_layer_is_named_with_what_changed(
    kind: str, params: dict[str, str], what: str, tmp_path: Path
) -> None:
    net = NETWORKS[kind]()
    graph = named(net)
    whole = {**graph[f"{kind}/conv2"].params, **params}
    path = write_stages(tmp_path, net, network=with_layer(graph, "conv2", params=whole))
    found = found_at(path)
    assert not found.is_nothing
    assert found.changed == {f"{kind}/conv2": what}


@both
def test_other_weights_are_a_change(kind: str, tmp_path: Path) -> None:
    net, parsed = NETWORKS[kind](), NETWORKS[kind]()
    changed_weight(net, "fc1", lambda w: np.nextafter(w, np.float32(9)))
    assert found_at(write_stages(tmp_path, net, parsed=parsed)).changed == {
        f"{kind}/fc1": "weights"
    }


@both
def test_layers_of_one_graph_alone_are_listed(kind: str, tmp_path: Path) -> None:
    net, parsed = NETWORKS[kind](), NETWORKS[kind]()
    source = f"{kind}/fc1"
    parsed.add_output(parsed.add("softmax1", "softmax", (source,), parsed.shape(source), groups=1))
    found = found_at(write_stages(tmp_path, net, parsed=parsed))
    assert f"{kind}/softmax1" in found.removed
    graph = without_normalization(named(parsed))
    again = found_at(write_stages(tmp_path, parsed, parsed_network=graph))
    assert again.is_nothing


@pytest.mark.parametrize("name", QUANTIZED)
def test_archives_of_the_compiler_without_modifications_are_the_same(name: str) -> None:
    assert found_in(sample_model(name)).is_nothing
