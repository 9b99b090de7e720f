from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from inspectors.base_inspector import Context
from inspectors.wide_range_inspector import WideRangeInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    scoped,
    stored_statistics,
)
from tests.fixtures.outcomes import build_plan
from tests.house.evidence import loud, quiet
from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from utils.findings import Finding, Location
from utils.har.network import Layer
from utils.measurements import LayerMeasurement
from utils.measurements.agreement import AgreementMeasurements

Range = tuple[float, float]
FORCE = "quantization_param([conv1], force_range_out=[0.0, 600.0])"
CLIP = "pre_quantization_optimization(activation_clipping, layers=[conv1], mode=manual, "
CLIP += "clipping_values=[0, 600])"


def row(*layers: Layer) -> list[Layer]:
    return [build_layer("input_layer1"), *layers, build_layer("output_layer1")]


def coded_for(low: float, high: float, highest: int = 255) -> dict[str, Any]:
    return {
        "conv1/limvals_out": [low, high],
        "conv1/layer_params/output_scales": [[(high - low) / highest] * 3],
    }


def context_of(
    script: str | None,
    seen: Range | None = (0.0, 5.6),
    coded: Range = (0.0, 600.0),
    layers: Sequence[Layer] | None = None,
    samples: int = 64,
    **quantized: Any,
) -> Context:
    layers = layers or row(build_layer("conv1", activation="relu"), build_layer("conv2"))
    model = build_model(layers, quantized={**coded_for(*coded), **quantized}, script=script)
    measured = {"conv1": LayerMeasurement(build_statistics(*seen))} if seen else {}
    return build_context(model, build_measurements(samples, **measured))


def inspect(*args: Any, **facts: Any) -> list[Finding]:
    return list(WideRangeInspector().inspect(context_of(*args, **facts)))


@quiet("forced-range-too-wide")
@pytest.mark.parametrize(
    ("script", "seen", "coded"),
    [
        (None, (0, 5.6), (0, 600)),
        (FORCE, (0, 151), (0, 600)),
        (FORCE, (0, 580), (0, 600)),
        (FORCE, (0, 5.6), (0, 5.6)),  # the archive is another than the script would make
        (FORCE, None, (0, 600)),
        (FORCE, (0, 0), (0, 600)),
        ("quantization_param([conv2], force_range_out=[0, 600])", (0, 5.6), (0, 600)),
        ("quantization_param([conv1], force_range_in=[0, 600])", (0, 5.6), (0, 600)),
        ("quantization_param([conv1], precision_mode=a16_w16)", (0, 5.6), (0, 600)),
        ("quantization_param([conv1], force_range_out=[0, 7])", (0, 5.6), (0, 600)),
        ("quantization_param([conv1], force_range_out=[0, 1])", (0, 0.1), (0, 1)),
        (f"{FORCE}\nquantization_param([conv1], force_range_out=[0, 6])", (0, 5.6), (0, 6)),
        (CLIP.replace("manual", "disabled"), (0, 5.6), (0, 600)),
        (CLIP.replace("manual", "percentile"), (0, 5.6), (0, 600)),
    ],
)
def test_quiet_where_no_line_makes_a_range_too_wide(
    script: str | None, seen: Range | None, coded: Range
) -> None:
    assert inspect(script, seen, coded) == []


@quiet("forced-range-too-wide")
@pytest.mark.parametrize(
    ("layers", "span"),
    [
        (row(build_layer("conv1", activation="sigmoid")), (0, 6)),
        (row(build_layer("conv1", activation="tanh"), build_layer("conv2")), (-1, 1)),
    ],
)
def test_quiet_where_the_function_gives_the_range(layers: list[Layer], span: Range) -> None:
    script = f"quantization_param([conv1], force_range_out=[{span[0]}, {span[1]}])"
    assert inspect(script, (0.0, 0.1), span, layers) == []


@quiet("forced-range-too-wide")
def test_quiet_at_inputs_with_16_bit_and_on_few_samples() -> None:
    wide = {"input_layer1/limvals_out": [0, 255], "input_layer1/layer_params/output_scales": [[1]]}
    model = build_model(
        quantized=wide, script="quantization_param(input_layer1, force_range_out=[0, 255])"
    )
    entering = build_measurements(input_layer1=LayerMeasurement(build_statistics(0, 1)))
    assert list(WideRangeInspector().inspect(build_context(model, entering))) == []
    sixteen = build_layer("conv1", mode="a8_w8_a16")
    assert inspect(FORCE, layers=row(sixteen, build_layer("conv2"))) == []
    few = context_of(FORCE, samples=7)
    assert list(WideRangeInspector().inspect(few)) == []
    assert [str(each) for each in WideRangeInspector().not_checked(few)]


@loud("forced-range-too-wide")
@pytest.mark.parametrize(
    ("script", "seen", "coded", "bits"),
    [
        (FORCE, (0, 5.6), (0, 600), 6.7),
        (FORCE, (0, 148), (0, 600), 2.0),
        (FORCE, (0, 5.6), (0, 506), 6.5),
        (CLIP, (0, 5.6), (0, 600), 6.7),
        (FORCE.replace("0.0, 600.0", "-1500, 1500"), (-3, 3), (-1500, 1500), 9.0),
        (FORCE.replace("conv1", "output_layer1"), (0, 5.6), (0, 600), 6.7),
        ("quantization_param({conv*}, force_range_out=[0, 600])", (0, 5.6), (0, 600), 6.7),
    ],
)
def test_a_line_that_wastes_codes(script: str, seen: Range, coded: Range, bits: float) -> None:
    (found,) = inspect(script, seen, coded, row(build_layer("conv1", activation="relu")))
    assert (found.severity.label, found.layers) == ("warning", ("net/conv1",))
    assert found.measured == {"bits lost at net/conv1": pytest.approx(bits, abs=0.05)}
    assert found.recommendation is not None
    assert found.recommendation.ranges == {"net/conv1": seen}
    assert found.location == Location("model script", 1, 1)
    assert found.removes_cause


def test_it_names_the_line_the_range_and_the_codes() -> None:
    (found,) = inspect(f"# wide\n{FORCE}")
    assert found.remedy == (
        f"Delete line 2 of the model script, `{FORCE}`, or put the measured range 0 to 5.6 in it, "
        "and quantize again."
    )
    assert found.evidence == (
        "line 2 asks for 0 to 600 at net/conv1, the values span 0 to 5.6 (measured over 64 "
        "samples) and use 3 of 256 codes, which loses 6.7 bits"
    )
    assert found.commands == ("quantization_param([net/conv1], force_range_out=[0, 5.6])",)
    (clipped,) = inspect(CLIP)
    assert clipped.commands[0].startswith("pre_quantization_optimization(activation_clipping, ")


def test_without_data_it_is_what_calibration_stored() -> None:
    stored = stored_statistics("conv1/stats/output_0", build_statistics(0, 5.6))
    model = build_model(optimized=stored, quantized=coded_for(0, 600), script=FORCE)
    (found,) = WideRangeInspector().inspect(build_context(model))
    assert "stored in the archive" in found.evidence


@pytest.mark.parametrize(
    ("error", "silenced", "severity"),
    [(0.0, 0, "info"), (1.0, 0, "warning"), (1.0, 1, "error")],
)
def test_it_is_as_bad_as_what_it_costs_the_output(
    error: float, silenced: int, severity: str
) -> None:
    floats = values(200, 1, 10)
    chip = floats + error * values(200, 1, 10, seed=2)
    chip[..., :silenced] = 0.0
    output = agreeing(batch_of(floats, coded(chip), range(200)))
    agreement = AgreementMeasurements({scoped("output_layer1"): output})
    context = context_of(FORCE, layers=row(build_layer("conv1", activation="relu")))
    assert context.measurements is not None
    measured = replace(context.measurements, agreement=agreement)
    (found,) = WideRangeInspector().inspect(replace(context, measurements=measured))
    assert found.severity.label == severity
    matters = severity != "info"
    assert (bool(found.remedy), found.recommendation is not None) == (matters, matters)
    assert (found.location is not None, found.removes_cause) == (matters, matters)


@pytest.mark.parametrize(("is_planned", "severity"), [(False, "info"), (True, "warning")])
def test_nobody_pays_in_16_bit_for_what_a_line_costs(is_planned: bool, severity: str) -> None:
    floats = values(200, 1, 10)
    output = agreeing(batch_of(floats, coded(floats), range(200)))
    agreement = AgreementMeasurements({scoped("output_layer1"): output})
    context = context_of(FORCE, layers=row(build_layer("conv1", activation="relu")))
    assert context.measurements is not None
    plan = build_plan({"net/conv1": "a16_w16"}) if is_planned else None
    measured = replace(context.measurements, agreement=agreement, plan=plan)
    (found,) = WideRangeInspector().inspect(replace(context, measurements=measured))
    assert found.severity.label == severity
    assert found.removes_cause is is_planned


def test_it_skips_scripts_that_give_no_range() -> None:
    assert "no line" in str(WideRangeInspector().should_skip(context_of(None)))
    assert WideRangeInspector().should_skip(context_of(FORCE)) == ""


def of_lines(*wide: str) -> list[Finding]:
    """Of three lines, those for some layers ask for far too much."""
    names = ("conv1", "conv2", "conv3")
    reach = {name: 600.0 if name in wide else 6.0 for name in names}
    script = "\n".join(
        f"quantization_param([{name}], force_range_out=[0.0, {reach[name]}])" for name in names
    )
    coded = {f"{name}/limvals_out": [0.0, reach[name]] for name in names} | {
        f"{name}/layer_params/output_scales": [[reach[name] / 255] * 3] for name in names
    }
    layers = row(*(build_layer(name, activation="relu") for name in names))
    measured = {name: LayerMeasurement(build_statistics(0.0, 5.6)) for name in names}
    model = build_model(layers, quantized=coded, script=script)
    return list(
        WideRangeInspector().inspect(build_context(model, build_measurements(64, **measured)))
    )


def test_several_lines_are_one_finding_with_one_step() -> None:
    assert of_lines() == []
    (one,) = of_lines("conv2")
    assert one.remedy.startswith("Delete line 2 of the model script, `quantization_param")
    (both,) = of_lines("conv1", "conv3")
    assert both.headline == "Lines of the model script make ranges far wider than their values"
    (every,) = of_lines("conv1", "conv2", "conv3")
    assert every.remedy == (
        "Delete lines 1 to 3 of the model script, or put the measured ranges in them, and "
        "quantize again."
    )
    assert every.layers == ("net/conv1", "net/conv2", "net/conv3")
    assert len(every.commands) == 3
    assert every.removes_cause
