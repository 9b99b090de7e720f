"""One network whose layers bear other names in two runs.

A compiler counts the layers of each type, so another version that adds or removes one gives other
numbers to all that follow; the network's own name stands before every one of them. What the
layers compute stays known by the nodes of the original model, and by the float weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from utils.baseline.run_facts import FindingFacts, InspectorFacts, LayerFacts, RunFacts
from utils.wording import without_scope

Names = Mapping[str, str]
Key = Callable[[str, LayerFacts], Hashable]
_Value = TypeVar("_Value")
TAKEN = " (earlier)"  # behind the name of a layer that is no more, and that another layer has now


def new_names(before: RunFacts, now: RunFacts) -> dict[str, str]:
    """Names of today, by name in the earlier run, of the layers that were named otherwise.

    Layers are the same that alone in their run have this type, these original names and this
    number of weights, or else these very weights. What neither tells keeps its name behind that of
    the network. A layer that is no more gets a name that no other has.
    """
    found: dict[str, str] = {}
    for key in (_nodes, _weights, _name):
        _pair(key, before.layers, now.layers, found)
    gone = {name: name for name in before.layers if name not in found}
    taken = set(found.values())
    gone.update({name: f"{name}{TAKEN}" for name in gone if name in taken})
    return {name: new for name, new in {**found, **gone}.items() if name != new}


def _nodes(_: str, layer: LayerFacts) -> Hashable:
    count = layer.weights[0] if layer.weights else None
    return (layer.type, layer.original_names, count) if layer.original_names else None


def _weights(_: str, layer: LayerFacts) -> Hashable:
    return (layer.type, layer.weights) if layer.weights else None


def _name(name: str, layer: LayerFacts) -> Hashable:
    return layer.type, without_scope(name)


def _pair(
    key: Key,
    before: Mapping[str, LayerFacts],
    now: Mapping[str, LayerFacts],
    found: dict[str, str],
) -> None:
    """Pair the layers without a partner that alone in their run have a key; None is no key."""
    earlier = _alone(key, before, found)
    later = _alone(key, now, set(found.values()))
    found.update({name: later[same] for same, name in earlier.items() if same in later})


def _alone(
    key: Key, layers: Mapping[str, LayerFacts], known: Container[str]
) -> dict[Hashable, str]:
    keys = {name: key(name, layer) for name, layer in layers.items() if name not in known}
    often = Counter(keys.values())
    return {same: name for name, same in keys.items() if same is not None and often[same] == 1}


def with_names(run: RunFacts, names: Names) -> RunFacts:
    """A run with other names for its layers; the words of its findings stay as they were."""
    if not names:
        return run
    return replace(
        run,
        inspectors={name: _inspector(each, names) for name, each in run.inspectors.items()},
        layers=_keyed(run.layers, names),
        outputs=_keyed(run.outputs, names),
        agreement=_keyed(run.agreement, names),
        stages={stage: _keyed(outputs, names) for stage, outputs in run.stages.items()},
    )


def _inspector(inspector: InspectorFacts, names: Names) -> InspectorFacts:
    return replace(inspector, findings=tuple(_finding(f, names) for f in inspector.findings))


def _finding(finding: FindingFacts, names: Names) -> FindingFacts:
    measured = {_in_key(key, names): number for key, number in finding.measured.items()}
    return replace(finding, layers=_all(finding.layers, names), measured=measured)


def _in_key(key: str, names: Names) -> str:
    """The name of a number, which may hold that of its layer: `SNR of net/output_layer1`."""
    return " ".join(_all(key.split(" "), names))


def _all(texts: Iterable[str], names: Names) -> tuple[str, ...]:
    return tuple(names.get(text, text) for text in texts)


def _keyed(values: Mapping[str, _Value], names: Names) -> dict[str, _Value]:
    return {names.get(name, name): value for name, value in values.items()}
