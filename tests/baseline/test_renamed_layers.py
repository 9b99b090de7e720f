from __future__ import annotations

from dataclasses import replace

from tests.baseline.runs import found, layer, run
from utils.baseline.changed_findings import finding_changes
from utils.baseline.differences import differences
from utils.baseline.network_identity import other_network
from utils.baseline.renamed_layers import new_names, with_names
from utils.baseline.run_facts import LayerFacts, RunFacts

NODES = "abcd"


def chain(first: int = 1, scope: str = "net", nodes: str = NODES) -> dict[str, LayerFacts]:
    """Convolutions, one for each node of the original model, counted from `first`."""
    return {
        f"{scope}/conv{number}": layer(original_names=(f"/{node}/Conv",), weights=(9, node))
        for number, node in enumerate(nodes, start=first)
    }


def described(before: RunFacts, now: RunFacts) -> tuple[str, ...]:
    names = new_names(before, now)
    return differences(with_names(before, names), now, ((), ()), names)


def test_layers_with_their_own_names_keep_them() -> None:
    before, now = run(layers=chain()), run(layers=chain())
    assert new_names(before, now) == {}
    assert with_names(before, {}) is before
    assert described(before, now) == ()


def test_retrained_layers_of_an_exporter_with_other_nodes_keep_their_names() -> None:
    others = {
        name: layer(original_names=(f"{name}/y",), weights=(9, f"{name} trained"))
        for name in chain()
    }
    assert new_names(run(layers=chain()), run(layers=others)) == {}


def test_what_several_layers_have_tells_none_of_them() -> None:
    alike = {name: layer(original_names=("/x",), weights=(9, "w")) for name in chain()}
    shifted = {name: layer(original_names=("/x",), weights=(9, "w")) for name in chain(2)}
    assert new_names(run(layers=alike), run(layers=shifted)) == {}


def test_layers_that_are_counted_from_another_number_are_the_same() -> None:
    before, now = run(layers=chain()), run(layers=chain(first=2))
    assert new_names(before, now) == {f"net/conv{i}": f"net/conv{i + 1}" for i in range(1, 5)}
    assert not other_network(with_names(before, new_names(before, now)), now)
    assert described(before, now) == (
        "Layer names: 4 layers had other names: conv2 was conv1, conv3 was conv2, conv4 was conv3 "
        "and 1 more",
    )


def test_layers_without_nodes_are_known_by_their_weights() -> None:
    before, now = (
        {name: layer(weights=facts.weights) for name, facts in chain(first).items()}
        for first in (1, 2)
    )
    assert len(new_names(run(layers=before), run(layers=now))) == 4


def test_a_layer_that_is_no_more_leaves_its_name_to_the_next() -> None:
    before, now = run(layers=chain()), run(layers=chain(nodes="acd"))
    assert new_names(before, now) == {
        "net/conv2": "net/conv2 (earlier)",
        "net/conv3": "net/conv2",
        "net/conv4": "net/conv3",
    }
    assert "Graph: only the earlier archive has net/conv2 (earlier)" in described(before, now)


def test_a_network_of_another_name_is_the_same_by_its_layers() -> None:
    pool = {"net/maxpool1": layer("maxpool")}, {"net_v2/maxpool1": layer("maxpool")}
    before = run(layers={**chain(), **pool[0]})
    now = run(layers={**chain(scope="net_v2"), **pool[1]})
    names = new_names(before, now)
    assert names["net/maxpool1"] == "net_v2/maxpool1"
    assert not other_network(with_names(before, names), now)
    assert not [said for said in described(before, now) if said.startswith("Layer names")]


def numbered(layer_name: str) -> RunFacts:
    """A run with a finding at a layer, whose number and words name it."""
    finding = found(layer_name, message=f"{layer_name} is bad", headline="it is bad")
    measured = {layer_name: 3.0, f"SNR of {layer_name}": 4.0}
    first = int(layer_name[-1])
    return run(replace(finding, measured=measured), layers=chain(first))


def test_findings_follow_their_layers() -> None:
    before, now = numbered("net/conv1"), numbered("net/conv2")
    assert {f.change for f in finding_changes(before, now).findings} != {"unchanged"}
    renamed = with_names(before, new_names(before, now))
    assert {f.change for f in finding_changes(renamed, now).findings} == {"unchanged"}
    (finding,) = renamed.inspectors["AInspector"].findings
    assert dict(finding.measured) == {"net/conv2": 3.0, "SNR of net/conv2": 4.0}


def test_a_finding_that_really_moved_is_still_new() -> None:
    before = run(found("net/conv1"), layers=chain())
    now = run(found("net/conv3"), layers=chain(first=2))
    changes = finding_changes(with_names(before, new_names(before, now)), now).findings
    assert {f.change: f.layers for f in changes} == {
        "new": ("net/conv3",),
        "fixed": ("net/conv2",),
    }


def test_outputs_and_stages_follow_their_layers() -> None:
    outputs = {"net/output_layer1": 10.0, "net/output_layer2": 20.0}
    before = run(outputs=outputs)
    swapped = {"net/output_layer1": "net/output_layer2", "net/output_layer2": "net/output_layer1"}
    assert with_names(before, swapped).outputs == {
        "net/output_layer2": 10.0,
        "net/output_layer1": 20.0,
    }
