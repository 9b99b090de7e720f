"""Detectors with heads of one's choice, and what the inspector says about a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import inspectors
from inspectors.base_inspector import Context
from inspectors.output_contract import OutputContractInspector
from tests.fixtures.builders import (
    SCOPE,
    build_context,
    build_layer,
    build_model,
    build_network,
    build_statistics,
    stored_statistics,
)
from utils.findings import Finding, InspectorResult
from utils.har.network import Layer, Network
from utils.model_script import ModelScript, parse_model_script
from utils.recommendations import RecommendedScript, recommended_script
from utils.terminal.prompts import Prompter

SIZES = (8, 4, 2)  # cells at the three scales of a detector
Range = tuple[float, float]
Summary = list[tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Head:
    """A kind of head that stands at every scale; `branch` as Ultralytics names it."""

    channels: int
    activation: str = "linear"
    branch: str = ""


def detector_layers(*kinds: Head, trunk: Sequence[str] = ()) -> list[Layer]:
    """Heads of each kind at each scale, as conv1, conv2, ..., scale by scale."""
    layers = [build_layer("input_layer1", shape=(64, 64, 3))]
    for name in trunk:
        layers.append(build_layer(name, inputs=[layers[-1].name]))
    source, number = layers[-1].name, 0
    for scale, size in enumerate(SIZES):
        for kind in kinds:
            number += 1
            original = [f"/model.22/{kind.branch}.{scale}/Conv"] if kind.branch else []
            layers.append(
                build_layer(
                    f"conv{number}",
                    inputs=[source],
                    shape=(size, size, kind.channels),
                    original_names=original,
                    activation=kind.activation,
                    kernel_shape=[3, 3, 3, kind.channels],
                )
            )
            layers.append(build_layer(f"output_layer{number}", inputs=[f"conv{number}"]))
    return layers


def detector(*kinds: Head, trunk: Sequence[str] = ()) -> Network:
    return build_network(detector_layers(*kinds, trunk=trunk))


def seen(**ranges: Range) -> dict[str, Any]:
    """Statistics of layers' outputs, as calibration stores them."""
    arrays: dict[str, Any] = {}
    for name, (low, high) in ranges.items():
        arrays |= stored_statistics(f"{name}/stats/output_0", build_statistics(low, high))
    return arrays


def context_of(
    layers: Sequence[Layer] | None,
    script: str | None = None,
    ranges: Mapping[str, Range] | None = None,
    quantized: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Context:
    model = build_model(
        layers, optimized=seen(**(ranges or {})), quantized=quantized, script=script
    )
    return build_context(model, **facts)


def result_of(context: Context) -> InspectorResult:
    result = inspectors.run(OutputContractInspector, context)
    assert result.crashed == ""
    return result


def judged(context: Context) -> list[Finding]:
    return list(result_of(context).findings)


def summary(findings: Sequence[Finding]) -> Summary:
    """Ids, severities and layers without scope."""
    return [
        (f.id, f.severity.label, tuple(name.removeprefix(f"{SCOPE}/") for name in f.layers))
        for f in findings
    ]


def commands(finding: Finding) -> tuple[str, ...]:
    return finding.recommendation.commands if finding.recommendation else ()


class Yes(Prompter):
    """Somebody at the terminal who accepts everything."""

    def __init__(self) -> None:
        super().__init__(interactive=True)

    def confirm(self, question: str, default: bool) -> bool:
        return True


def merged(findings: Sequence[Finding], context: Context) -> tuple[RecommendedScript, ModelScript]:
    """The script with all that is recommended, and the same as it is read back."""
    script = recommended_script(findings, context.script, context.model.network, Yes())
    return script, parse_model_script(script.text)
