"""The archive's own script; its single lines are tested with the linter."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

import inspectors
from inspectors.base_inspector import Context
from inspectors.model_script_inspector import ModelScriptInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    replaced,
)
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.errors import ScriptError
from utils.findings import Finding, InspectorResult, Location, NotChecked, Severity
from utils.har.model import Model
from utils.measurements import LayerMeasurement
from utils.model_script import parse_model_script
from utils.model_script.lint import MAX_PROBLEMS, lint_problems
from utils.model_script.lint.findings import MAX_SCRIPT_CHARACTERS
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

CLEAN = """\
normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])
model_optimization_flavor(optimization_level=1, compression_level=0)
quantization_param({conv*}, precision_mode=a16_w16)
quantization_param(conv1, precision_mode=a8_w8)
pre_quantization_optimization(activation_clipping, layers=[conv1], mode=percentile,\
 clipping_values=[0.01, 99.9])
"""


def model(script: str | None, native: Any = None, **metadata: Any) -> Model:
    built = build_model(script=script, **metadata)
    if native is not None:
        archive = replaced_archive(built, {"native_hn": native})
        return replace(built, archive=archive)
    return built


def replaced_archive(built: Model, json: dict[str, Any]) -> Any:
    return type(built.archive)(**{**built.archive.__dict__, "json": json})


def context(script: str | None, **facts: Any) -> Context:
    # The archive's script may not follow the grammar, so that the context holds none.
    complete = build_context(model(None))
    parsed = None
    with suppress(ScriptError):
        parsed = None if script is None else parse_model_script(script)
    return replace(complete, model=model(script, **facts), script=parsed)


def run(script: str | None, **facts: Any) -> InspectorResult:
    result = inspectors.run(ModelScriptInspector, context(script, **facts))
    assert result.crashed == ""
    return result


def summary(result: InspectorResult) -> list[tuple[str, Severity, int]]:
    return [
        (finding.id, finding.severity, finding.location.line)
        for finding in result.findings
        if finding.location
    ]


@quiet(
    "script-syntax",
    "script-unknown-command",
    "script-unknown-argument",
    "script-bad-value",
    "script-unknown-layer",
    "script-conflict",
    "script-repeated",
    "script-unassigned-normalization",
    "script-blanket-clipping",
)
def test_a_clean_script_is_silent() -> None:
    result = run(CLEAN)
    assert (result.findings, str(result.skipped or ""), result.not_checked) == ((), "", ())


def test_without_a_script_there_is_nothing_to_judge() -> None:
    assert str(run(None).skipped or "") == "the archive holds no model script"


def test_an_empty_script_is_clean() -> None:
    assert run("").findings == ()


@loud(
    "script-syntax",
    "script-unknown-command",
    "script-unknown-argument",
    "script-bad-value",
    "script-unknown-layer",
    "script-conflict",
    "script-repeated",
    "script-unassigned-normalization",
    "script-blanket-clipping",
)
def test_every_fault_is_found_in_its_line() -> None:
    lines = [
        "normalization([0, 0, 0], [1, 1, 1])",
        'nms_postprocess("x.json" meta_arch=yolov8)',
        "quantisation_param(conv1, precision_mode=a8_w8)",
        "model_optimization_config(optimization_level=2)",
        "quantization_param(conv1, precision_mode=mixed)",
        "quantization_param(conv42, use_16bit_bias=True)",
        "set_seed(seed=1)",
        "set_seed(seed=2)",
        "set_seed(seed=2)",
        "pre_quantization_optimization(weights_clipping, layers={*}, mode=manual,"
        " clipping_values=[-1, 1])",
    ]
    assert summary(run("\n".join(lines))) == [
        ("script-unassigned-normalization", Severity.WARNING, 1),
        ("script-syntax", Severity.ERROR, 2),
        ("script-unknown-command", Severity.ERROR, 3),
        ("script-unknown-argument", Severity.ERROR, 4),
        ("script-bad-value", Severity.ERROR, 5),
        ("script-unknown-layer", Severity.ERROR, 6),
        ("script-conflict", Severity.WARNING, 8),
        ("script-repeated", Severity.INFO, 9),
        ("script-blanket-clipping", Severity.WARNING, 10),
    ]


def test_a_finding_says_where_it_stands() -> None:
    line = "\n  quantisation_param(conv1, use_16bit_bias=True)"
    (finding,) = run(line, model_script="net.alls").findings
    assert finding.location == Location("net.alls", 2, 3)
    assert finding.headline == "The command quantisation_param does not exist"
    assert finding.evidence == "line 2, column 3 of the model script"
    assert finding.remedy == (
        "In line 2 of the model script, write `quantization_param(conv1, use_16bit_bias=True)`."
    )
    assert run(line).findings[0].location == Location("model script", 2, 3)


def test_layers_of_the_parsed_network_exist_and_their_names_are_taken() -> None:
    native = {
        "layers": {
            "net/input_layer1": {"type": "input_layer", "output": ["net/bn1"]},
            "net/bn1": {"type": "normalization", "input": ["net/input_layer1"], "output": []},
        }
    }
    use = "quantization_param(bn1, precision_mode=a16_w16)"
    assert summary(run(use)) == [("script-unknown-layer", Severity.ERROR, 1)]
    assert run(use, native=native).findings == ()
    taken = "bn1 = normalization([0], [1])"
    assert run(taken).findings == ()
    assert summary(run(taken, native=native)) == [("script-conflict", Severity.WARNING, 1)]


@pytest.mark.parametrize("native", [{}, [], None, {"layers": {"a": {"type": 3}}}])
def test_a_damaged_parsed_network_is_done_without(native: Any) -> None:
    built = model(CLEAN)
    odd = replace(built, archive=replaced_archive(built, {"native_hn": native}))
    result = inspectors.run(ModelScriptInspector, build_context(odd))
    assert (result.findings, result.crashed) == ((), "")


def test_layers_that_only_the_float_network_has_exist() -> None:
    layers = [build_layer("input_layer1"), build_layer("conv1"), build_layer("output_layer1")]
    fused = [*layers[:2], build_layer("ew_add7"), layers[2]]
    built = build_model(
        layers,
        float_layers=[replaced(layer) for layer in fused],
        script="quantization_param(ew_add7, precision_mode=a16_w16)",
    )
    assert inspectors.run(ModelScriptInspector, build_context(built)).findings == ()


@pytest.mark.parametrize(
    ("script", "clean"),
    [
        (
            "post_quantization_optimization(finetune, policy=enable, epochs=4)",
            "post_quantization_optimization(finetune, policy=enabled, epochs=4)",
        ),
        (
            "model_optimization_flavor(optimization_level=1)\n"
            "model_optimization_flavor(compression_level=0)",
            "model_optimization_flavor(compression_level=0, optimization_level=1)",
        ),
        ("change_output_activation(conv1, sigmod)", "change_output_activation(conv1, sigmoid)"),
    ],
)
def test_a_recommended_line_takes_the_place_of_the_wrong_one(script: str, clean: str) -> None:
    findings = run(script).findings
    assert [len(f.recommendation.commands) for f in findings if f.recommendation] == [1]
    merged = recommended(findings, script)
    assert clean in merged.splitlines()
    parse_model_script(merged)
    assert {p.severity.label for p in lint_problems(merged, model(None).network)} <= {"info"}


def recommended(findings: tuple[Finding, ...], script: str) -> str:
    network = model(None).network
    own = parse_model_script(script)
    return recommended_script(findings, own, network, Prompter(interactive=False)).text


@pytest.mark.parametrize(
    "script",
    [
        # The wrong word would stay beside the right one.
        "quantisation_param(conv1, use_16bit_bias=True)",
        "model_optimization_config(calibration, calibset_siz=64)",
        "change_output_activation(sigmoid, conv1)",
        "change_output_activation(conv1, softmax)",
        "c1 = input_conversion(bgr2rgb)",
        # Whether the chip takes it is not known here.
        "quantization_param(conv1, precision_mode=a16w16)",
        "set_seed(seed=1)\nset_seed(seed=2)",
    ],
)
def test_nothing_is_recommended_that_merging_does_not_put_right(script: str) -> None:
    findings = run(script).findings
    assert findings
    assert all(finding.recommendation is None for finding in findings)


@pytest.mark.parametrize(
    "script",
    ["\0" * 100, "\x1b[31mset_seed(\x1b)", "x(" * 5_000, "é(ü=\u2028)", "{[(", "#" * 9_999],
)
def test_odd_scripts_end_in_findings(script: str) -> None:
    for finding in run(script).findings:
        assert finding.message.isprintable()


UNIT = "normalization1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])"


@loud("script-unit-normalization")
def test_normalization_in_units_of_0_to_1_where_nobody_knows_the_values() -> None:
    (finding,) = run(UNIT).findings
    assert (finding.id, finding.severity) == ("script-unit-normalization", Severity.WARNING)
    assert finding.recommendation is None


@quiet("script-unit-normalization")
def test_where_the_values_are_known_others_tell_the_unit() -> None:
    built = build_model(script=UNIT)
    measured = build_context(
        built, build_measurements(input_layer1=LayerMeasurement(build_statistics()))
    )
    assert measured.output_statistics(built.network.input_layers[0].name) is not None
    assert inspectors.run(ModelScriptInspector, measured).findings == ()


def test_the_chip_of_the_command_line_counts() -> None:
    line = "model_optimization_config(calibration, batch_size=1, use_saitama=True)"
    built = build_model(script=line, hw_arch="hailo10h")
    assert inspectors.run(ModelScriptInspector, build_context(built)).findings == ()
    other = replace(build_context(built), target="hailo8")
    assert len(inspectors.run(ModelScriptInspector, other).findings) == 1


def test_what_is_too_much_is_said() -> None:
    text = "model_optimization_flavor(optimization_level=9)\n" * (MAX_PROBLEMS + 1)
    result = run(text)
    assert len(result.findings) == MAX_PROBLEMS
    assert result.not_checked == (
        NotChecked(f"problems of the model script beyond the first {MAX_PROBLEMS}"),
    )
    assert "longer than" in str(run("#" * (MAX_SCRIPT_CHARACTERS + 1)).skipped)


@quiet("script-syntax", "script-unknown-layer", "script-conflict", "script-bad-value")
@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_have_clean_scripts_or_none(name: str) -> None:
    result = inspectors.run(ModelScriptInspector, build_context(sample_model(name)))
    assert (result.findings, result.crashed, result.not_checked) == ((), "", ())
    assert bool(str(result.skipped or "")) is (name != "jet_cnn_q16")
