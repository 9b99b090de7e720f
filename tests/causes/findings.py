"""Findings, networks and tables of a few words."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fixtures.builders import build_layer, build_network, chain
from utils.causes import Diagnosis
from utils.causes.explanations import Explanation
from utils.causes.folding import diagnosis_of
from utils.findings import Finding, Recommendation, Severity

INFO, WARNING, ERROR = Severity
# A chain, and a branch that ends in an output of its own.
NETWORK = build_network(
    [
        *chain(
            *(build_layer(name) for name in ("input_layer1", "conv1", "conv2", "output_layer1"))
        ),
        build_layer("dw1", inputs=["conv1"]),
        build_layer("output_layer2", inputs=["dw1"]),
    ]
)


def found(
    id: str,
    layers: str = "",
    severity: Severity = WARNING,
    *,
    remedy: str = "Mend it.",
    command: str = "",
    line: str = "",
    proven: bool = False,
) -> Finding:
    """A finding at layers named without scope: "conv1 conv2"."""
    return Finding(
        id,
        severity,
        f"{id} is there",
        tuple(f"net/{name}" for name in layers.split()),
        recommendation=Recommendation((line,), proven=proven) if line else None,
        remedy=remedy,
        command=command,
    )


PLAN = found("mixed-precision-plan", severity=INFO, line="plan(1)", proven=True)


def diagnosis(table: Sequence[Explanation], *findings: Finding) -> Diagnosis:
    return diagnosis_of(findings, NETWORK, table)


def told(made: Diagnosis) -> list[tuple[str, list[str]]]:
    """Every cause with what it explains, by id."""
    return [(cause.finding.id, [f.id for f in cause.explains]) for cause in made.causes]
