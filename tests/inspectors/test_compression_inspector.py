from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from inspectors.base_inspector import Context
from inspectors.compression_inspector import CompressionInspector, fragile_layers
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_model,
    build_network,
    build_noise,
    build_noise_measurements,
    chain,
    scoped,
)
from tests.fixtures.outcomes import build_plan
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements.output_kind import OutputKind

KERNELS = {"conv1": 100, "conv2": 200, "dw1": 50, "conv3": 250, "fc1": 400}
EXPLICIT_SCRIPTS = [
    "model_optimization_flavor(compression_level=1)",
    "model_optimization_flavor(optimization_level=2, compression_level=5)",
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.2)",
    "quantization_param([conv2, conv3], precision_mode=a8_w4)",
    "quantization_param({conv*}, precision_mode=a8_w4_a16)",
    "model_optimization_flavor(compression_level=0)\n"
    "model_optimization_flavor(compression_level=1)\n"
    "model_optimization_flavor(optimization_level=2)",
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)\n"
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.2)",
    "quantization_param([conv2, conv3], precision_mode=a8_w8)\n"
    "quantization_param([conv2, conv3], precision_mode=a8_w4)",
    "quantization_param(net/conv2, precision_mode=a8_w4)\n"
    "quantization_param(net/conv3, precision_mode=a8_w4_exp)",
]
INEXPLICIT_SCRIPTS = [
    None,
    "",
    "model_optimization_flavor(optimization_level=2)",
    "model_optimization_flavor(optimization_level=2, compression_level=0)",
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
    "model_optimization_config(compression_params, auto_16bit_weights_ratio=1)",
    "quantization_param([conv2, conv3], precision_mode=a8_w8)",
    "quantization_param([fc1], precision_mode=a8_w4)",
    "model_optimization_flavor(compression_level=1)\n"
    "model_optimization_flavor(compression_level=0)",
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.2)\n"
    "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
    "quantization_param([conv2, conv3], precision_mode=a8_w4)\n"
    "quantization_param([conv2, conv3], precision_mode=a8_w8)",
]


def model_with_modes(script: str | None = None, default: str = "a8_w8_a8", **modes: str) -> Model:
    layers = [
        build_layer("input_layer1"),
        *(
            build_layer(
                name,
                type={"dw1": "dw", "fc1": "dense"}.get(name, "conv"),
                mode=modes.get(name, default),
                original_names=(f"/{name}/Conv", f"/{name}/Relu"),
            )
            for name in KERNELS
        ),
        build_layer("output_layer1", mode=default),
    ]
    kernels = {f"{name}/kernel": np.zeros(size, np.int8) for name, size in KERNELS.items()}
    return build_model(layers, quantized=kernels, script=script)


def findings(model: Model) -> list[Finding]:
    return list(CompressionInspector().inspect(build_context(model)))


def summary(found: list[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in found]


@quiet("weights-compressed", "implicit-compression", "fragile-layer-compressed")
@pytest.mark.parametrize("mode", ["a8_w8_a8", "a8_w8", "a16_w16_a16", "a8_w8_a16", "native", ""])
def test_nothing_is_found_without_4_bit_weights(mode: str) -> None:
    assert findings(model_with_modes(default=mode)) == []


def test_layers_without_weights_do_not_count() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1"),
        build_layer("ew_add1", mode="a8_w4"),
    ]
    assert findings(build_model([*layers, build_layer("output_layer1", mode="a8_w4")])) == []


@quiet("implicit-compression")
@loud("weights-compressed")
@pytest.mark.parametrize("script", EXPLICIT_SCRIPTS)
def test_compression_that_was_asked_for_is_only_reported(script: str) -> None:
    model = model_with_modes(script, conv2="a8_w4_a8", conv3="a8_w4")
    (found,) = findings(model)
    assert summary([found]) == [("weights-compressed", "info", ("net/conv2", "net/conv3"))]
    assert found.measured == {"share": 0.45, "weights": 450, "all_weights": 1000}


@loud("implicit-compression")
@pytest.mark.parametrize("script", INEXPLICIT_SCRIPTS)
def test_compression_that_nobody_asked_for(script: str | None) -> None:
    model = model_with_modes(script, conv2="a8_w4_a8", conv3="a8_w4")
    found = findings(model)
    layers = ("net/conv2", "net/conv3")
    assert summary(found) == [
        ("weights-compressed", "info", layers),
        ("implicit-compression", "warning", layers),
    ]
    assert found[1].recommendation is not None
    assert found[1].recommendation.commands == (
        "model_optimization_flavor(compression_level=0)",
        "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
    )


def test_only_the_layers_that_no_line_explains_are_implicit() -> None:
    script = "quantization_param([conv3], precision_mode=a8_w4)"
    found = findings(model_with_modes(script, conv2="a8_w4", conv3="a8_w4"))
    assert summary(found)[1:] == [("implicit-compression", "warning", ("net/conv2",))]


@quiet("implicit-compression")
def test_nothing_is_called_implicit_where_the_script_cannot_be_parsed() -> None:
    model = model_with_modes(script="", conv2="a8_w4")
    broken: Context = dataclasses.replace(build_context(model), script=None)
    ids = [found.id for found in CompressionInspector().inspect(broken)]
    assert ids == ["weights-compressed"]


@quiet("fragile-layer-compressed")
@loud("fragile-layer-compressed")
@pytest.mark.parametrize(
    ("modes", "fragile", "commands"),
    [
        ({"conv2": "a8_w4", "conv3": "a8_w4"}, (), ()),
        ({"conv1": "a8_w4"}, ("conv1",), ("[net/conv1], precision_mode=a8_w8",)),
        ({"fc1": "a8_w4_a8"}, ("fc1",), ("[net/fc1], precision_mode=a8_w8",)),
        ({"dw1": "a8_w4"}, ("dw1",), ("[net/dw1], precision_mode=a8_w8",)),
        (
            {"conv1": "a8_w4", "conv2": "a8_w4", "dw1": "a8_w4", "fc1": "a8_w4"},
            ("conv1", "dw1", "fc1"),
            ("[net/conv1, net/dw1, net/fc1], precision_mode=a8_w8",),
        ),
        (
            {"conv1": "a8_w4_a16", "dw1": "a16_w4", "fc1": "a16_w4_a8"},
            ("conv1", "dw1", "fc1"),
            (
                "[net/conv1], precision_mode=a8_w8_a16",
                "[net/dw1], precision_mode=a16_w8",
                "[net/fc1], precision_mode=a16_w8_a8",
            ),
        ),
    ],
)
def test_fragile_layers_keep_8_bit_weights(
    modes: dict[str, str], fragile: tuple[str, ...], commands: tuple[str, ...]
) -> None:
    script = "".join(f"quantization_param({n}, precision_mode={m})\n" for n, m in modes.items())
    found = findings(model_with_modes(script, **modes))[1:]
    expected = ("fragile-layer-compressed", "warning", tuple(map(scoped, fragile)))
    assert summary(found) == ([expected] if fragile else [])
    recommended = [f.recommendation.commands for f in found if f.recommendation]
    assert recommended == ([tuple(f"quantization_param({c})" for c in commands)] if fragile else [])


@quiet("fragile-layer-compressed")
@loud("fragile-layer-compressed")
@pytest.mark.parametrize(
    ("wrong", "kind", "severity"),
    [
        (0, "classes", "info"),
        (20, "classes", "warning"),
        (0, "unknown", "warning"),
        (0, "regression", "warning"),
    ],
)
def test_a_fragile_layer_that_costs_no_decision_presses_nobody(
    wrong: int, kind: OutputKind, severity: str
) -> None:
    script = "quantization_param(fc1, precision_mode=a8_w4)"
    context = build_context(model_with_modes(script, fc1="a8_w4_a8"), agreed(wrong, kind))
    found = list(CompressionInspector().inspect(context))[-1]
    assert (found.id, found.severity.label) == ("fragile-layer-compressed", severity)
    assert found.asks_for_nothing is (severity == "info")


LEVEL_OFF = "model_optimization_flavor(compression_level=0)"
RATIO_OFF = "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)"
KEPT = "quantization_param([net/conv2], precision_mode=a8_w4)"


@pytest.mark.parametrize(
    ("script", "others"),
    [
        ("model_optimization_flavor(compression_level=2)", (LEVEL_OFF, KEPT)),
        (
            "model_optimization_flavor(compression_level=1)\n"
            "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.6)",
            (LEVEL_OFF, RATIO_OFF, KEPT),
        ),
        (
            "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.6)\n"
            "quantization_param(conv2, precision_mode=a8_w4)",
            (RATIO_OFF,),
        ),
        (
            "model_optimization_flavor(compression_level=2)\n"
            "quantization_param([fc1, conv2], precision_mode=a8_w4)",
            (),
        ),
    ],
)
def test_what_chose_a_fragile_layer_is_switched_off_and_its_other_choices_stay(
    script: str, others: tuple[str, ...]
) -> None:
    found = findings(model_with_modes(script, fc1="a8_w4_a8", conv2="a8_w4"))[-1]
    assert found.recommendation is not None
    own = "quantization_param([net/fc1], precision_mode=a8_w8)"
    assert found.recommendation.commands == (own, *others)


def test_the_line_that_lets_the_compiler_choose_is_named() -> None:
    script = (
        "model_optimization_flavor(compression_level=0)\n"
        "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.6)"
    )
    (found,) = findings(model_with_modes(script, conv2="a8_w4"))
    assert "line 2 of the model script" in found.evidence
    assert "auto_4bit_weights_ratio=0.6" in found.evidence
    assert found.location is not None
    assert found.location.line == 2


@pytest.mark.parametrize(
    ("planned", "has_lines"), [("a16_w16", False), ("a8_w8", True), ("", True)]
)
def test_a_plan_that_gives_a_fragile_layer_more_bits_has_the_lines(
    planned: str, *, has_lines: bool
) -> None:
    modes = {scoped("fc1"): planned} if planned else {scoped("conv2"): "a16_w16"}
    plan = build_plan(modes, is_asked=True)
    script = "quantization_param(fc1, precision_mode=a8_w4)"
    model = model_with_modes(script, fc1="a8_w4_a8")
    context = build_context(model, build_noise_measurements(None, plan=plan))
    found = list(CompressionInspector().inspect(context))[-1]
    assert found.id == "fragile-layer-compressed"
    assert (found.recommendation is not None) == has_lines
    assert found.remedy.startswith(
        "Give net/fc1 8-bit weights" if has_lines else "Give net/fc1 16 bit and"
    )


def by_share(script: str, of_fragile: float, of_others: float, **plan: str) -> list[Finding]:
    """What is told where fc1, conv2 and conv1 alone leave so many dB at the output."""
    model = model_with_modes(script, fc1="a8_w4_a8", conv2="a8_w4")
    alone = {"fc1": of_fragile, "conv2": of_others, "conv1": 20.0}
    noise = build_noise({"output_layer1": 9.0}, sensitivity=alone)
    modes = {scoped(name): mode for name, mode in plan.items()}
    eight_bit = tuple(name for name, mode in modes.items() if mode == "a8_w8")
    planned = build_plan(modes, is_asked=True, eight_bit=eight_bit)
    measured = build_noise_measurements(noise, plan=planned if plan else None)
    return list(CompressionInspector().inspect(build_context(model, measured)))[1:]


NOBODY_ASKED = [("implicit-compression", "warning", ("net/conv2", "net/fc1"))]
FRAGILE = ("fragile-layer-compressed", "warning", ("net/fc1",))


@loud("implicit-compression")
@quiet("fragile-layer-compressed")
@pytest.mark.parametrize(
    ("of_fragile", "of_others", "plan"),
    [(30.0, 10.0, {}), (10.0, 30.0, {"fc1": "a8_w8", "conv1": "a16_w16"})],
    ids=["others cost more", "8-bit weights do not mend it"],
)
def test_compression_that_costs_most_and_nobody_asked_for_is_told_alone(
    of_fragile: float, of_others: float, plan: dict[str, str]
) -> None:
    found = by_share("", of_fragile, of_others, **plan)
    assert summary(found) == NOBODY_ASKED
    assert found[0].removes_cause
    assert "of the noise of the worst output" in found[0].evidence
    assert found[0].measured["share"] > 0.5
    assert_well_worded(found[0])


@loud("fragile-layer-compressed")
@pytest.mark.parametrize(
    ("of_fragile", "of_others", "plan"),
    [(10.0, 30.0, {}), (10.0, 30.0, {"fc1": "a8_w8"}), (30.0, 30.0, {})],
    ids=["the fragile one costs most", "8-bit weights mend it", "others make the noise"],
)
def test_a_fragile_layer_is_told_where_it_costs_most_or_compression_costs_little(
    of_fragile: float, of_others: float, plan: dict[str, str]
) -> None:
    found = by_share("", of_fragile, of_others, **plan)
    assert summary(found) == [*NOBODY_ASKED, FRAGILE]
    assert not found[0].removes_cause


def test_a_fragile_layer_that_the_script_compresses_is_told_in_any_case() -> None:
    found = by_share("quantization_param(fc1, precision_mode=a8_w4)", 30.0, 10.0)
    assert [each.id for each in found] == ["implicit-compression", "fragile-layer-compressed"]


def roles(*layers: Layer) -> dict[str, str]:
    return {
        name.removeprefix("net/"): role.split()[1]
        for name, role in fragile_layers(build_network(layers)).items()
    }


def test_first_and_last_are_found_behind_layers_without_weights() -> None:
    assert roles(
        *chain(
            build_layer("input_layer1"),
            build_layer("normalization1"),
            build_layer("conv1"),
            build_layer("maxpool1"),
            build_layer("conv2"),
            build_layer("conv3"),
            build_layer("softmax1"),
            build_layer("output_layer1"),
        )
    ) == {"conv1": "first", "conv3": "last"}


def test_every_input_has_a_first_and_every_output_a_last_layer() -> None:
    assert roles(
        build_layer("input_layer1"),
        build_layer("input_layer2"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["input_layer2"]),
        build_layer("ew_add1", inputs=["conv1", "conv2"]),
        build_layer("conv3", inputs=["ew_add1"]),
        build_layer("conv4", inputs=["conv3"]),
        build_layer("conv5", inputs=["conv4"]),
        build_layer("conv6", inputs=["conv4"]),
        build_layer("conv7", inputs=["conv3"]),
        build_layer("concat1", inputs=["conv5", "conv6"]),
        build_layer("output_layer1", inputs=["concat1"]),
        build_layer("output_layer2", inputs=["conv3"]),
        build_layer("output_layer3", inputs=["conv7"]),
    ) == {
        "conv1": "first",
        "conv2": "first",
        "conv3": "last",
        "conv5": "last",
        "conv6": "last",
        "conv7": "last",
    }


def test_the_skipped_layer_of_a_residual_block_is_not_the_last() -> None:
    assert roles(
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"]),
        build_layer("conv2", inputs=["conv1"]),
        build_layer("conv3", inputs=["conv2"]),
        build_layer("ew_add1", inputs=["conv2", "conv3"]),
        build_layer("output_layer1", inputs=["ew_add1"]),
    ) == {"conv1": "first", "conv3": "last"}


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([build_layer("input_layer1"), build_layer("conv1")], ""),
        ([build_layer("input_layer1"), build_layer("conv1", mode=""), build_layer("conv2")], ""),
        ([build_layer("input_layer1"), build_layer("conv1", mode="")], "precision mode"),
        ([build_layer("input_layer1"), build_layer("softmax1")], "has weights"),
    ],
)
def test_skips_with_a_reason(layers: list[Layer], reason: str) -> None:
    context = build_context(build_model([*layers, build_layer("output_layer1")]))
    skipped = str(CompressionInspector().should_skip(context))
    assert reason in skipped
    assert bool(skipped) == bool(reason)


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_are_not_compressed(name: str) -> None:
    context = build_context(sample_model(name))
    assert str(CompressionInspector().should_skip(context)) == ""
    assert list(CompressionInspector().inspect(context)) == []
