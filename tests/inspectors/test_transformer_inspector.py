from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import inspectors
from inspectors.base_inspector import Context
from inspectors.transformer_inspector import TransformerInspector, missing_items
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_layer_noise,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.har.samples import QUANTIZED, sample_model, sample_path
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import commands, merged, summary
from utils.facts.transformer_recipe import RECIPE
from utils.findings import Finding, Severity
from utils.har.archive import open_archive
from utils.har.network import Layer, network_from_hn
from utils.measurements.noise import LayerNoise

INCOMPLETE = "transformer-recipe-incomplete"
MATMULS = ("matmul1", "matmul2")
WIDE = "a16_w16_a16"
ADDS = "quantization_param({ew_add*}, precision_mode=a16_w16)"
FUSING = "pre_quantization_optimization(ew_add_fusing, policy=disabled)"
CORRECTION = (
    "pre_quantization_optimization(matmul_correction, layers={matmul*}, "
    "correction_type=zp_comp_block)"
)
EQUALIZATION = (
    "pre_quantization_optimization(matmul_equalization, layers={matmul*}, "
    "policy=enabled, matmul_bias=enabled)"
)
DECOMPOSITION = (
    "pre_quantization_optimization(layer_norm_decomposition, equalization=disabled, "
    "bit_decomposition_mode=uniform_precision)"
)
NORMS = "quantization_param([net/normalization2], precision_mode=a16_w16)"
ALL_LINES = (FUSING, ADDS, CORRECTION, EQUALIZATION, DECOMPOSITION, NORMS)


def block(
    *, add: str = "ew_add1", add_mode: str = "a8_w8_a8", norm: str = "normalization2", **params: Any
) -> list[Layer]:
    """One attention with its residual sum, behind an image that is normalized on the chip."""
    softmax = build_layer("softmax1", inputs=["matmul1"], **params)
    return [
        build_layer("input_layer1"),
        build_layer("normalization1", inputs=["input_layer1"]),
        build_layer("layer_normalization1", inputs=["normalization1"]),
        build_layer(norm, "normalization", inputs=["layer_normalization1"]),
        build_layer("matmul1", inputs=[norm, norm]),
        softmax,
        build_layer("matmul2", inputs=["softmax1", norm]),
        build_layer(add, "ew_add", inputs=["normalization1", "matmul2"], mode=add_mode),
        build_layer("output_layer1", inputs=[add]),
    ]


def context_of(
    layers: Sequence[Layer],
    script: str | None = None,
    noise: Mapping[str, float | LayerNoise] | None = None,
    analysis: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Context:
    model = build_model(layers, script=script, analysis=analysis)
    measurements = build_noise_measurements(build_noise(noise)) if noise else None
    return build_context(model, measurements, **facts)


def judged(context: Context) -> list[Finding]:
    result = inspectors.run(TransformerInspector, context)
    assert result.crashed == ""
    return list(result.findings)


@quiet("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    ("layers", "script"),
    [
        (block(), "\n".join(ALL_LINES)),
        # What Hailo's own scripts differ in does not matter: half of them have these three.
        (block(), "\n".join((FUSING, ADDS, CORRECTION))),
        (block(add_mode=WIDE), "\n".join((FUSING, CORRECTION))),
        (
            block(),
            "pre_quantization_optimization(ew_add_fusing, policy=enabled)\n"
            "quantization_param([ew_add1], precision_mode=a8_w8)\n"
            "pre_quantization_optimization(matmul_correction, layers=[matmul1], "
            "correction_type=none)",
        ),
    ],
    ids=["complete", "the core of it", "bits in the archive", "decided otherwise"],
)
def test_scripts_that_decide(layers: list[Layer], script: str) -> None:
    assert judged(context_of(layers, script)) == []


@quiet("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    "noise",
    [None, {"output_layer1": 20.0}, {"output_layer1": 45.0}, {"output_layer1": math.inf}],
)
def test_no_warning_unless_noise_is_known(noise: Mapping[str, float] | None) -> None:
    (found,) = judged(context_of(block(), noise=noise))
    assert summary([found]) == [(INCOMPLETE, "info", MATMULS)]
    assert found.measured["missing"] == 6


@quiet("transformer-recipe-incomplete")
def test_clean_outputs_ask_for_nothing() -> None:
    (found,) = judged(context_of(block(), noise={"output_layer1": 32.0}))
    assert found.recommendation is None
    assert found.evidence.endswith("; the outputs are clean: net/output_layer1 32.0 dB")
    assert found.asks_for_nothing


@quiet("transformer-recipe-incomplete")
@loud("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    ("attention_db", "name", "is_told"),
    [
        (30.0, "matmul1", False),
        (24.0, "matmul1", True),
        (24.0, "normalization2", True),  # the scale and offset of a layer normalization
        (24.0, "normalization1", False),  # of the picture
    ],
)
def test_noise_that_is_made_elsewhere_is_no_case_for_the_recipe(
    attention_db: float, name: str, is_told: bool
) -> None:
    alone = {"stem1": 16.0, "matmul1": 40.0, name: attention_db}
    noise = build_noise({"output_layer1": 15.9}, sensitivity=alone)
    context = build_context(build_model(block()), build_noise_measurements(noise))
    (found,) = judged(context)
    assert (found.severity is Severity.WARNING) is is_told
    assert found.asks_for_nothing is not is_told
    assert ("the attention makes less than a tenth of the noise" in found.evidence) is not is_told


@loud("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    ("noise", "analysis", "named"),
    [
        ({"output_layer1": 19.9}, None, "net/output_layer1"),
        ({"output_layer1": 3.0}, {"matmul1/layer_noise_analysis/snr": [60.0]}, "net/output_layer1"),
        (None, {"matmul2/layer_noise_analysis/snr": np.array([40.0, 10.0])}, "net/matmul2"),
        (None, {"ew_add1/layer_noise_analysis/partial_snr": np.array([7.0])}, "net/ew_add1"),
    ],
)
def test_noise_makes_it_a_warning(
    noise: Mapping[str, float] | None, analysis: Mapping[str, Any] | None, named: str
) -> None:
    context = context_of(block(), noise=noise, analysis=analysis)
    (found,) = judged(context)
    assert summary([found]) == [(INCOMPLETE, "warning", MATMULS)]
    assert named in found.measured
    assert commands(found) == ALL_LINES
    assert found.recommendation is not None
    assert found.recommendation.default is False


@quiet("transformer-recipe-incomplete")
@loud("transformer-recipe-incomplete")
@pytest.mark.parametrize(("wrong", "severity"), [(0, "info"), (60, "warning")])
def test_noise_that_changes_no_class_is_no_warning(wrong: int, severity: str) -> None:
    noise = build_noise({"output_layer1": 15.9})
    measured = dataclasses.replace(agreed(wrong), noise=noise)
    (found,) = judged(build_context(build_model(block()), measured))
    assert summary([found]) == [(INCOMPLETE, severity, MATMULS)]
    assert commands(found) == ALL_LINES


@quiet("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    ("noise", "analysis", "words"),
    [
        (None, {"matmul1/layer_noise_analysis/snr": [10.1]}, "the lowest has 10.1 dB"),
        (None, {"matmul1/layer_noise_analysis/snr": [math.nan]}, "is not known"),
        (None, {"matmul1/layer_noise_analysis/snr": ["low"]}, "is not known"),
        (None, {"conv1/layer_noise_analysis/snr": [2.0]}, "is not known"),
        ({"output_layer1": -math.inf}, None, "is not known"),
        # An rms error of 0.1 % of a probability is harmless, whatever the ratio.
        (
            {"output_layer1": build_layer_noise(12.0, rms=0.004)},
            None,
            "the outputs are clean",
        ),
    ],
)
def test_what_is_no_evidence_of_noise(
    noise: Mapping[str, float | LayerNoise] | None, analysis: Mapping[str, Any] | None, words: str
) -> None:
    layers = block(activation="linear")
    if noise and isinstance(noise["output_layer1"], LayerNoise):
        layers = [*layers[:-1], build_layer("softmax2", inputs=["ew_add1"])]
        layers.append(build_layer("output_layer1", inputs=["softmax2"]))
    (found,) = judged(context_of(layers, noise=noise, analysis=analysis))
    assert found.severity.label == "info"
    assert words in found.evidence
    assert bool(found.remedy) == ("not known" in words)


@loud("transformer-recipe-incomplete")
@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (None, ALL_LINES),
        ("set_seed(seed=1)", ALL_LINES),
        (FUSING, ALL_LINES[1:]),
        (f"{ADDS}\n{EQUALIZATION}", (FUSING, CORRECTION, DECOMPOSITION, NORMS)),
    ],
)
def test_lines_that_are_missing_are_merged_into_the_script(
    script: str | None, lines: tuple[str, ...]
) -> None:
    context = context_of(block(), script)
    (found,) = judged(context)
    assert commands(found) == lines
    text, parsed = merged([found], context)
    assert text.left_out == ()
    assert judged(context_of(block(), str(parsed))) == []


def test_only_what_the_graph_has_is_recommended() -> None:
    layers = [layer for layer in block() if "normalization" not in layer.type]
    layers[1] = build_layer("matmul1", inputs=["input_layer1", "input_layer1"])
    layers[3] = build_layer("matmul2", inputs=["softmax1", "input_layer1"])
    layers[4] = build_layer("conv1", inputs=["matmul2"])
    layers[5] = build_layer("output_layer1", inputs=["conv1"])
    (found,) = judged(context_of(layers))
    assert commands(found) == (CORRECTION, EQUALIZATION)


def test_layers_are_listed_where_a_pattern_would_miss_or_add_any() -> None:
    layers = block(add="residual1", norm="mul_and_add1")
    (found,) = judged(context_of(layers))
    assert "quantization_param([net/residual1], precision_mode=a16_w16)" in commands(found)
    assert "quantization_param([net/mul_and_add1], precision_mode=a16_w16)" in commands(found)


def test_of_layers_that_are_decided_in_part_nothing_is_said() -> None:
    layers = [
        *block(add_mode=WIDE)[:-1],
        build_layer("ew_add2", inputs=["ew_add1", "matmul2"]),
        build_layer("output_layer1", inputs=["ew_add2"]),
    ]
    (found,) = judged(context_of(layers))
    assert ADDS not in commands(found)


@pytest.mark.parametrize("target", ["hailo8", "hailo8l", "hailo10h", "hailo15h", "hailo15l", ""])
def test_no_chip_is_asked_for_16_bit_attention(target: str) -> None:
    for part in missing_items(context_of(block(), target=target)):
        for command in part.commands:
            if "precision_mode" in command:
                assert "matmul" not in command
                assert "softmax" not in command


@pytest.mark.parametrize(
    ("layers", "script", "reason"),
    [
        (None, None, "no transformer"),
        (block(), "broken", "cannot be read"),
    ],
)
def test_skipped(layers: list[Layer] | None, script: str | None, reason: str) -> None:
    context = build_context(build_model(layers))
    if script:
        context = dataclasses.replace(build_context(build_model(layers, script="")), script=None)
    assert reason in str(inspectors.run(TransformerInspector, context).skipped or "")


@quiet("transformer-recipe-incomplete")
@pytest.mark.parametrize("archive", QUANTIZED)
def test_real_archives_are_no_transformers(archive: str) -> None:
    assert inspectors.run(TransformerInspector, build_context(sample_model(archive))).skipped


@quiet("transformer-recipe-incomplete")
def test_linear_attention_without_matmuls_is_no_case_for_the_recipe() -> None:
    hn = open_archive(sample_path("whisper_encoder_parsed")).json["hn"]
    network = network_from_hn(hn, "whisper")
    model = dataclasses.replace(build_model(), network=network, float_network=network)
    assert inspectors.run(TransformerInspector, build_context(model)).skipped


def test_the_recipe_is_sorted_out_by_how_many_scripts_have_it() -> None:
    core = [item for item in RECIPE if item.is_core]
    assert {item.models for item in core} == {39, 48, 36}
    assert all(item.models < 36 for item in RECIPE if not item.is_core)
