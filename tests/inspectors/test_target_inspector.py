from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import inspectors
from inspectors.target_inspector import TargetInspector
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.fixtures.log_texts import run
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.facts.chips import (
    CHIPS,
    COMPILER_LINES,
    MULTIPLYING_TYPES,
    REJECTIONS,
    rejection,
    widest_mode,
)
from utils.facts.runtime_versions import PAIRS, compiler_line, runtime_for
from utils.findings import Finding
from utils.har.model import WEIGHT_TYPES, Model
from utils.har.quantization import parse_precision_mode
from utils.model_script import parse_model_script
from utils.options.options import KNOWN_CHIPS
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

DEFAULTED = "[warning] hw_arch parameter not given, using the default hailo8."
CHANGED = "[warning] hw_arch from HAR is hailo8 but client runner was initialized with hailo8l"


def archive(type: str = "conv", mode: str = "a8_w8_a8", **metadata: Any) -> Model:
    """Two layers of a type; only the second has the mode."""
    layers = [
        build_layer("input_layer1"),
        build_layer(f"{type}1", type),
        build_layer(f"{type}2", type, mode=mode),
    ]
    return build_model([*layers, build_layer("output_layer1")], **metadata)


def findings(model: Model, id: str, **facts: Any) -> list[Finding]:
    found = TargetInspector().inspect(build_context(model, **facts))
    return [finding for finding in found if finding.id == id]


def summary(found: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.severity.label, finding.layers) for finding in found]


@quiet("target-differs")
@pytest.mark.parametrize(
    ("made_for", "target", "lines"),
    [
        ("hailo8", "hailo8", ()),
        ("hailo8", "", ()),
        (None, "hailo8", ()),
        ("hailo8l", "hailo8l", (DEFAULTED,)),
        ("hailo8l", "hailo8l", (CHANGED,)),
        ("hailo15h", "hailo15h", (CHANGED,)),
    ],
)
def test_the_chip_of_the_archive(made_for: str | None, target: str, lines: tuple[str, ...]) -> None:
    model = archive(hw_arch=made_for)
    assert findings(model, "target-differs", target=target, dfc_logs=(run(*lines),)) == []


@loud("target-differs")
@pytest.mark.parametrize(
    ("made_for", "version", "target", "words"),
    [
        ("hailo8", "3.33.0", "hailo8l", "Name hailo8l as hw_arch when you parse"),
        ("hailo15h", "5.2.0", "hailo10h", "Name hailo10h as hw_arch when you parse"),
        ("hailo8", "3.33.0", "hailo10h", "with a 5.x compiler"),
        ("hailo15h", "5.0.0", "hailo8", "with a 3.x compiler"),
        ("hailo8", None, "hailo15m", "Name hailo15m as hw_arch"),
        ("hailo8", "3.33.0", "hailo99", "Name hailo99 as hw_arch"),
    ],
)
def test_an_archive_for_another_chip(
    made_for: str, version: str | None, target: str, words: str
) -> None:
    model = archive(hw_arch=made_for, sdk_version=version)
    # What the log says of the chip adds nothing to the error.
    (found,) = findings(model, "target-differs", target=target, dfc_logs=(run(DEFAULTED),))
    assert summary([found]) == [("error", ())]
    assert found.evidence.startswith(f"made for {made_for}, -a names {target}")
    assert ("compiler" in words) is (f"the compiler was {version}" in found.evidence)
    assert words in found.remedy
    compiled = archive(hw_arch=made_for, state="compiled_model")
    (found,) = findings(compiled, "target-differs", target=target)
    assert "The program in the archive" in found.why


@loud("target-differs")
@pytest.mark.parametrize(
    ("line", "headline", "evidence"),
    [
        (DEFAULTED, "because nobody named one", "hailo8"),
        (CHANGED, "started for another chip", "hailo8l, the archive is for hailo8"),
    ],
)
def test_a_chip_that_nobody_chose(line: str, headline: str, evidence: str) -> None:
    (found,) = findings(archive(), "target-differs", dfc_logs=(run(line),))
    assert summary([found]) == [("info", ())]
    assert headline in found.headline
    assert found.evidence == evidence
    assert found.quotation in line
    assert str(found.location) == "client.log:2:11"


@quiet("precision-not-on-target")
@pytest.mark.parametrize(
    ("type", "mode", "chip"),
    [
        ("conv", "a8_w8_a8", "hailo8"),
        ("conv", "a16_w16_a16", "hailo8"),
        ("conv", "a8_w4_a8", "hailo8"),
        ("conv", "native", "hailo8"),
        ("matmul", "a8_w8", "hailo8"),
        ("matmul", "a8_w8_a16", "hailo8l"),
        ("softmax", "a16_w16", "hailo8"),
        ("matmul", "a16_w16", "hailo15h"),
        ("conv", "a16_w8", "hailo15l"),
        ("conv", "a16_w8", "hailo15h"),
        ("ew_add", "a16_w16", "hailo15l"),
        ("conv", "a16_w16", "hailo10h"),
        ("matmul", "a16_w16", "hailo99"),
        ("matmul", "a16_w16", ""),
    ],
)
def test_modes_that_the_chip_takes(type: str, mode: str, chip: str) -> None:
    assert findings(archive(type, mode), "precision-not-on-target", target=chip) == []


@loud("precision-not-on-target")
@pytest.mark.parametrize(
    ("type", "mode", "chip", "severity", "instead"),
    [
        ("matmul", "a16_w16_a16", "hailo8", "error", "a8_w8_a16"),
        ("matmul", "a16_w8", "hailo8r", "error", "a8_w8_a16"),
        ("matmul", "a16_w16", "hailo10h", "info", "a8_w8"),
        ("softmax", "a16_w16", "hailo10h", "info", "a8_w8"),
        ("conv", "a16_w8", "hailo8", "info", "a16_w16"),
        ("dw", "a16_w8", "hailo10h", "info", "a16_w16"),
        ("dense", "a16_w4", "hailo15h", "info", "a16_w16"),
        ("conv", "a16_w16", "hailo15l", "info", "a16_w8"),
    ],
)
def test_modes_that_the_chip_rejects(
    type: str, mode: str, chip: str, severity: str, instead: str
) -> None:
    model = archive(type, mode)
    (found,) = findings(model, "precision-not-on-target", target=chip)
    name = f"net/{type}2"
    assert summary([found]) == [(severity, (name,))]
    assert f"{chip} {'does' if severity == 'error' else 'may'} not take {mode}" in found.headline
    assert name in found.evidence
    assert f"Give these layers {instead} with this line" in found.remedy
    assert found.location is None
    assert found.recommendation is not None
    line = f"quantization_param([{name}], precision_mode={instead})"
    assert found.recommendation.commands == (line,)
    assert found.recommendation.default is (severity == "error")
    script = recommended_script([found], None, model.network, Prompter(interactive=False))
    assert (script.added == (line,)) is (severity == "error")
    assert parse_model_script(script.text)


@loud("precision-not-on-target")
def test_a_line_of_the_script_that_asks_for_it_is_named() -> None:
    script = (
        "normalization1 = normalization([0.0], [255.0])\n"
        "  quantization_param({matmul*}, precision_mode=a16_w16)\n"
    )
    model = archive("matmul", script=script, model_script="net.alls")
    (found,) = findings(model, "precision-not-on-target")
    assert summary([found]) == [("error", ("net/matmul1", "net/matmul2"))]
    assert str(found.location) == "net.alls:2:3"
    merged = recommended_script(
        [found], parse_model_script(script), model.network, Prompter(interactive=False)
    )
    assert "precision_mode=a8_w8_a16" in merged.text
    again = archive("matmul", script=merged.text)
    assert findings(again, "precision-not-on-target") == []


@quiet("precision-not-on-target")
def test_of_several_lines_the_last_one_holds() -> None:
    script = (
        "quantization_param({matmul*}, precision_mode=a16_w16)\n"
        "quantization_param([matmul1, matmul2], precision_mode=a8_w8_a16)\n"
        "quantization_param([matmul1], precision_mode=7)\n"
    )
    assert findings(archive("matmul", script=script), "precision-not-on-target") == []


def test_what_is_certain_comes_first() -> None:
    layers = [
        build_layer("conv1", mode="a16_w8"),
        build_layer("matmul1", mode="a16_w16"),
        build_layer("conv2", mode="a16_w4"),
    ]
    found = findings(build_model([build_layer("input_layer1"), *layers]), "precision-not-on-target")
    assert summary(found) == [
        ("error", ("net/matmul1",)),
        ("info", ("net/conv1",)),
        ("info", ("net/conv2",)),
    ]


@quiet("runtime-pair")
@pytest.mark.parametrize("version", [None, "", "3", "x.y", "2.9.0", "3.27.0", "3.99.0", "9" * 99])
def test_compilers_of_which_no_runtime_is_known(version: str | None) -> None:
    model = archive(sdk_version=version)
    assert findings(model, "runtime-pair") == []
    (said,) = TargetInspector().not_checked(build_context(model))
    assert "which HailoRT fits" in str(said)


@loud("runtime-pair")
@pytest.mark.parametrize(
    ("version", "runtime"),
    [
        ("3.22.1", "4.12"),
        ("3.30.0", "4.20"),
        ("3.31", "4.21"),
        ("3.32.0", "4.22"),
        ("3.33.1.dev7", "4.23"),
        ("5.2.0", "5.2"),
    ],
)
def test_the_runtime_of_a_compiler(version: str, runtime: str) -> None:
    (found,) = findings(archive(sdk_version=version), "runtime-pair")
    assert summary([found]) == [("info", ())]
    assert found.evidence == f"Dataflow Compiler {version}"
    assert found.headline.endswith(f"HailoRT {runtime}")
    assert found.asks_for_nothing


def test_what_is_not_recorded_is_said() -> None:
    empty = archive(hw_arch=None, sdk_version=None)
    context = build_context(empty)
    assert "neither a chip nor a compiler" in str(
        inspectors.run(TargetInspector, context).skipped or ""
    )
    named = build_context(empty, target="hailo99")
    said = inspectors.run(TargetInspector, named).not_checked
    assert [each.reason.partition(" ")[0] for each in said] == ["for", "which", "which"]
    assert "'hailo99' is unknown" in said[1].reason
    assert "hailo8l or hailo8r with -a" in said[1].remedy


def test_odd_archives_do_no_harm() -> None:
    model = archive(hw_arch=["hailo8"], sdk_version=3.33, model_script=7, script="x(")
    context = dataclasses.replace(build_context(archive()), model=model)
    result = inspectors.run(TargetInspector, context)
    assert result.crashed == ""
    assert "target-differs" in [finding.id for finding in result.findings]


def test_the_tables_know_the_chips_and_types_of_the_rest() -> None:
    assert set(KNOWN_CHIPS) == CHIPS == set(COMPILER_LINES)
    assert set(WEIGHT_TYPES) == MULTIPLYING_TYPES
    assert all(rule.chips <= CHIPS and rule.reason and rule.source for rule in REJECTIONS)
    assert all(pair.source for pair in PAIRS.values())
    assert compiler_line("5.2.0") == "5.x"
    assert compiler_line("") == ""
    assert runtime_for(" 3.33") == PAIRS[3, 33]


@pytest.mark.parametrize("chip", sorted(CHIPS))
def test_the_widest_mode_is_never_one_that_the_chip_rejects(chip: str) -> None:
    for layer_type in ("conv", "dense", "matmul", "softmax", "ew_add", "deconv"):
        mode = parse_precision_mode(widest_mode(layer_type, chip) or "a8_w8")
        assert mode is not None, layer_type
        refused = rejection(layer_type, chip, mode.input_bits, mode.weight_bits)
        assert refused is None, layer_type


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_fit_their_own_chip(name: str) -> None:
    result = inspectors.run(TargetInspector, build_context(sample_model(name)))
    assert [finding.id for finding in result.findings] == ["runtime-pair"]
    assert result.not_checked == ()
