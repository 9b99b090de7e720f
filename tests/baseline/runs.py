"""Small facts of runs with defaults: a test overrides only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from utils.baseline import DecisionChange
from utils.baseline.run_facts import (
    DataFacts,
    FindingFacts,
    InspectorFacts,
    LayerFacts,
    ModelFacts,
    RunFacts,
)
from utils.findings import Severity
from utils.measurements.agreement.intervals import wilson
from utils.measurements.agreement.readings import Agreement

INFO, WARNING, ERROR = Severity
DATA = DataFacts("set.npy", 64, 64)


def counted(same: int, of: int = 64) -> Agreement:
    """How many decisions are the same, of one a sample."""
    return Agreement(same / of, *wilson(same, of), of)


def same_class(before: int, now: int) -> DecisionChange:
    """In how many of 64 samples the same class came first, and does."""
    return DecisionChange("net/output_layer1", "same_top1", counted(before), counted(now))


def found(
    layers: str = "",
    severity: Severity = WARNING,
    message: str = "it is bad",
    id: str = "a-problem",
    inspector: str = "AInspector",
    line: int | None = None,
    headline: str | None = None,
    **measured: float,
) -> FindingFacts:
    """A finding at layers named by letters: "a b"; its headline is its message, unless given."""
    said = message if headline is None else headline
    return FindingFacts(
        inspector, id, severity, message, tuple(layers.split()), measured, said, line
    )


def layer(type: str = "conv", **facts: Any) -> LayerFacts:
    """A layer that was measured, unless it is said otherwise."""
    return LayerFacts(type, **{"is_measured": True, "has_noise": True, **facts})


def run(
    *findings: FindingFacts,
    inspectors: Mapping[str, InspectorFacts] | None = None,
    layers: Mapping[str, LayerFacts] | Sequence[str] = ("a", "b", "c", "d", "e"),
    path: str = "earlier.json",
    tool_version: str = "1.0",
    backend: str = "embedded",
    data: DataFacts | None = DATA,
    outputs: Mapping[str, float | None] | None = None,
    agreement: Mapping[str, Mapping[str, Agreement]] | None = None,
    **model: Any,
) -> RunFacts:
    """A run; its inspectors are those of its findings, and AInspector, unless they are given."""
    names = dict.fromkeys(["AInspector", *(finding.inspector for finding in findings)])
    own = {
        name: InspectorFacts(name, findings=tuple(f for f in findings if f.inspector == name))
        for name in names
    }
    return RunFacts(
        path=path,
        tool_version=tool_version,
        backend=backend,
        model=ModelFacts(
            **{
                "name": "net",
                "sdk_version": "3.33.0",
                "hw_arch": "hailo8",
                "optimization_level": 0,
                "compression_level": 0,
                **model,
            }
        ),
        data=data,
        inspectors=own if inspectors is None else inspectors,
        layers=layers if isinstance(layers, Mapping) else {name: layer() for name in layers},
        outputs=outputs or {},
        agreement=agreement or {},
        has_agreement=agreement is not None,
    )
